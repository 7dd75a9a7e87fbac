//! Owns tables as text: comma-separated values as RFC 4180 writes them, which no spreadsheet takes for a formula. Knows what a report's
//! columns are called and nothing of files.

use super::{Figures, Group, Line, Share, Spread};

/// A table that is written row by row.
#[derive(Debug, Clone, Default)]
pub struct Table {
    text: String,
}

impl Table {
    pub fn new<C: AsRef<str>>(header: impl IntoIterator<Item = C>) -> Self {
        let mut table = Self::default();
        table.row(header);
        table
    }

    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        for (i, cell) in cells.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            write(&mut self.text, cell.as_ref());
        }
        self.text.push_str("\r\n");
    }

    /// The rows, each ended by CR LF.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The rows since the last call, for tables that are too long to be kept.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// One cell. Where it begins as a formula does, an apostrophe comes before it: spreadsheets then show it as the text that it is.
fn write(text: &mut String, cell: &str) {
    let formula = cell.trim_start_matches(is_skipped).starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let harmless = if formula || cell.starts_with(['\t', '\r', '\n']) { "'" } else { "" };
    if cell.contains([',', ';', '"', '\r', '\n', '\t']) || cell.trim() != cell {
        text.push('"');
        text.push_str(harmless);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(harmless);
        text.push_str(cell);
    }
}

/// What spreadsheets overlook before a formula.
fn is_skipped(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\0')
}

/// A report as a table: a line each, times in whole milliseconds, shares as decimals, nothing where there is nothing. `name` says what a
/// group is called.
pub fn report(lines: &[Line], name: impl Fn(&Group) -> String) -> String {
    let columns: Vec<String> = columns(&Figures::default()).into_iter().map(|(column, _)| column).collect();
    let mut table = Table::new(std::iter::once("group").chain(columns.iter().map(String::as_str)));
    for line in lines {
        let cells = columns_of(line);
        table.row(std::iter::once(name(&line.group)).chain(cells));
    }
    table.into_text()
}

fn columns_of(line: &Line) -> impl Iterator<Item = String> {
    columns(&line.figures).into_iter().map(|(_, cell)| cell)
}

fn columns(figures: &Figures) -> Vec<(String, String)> {
    let Figures { tickets, stays, booked, unreliable, open, finished, transferred, missed, left, cancelled, expired, called, .. } =
        *figures;
    let counts = [
        ("tickets", tickets),
        ("stays", stays),
        ("booked", booked),
        ("unreliable", unreliable),
        ("open", open),
        ("finished", finished),
        ("transferred", transferred),
        ("missed", missed),
        ("left", left),
        ("cancelled", cancelled),
        ("expired", expired),
        ("called", called),
    ];
    let spreads = [
        ("wait", figures.wait),
        ("first_wait", figures.first_wait),
        ("walk", figures.walk),
        ("service", figures.service),
        ("stay", figures.stay),
    ];
    let shares = [("in_time", figures.in_time), ("no_show", figures.no_show), ("abandoned", figures.abandoned)];
    let (estimates, desks) = (figures.estimates, figures.desks);
    let counts = counts.map(|(column, count)| (column.to_owned(), count.to_string())).into_iter();
    let spreads = spreads.into_iter().flat_map(|(column, spread)| spread_columns(column, spread));
    let shares = shares.map(|(column, share)| (column.to_owned(), decimal(share.value()))).into_iter();
    let estimates = [
        ("estimates", estimates.count.to_string()),
        ("estimate_error_ms", whole(estimates.mean_error)),
        ("estimate_inside", decimal(Share::value(estimates.inside))),
    ];
    let desks = [
        ("desks_open_ms", whole(desks.map(|desks| desks.open))),
        ("desks_paused_ms", whole(desks.map(|desks| desks.paused))),
        ("desks_busy_ms", whole(desks.map(|desks| desks.busy))),
        ("desks_idle_ms", whole(desks.map(|desks| desks.idle))),
        ("throughput", decimal(desks.and_then(|desks| desks.throughput()))),
        ("utilisation", decimal(desks.and_then(|desks| desks.utilisation()))),
    ];
    let rest = estimates.into_iter().chain(desks).map(|(column, cell)| (column.to_owned(), cell));
    counts.chain(spreads).chain(shares).chain(rest).collect()
}

fn spread_columns(column: &str, spread: Spread) -> [(String, String); 4] {
    let Spread { mean, p50, p90, max, count: _ } = spread;
    [("mean", mean), ("p50", p50), ("p90", p90), ("max", max)].map(|(part, time)| (format!("{column}_{part}_ms"), whole(time)))
}

fn whole(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn decimal(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.4}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> String {
        let mut table = Table::default();
        table.row(cells);
        table.into_text()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(row(&["a", "", "b c"]), "a,,b c\r\n");
        assert_eq!(row(&["a,b", "say \"hi\"", "two\nlines", " x"]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" x\"\r\n");
        assert_eq!(row(&["ñ", "مريم", "A-017", "2026-11-20"]), "ñ,مريم,A-017,2026-11-20\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(row(&["=1+1", "+1", "-1", "@x"]), "'=1+1,'+1,'-1,'@x\r\n");
        assert_eq!(row(&["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
        assert_eq!(row(&["\t=1", " =1", "\u{200b}=1", "＝1"]), "\"'\t=1\",\"' =1\",'\u{200b}=1,'＝1\r\n");
        assert_eq!(row(&["a=1", "1-2"]), "a=1,1-2\r\n");
    }

    #[test]
    fn a_report_has_as_many_cells_as_columns() {
        let empty = Line { group: Group::All, figures: Figures::default() };
        let full = Figures { tickets: 2, desks: Some(Default::default()), in_time: Share { count: 1, of: 3 }, ..Figures::default() };
        let lines = [empty, Line { group: Group::Hour(9), figures: full }];
        let text = report(&lines, |group| format!("{group:?}"));
        let rows: Vec<Vec<&str>> = text.split_terminator("\r\n").map(|row| row.split(',').collect()).collect();
        assert_eq!((rows.len(), rows[1].len(), rows[2].len()), (3, rows[0].len(), rows[0].len()));
        assert_eq!((rows[1][0], rows[2][0]), ("All", "Hour(9)"));
        let cell = |column: &str| rows[2][rows[0].iter().position(|name| *name == column).expect(column)];
        assert_eq!((cell("tickets"), cell("in_time"), cell("wait_p90_ms"), cell("desks_open_ms")), ("2", "0.3333", "", "0"));
        assert_eq!(rows[0].iter().collect::<std::collections::HashSet<_>>().len(), rows[0].len(), "a column is there once");
    }
}
