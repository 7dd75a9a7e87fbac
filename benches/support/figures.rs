//! Owns the figures of several rounds: tells each as it comes, and puts their medians into a table.

use super::report;

/// The figures of all rounds of one table.
pub struct Figures {
    title: &'static str,
    columns: &'static [&'static str],
    /// A row and its values, one a column.
    pub rows: Vec<(String, Vec<f64>)>,
}

impl Figures {
    pub fn new(title: &'static str, columns: &'static [&'static str]) -> Self {
        Self { title, columns, rows: Vec::new() }
    }

    pub fn add<const N: usize>(&mut self, row: impl Into<String>, values: [f64; N]) {
        let row = row.into();
        let said: Vec<String> =
            self.columns.iter().zip(values).map(|(column, value)| format!("{column} {}", report::figure(value))).collect();
        eprintln!("    {}, {row}: {}", self.title, said.join(", "));
        self.rows.push((row, values.to_vec()));
    }

    /// Medians.
    pub fn table(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for (row, _) in &self.rows {
            if !names.contains(&row.as_str()) {
                names.push(row);
            }
        }
        let cell = |row: &str, column: usize| {
            let values: Vec<f64> = self.rows.iter().filter(|(name, _)| name == row).map(|(_, values)| values[column]).collect();
            report::median(&values).map_or_else(|| "–".to_owned(), report::figure)
        };
        let rows: Vec<Vec<String>> = names
            .iter()
            .map(|row| std::iter::once((*row).to_owned()).chain((0..self.columns.len()).map(|column| cell(row, column))).collect())
            .collect();
        report::table(&std::iter::once(self.title).chain(self.columns.iter().copied()).collect::<Vec<_>>(), &rows)
    }
}
