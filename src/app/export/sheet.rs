//! Owns how rows become text: CSV with a header, or a JSON array with an object a line.

use std::io::{Result, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::config;
use crate::office::figures::csv::Table;

/// Rows on their way out.
pub struct Sheet<W: Write> {
    columns: Vec<&'static str>,
    form: Form,
    out: W,
}

enum Form {
    Csv(Table),
    Json { empty: bool },
}

impl<W: Write> Sheet<W> {
    pub fn new(format: config::Sheet, columns: Vec<&'static str>, out: W) -> Result<Self> {
        let form = match format {
            config::Sheet::Csv => Form::Csv(Table::new(&columns)),
            config::Sheet::Json => Form::Json { empty: true },
        };
        let mut sheet = Self { columns, form, out };
        match &mut sheet.form {
            Form::Csv(table) => sheet.out.write_all(table.take().as_bytes())?,
            Form::Json { .. } => sheet.out.write_all(b"[")?,
        }
        Ok(sheet)
    }

    /// As many cells as there are columns.
    pub fn row(&mut self, cells: &[Value]) -> Result<()> {
        match &mut self.form {
            Form::Csv(table) => {
                table.row(cells.iter().map(text));
                self.out.write_all(table.take().as_bytes())
            }
            Form::Json { empty } => {
                self.out.write_all(if std::mem::take(empty) { b"\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(&mut self.out, &Row { columns: &self.columns, cells })?)
            }
        }
    }

    pub fn end(mut self) -> Result<()> {
        if let Form::Json { .. } = self.form {
            self.out.write_all(b"\n]\n")?;
        }
        self.out.flush()
    }
}

/// A cell of CSV: nothing for nothing, text as it is, an object as JSON.
fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

struct Row<'a> {
    columns: &'a [&'static str],
    cells: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            map.serialize_entry(column, cell)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(format: config::Sheet, rows: &[[Value; 2]]) -> String {
        let mut out = Vec::new();
        let mut sheet = Sheet::new(format, vec!["b", "a"], &mut out).unwrap();
        rows.iter().for_each(|row| sheet.row(row).unwrap());
        sheet.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_come_out_as_they_are() {
        let rows = [[json!("x,\"y\""), json!(7)], [Value::Null, json!({"k": [1]})]];
        assert_eq!(written(config::Sheet::Csv, &rows), "b,a\r\n\"x,\"\"y\"\"\",7\r\n,\"{\"\"k\"\":[1]}\"\r\n");
        assert_eq!(written(config::Sheet::Json, &rows), "[\n{\"b\":\"x,\\\"y\\\"\",\"a\":7},\n{\"b\":null,\"a\":{\"k\":[1]}}\n]\n");
    }

    #[test]
    fn nothing_is_a_table_too() {
        assert_eq!(written(config::Sheet::Csv, &[]), "b,a\r\n");
        assert_eq!(serde_json::from_str::<Value>(&written(config::Sheet::Json, &[])).unwrap(), json!([]));
    }
}
