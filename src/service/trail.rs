//! Owns how the audit log is asked for and shown: a page of its lines, the newest first, as JSON or for a spreadsheet. Writes none of it.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::api::Answer;
use super::failure::Failure;
use super::payload::{no_day, no_id};
use super::view;
use crate::access::{AuditAction, AuditLine, Author};
use crate::office::figures::csv::Table;
use crate::office::{Calendar, Millis, UserId};
use crate::store::{AuditFilter, Audited, Reports, StoreError};
use crate::wrong::Wrong;

/// What is asked of the audit log, as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditAsk {
    /// A code, or the beginning of codes with `*` behind it.
    pub action: Option<String>,
    /// A user's id.
    pub by: Option<String>,
    /// Dates, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    pub after: Option<String>,
    pub limit: usize,
    /// As CSV.
    pub sheet: bool,
}

/// What is asked of it, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    filter: AuditFilter,
    after: Option<u64>,
    limit: usize,
    sheet: bool,
}

/// A line of the audit log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditLine")]
pub struct LineView<'a> {
    id: String,
    fecha: Millis,
    sucursal: Option<u32>,
    quien: AuthorView<'a>,
    direccion: Option<String>,
    accion: &'static str,
    asunto: Option<&'a str>,
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    detalle: Option<&'a RawValue>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditAuthor")]
struct AuthorView<'a> {
    tipo: &'static str,
    id: Option<String>,
    nombre: Option<&'a str>,
}

impl AuditAsk {
    /// `days` says when dates begin; `branch` narrows it to one.
    pub fn read(self, filter: AuditFilter, days: Calendar) -> Result<Trail, Failure> {
        let date = |text: Option<String>, name: &str| text.map(|day| day.parse::<NaiveDate>().map_err(|_| no_day(name))).transpose();
        let (from, to) = (date(self.from, "desde")?, date(self.to, "hasta")?);
        let actions = self.action.map(|code| AuditAction::matching(&code));
        if actions.as_ref().is_some_and(Vec::is_empty) {
            return Err(Failure::BadRequest(Wrong::wanted("accion", "el código de una acción", "the code of an action")));
        }
        let by = self.by.map(|id| id.parse::<UserId>().map_err(|_| no_id("quien"))).transpose()?;
        let after = self.after.map(|id| id.parse().map_err(|_| no_id("despues"))).transpose()?;
        let before = to.and_then(|day| day.succ_opt()).map(|day| days.start(day));
        let filter = AuditFilter { actions, user: by, from: from.map(|day| days.start(day)), before, ..filter };
        Ok(Trail { filter, after, limit: self.limit, sheet: self.sheet })
    }
}

impl Trail {
    /// The page: JSON without `ok`, or what [`page`] reads.
    pub fn answer(&self, reports: &mut dyn Reports) -> Result<String, StoreError> {
        let mut page = reports.audit(&self.filter, self.after, self.limit + 1)?;
        let more = page.len() > self.limit;
        page.truncate(self.limit);
        let next = page.last().filter(|_| more).map(|audited| audited.id.to_string());
        if self.sheet {
            return Ok(format!("{}\n{}", next.unwrap_or_default(), sheet(&page)));
        }
        let lines: Vec<_> = page.iter().map(LineView::of).collect();
        Ok(format!(r#"{{"entradas":{},"siguiente":{}}}"#, view::json(&lines), view::json(&next)))
    }

    pub fn is_sheet(&self) -> bool {
        self.sheet
    }
}

/// A page as CSV, with the id behind which the next begins as its first line, which is empty on the last.
pub fn page(text: String) -> Answer {
    let (next, sheet) = text.split_once('\n').unwrap_or_default();
    Answer::Page { sheet: sheet.to_owned(), next: Some(next).filter(|next| !next.is_empty()).map(str::to_owned) }
}

impl<'a> LineView<'a> {
    fn of(Audited { id, line }: &'a Audited) -> Self {
        let AuditLine { at, branch, by, address, action, subject, detail } = line;
        let detail = serde_json::from_str::<&RawValue>(detail).ok().filter(|detail| detail.get() != "{}");
        Self {
            id: id.to_string(),
            fecha: *at,
            sucursal: branch.map(|branch| branch.0),
            quien: AuthorView::of(by),
            direccion: address.map(|address| address.to_string()),
            accion: action.code(),
            asunto: Some(subject.as_str()).filter(|subject| !subject.is_empty()),
            detalle: detail,
        }
    }
}

impl<'a> AuthorView<'a> {
    fn of(author: &'a Author) -> Self {
        match author {
            Author::Nobody => Self { tipo: "nadie", id: None, nombre: None },
            Author::User { id, name } => Self { tipo: "usuario", id: Some(id.to_string()), nombre: Some(name) },
            Author::Device { id, name } => Self { tipo: "dispositivo", id: Some(id.to_string()), nombre: Some(name) },
            Author::Program => Self { tipo: "servidor", id: None, nombre: None },
        }
    }
}

fn sheet(page: &[Audited]) -> String {
    let mut table = Table::new(["id", "at_ms", "branch", "by", "by_id", "by_name", "address", "action", "subject", "detail"]);
    for audited in page {
        let line = LineView::of(audited);
        table.row([
            line.id,
            line.fecha.0.to_string(),
            line.sucursal.map(|branch| branch.to_string()).unwrap_or_default(),
            line.quien.tipo.to_owned(),
            line.quien.id.unwrap_or_default(),
            line.quien.nombre.unwrap_or_default().to_owned(),
            line.direccion.unwrap_or_default(),
            line.accion.to_owned(),
            line.asunto.unwrap_or_default().to_owned(),
            line.detalle.map(|detail| detail.get().to_owned()).unwrap_or_default(),
        ]);
    }
    table.into_text()
}
