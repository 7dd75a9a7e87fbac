//! Owns how the audit log is asked for and shown: a page of its lines, the newest first, as JSON or for a spreadsheet. Writes none of it.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::failure::Failure;
use super::view;
use crate::access::{AuditAction, AuditLine, Author};
use crate::office::figures::csv::Table;
use crate::office::{Calendar, Millis, UserId};
use crate::store::{AuditFilter, Audited, Reports, StoreError};

/// Lines read at once, while those of one kind are looked for.
const BATCH: usize = 500;

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
    /// How the codes begin.
    prefix: Option<String>,
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
    accion: String,
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
        let bad = |what: &str| Failure::BadRequest(what.to_owned());
        let date = |text: Option<String>, name: &str| {
            text.map(|day| day.parse::<NaiveDate>().map_err(|_| bad(&format!("{name} is no date")))).transpose()
        };
        let (from, to) = (date(self.from, "desde")?, date(self.to, "hasta")?);
        let prefix = self.action.as_deref().and_then(|code| code.strip_suffix('*')).map(str::to_owned);
        let action = match (self.action, &prefix) {
            (Some(code), None) => Some(serde_json::from_value(code.into()).map_err(|_| bad("accion is no code of an action"))?),
            _ => None,
        };
        let by = self.by.map(|id| id.parse::<UserId>().map_err(|_| bad("quien is no id"))).transpose()?;
        let after = self.after.map(|id| id.parse().map_err(|_| bad("despues is no id"))).transpose()?;
        let before = to.and_then(|day| day.succ_opt()).map(|day| days.start(day));
        let filter = AuditFilter { action, user: by, from: from.map(|day| days.start(day)), before, ..filter };
        Ok(Trail { filter, prefix, after, limit: self.limit, sheet: self.sheet })
    }
}

impl Trail {
    /// The page: JSON without `ok`, or CSV.
    pub fn answer(&self, reports: &mut dyn Reports) -> Result<String, StoreError> {
        let (mut page, mut after) = (Vec::new(), self.after);
        loop {
            let most = if self.prefix.is_some() { BATCH } else { self.limit + 1 };
            let batch = reports.audit(&self.filter, after, most)?;
            after = batch.last().map(|audited| audited.id);
            let last = batch.len() < most;
            page.extend(batch.into_iter().filter(|audited| self.takes(audited.line.action)));
            if last || page.len() > self.limit {
                break;
            }
        }
        let more = page.len() > self.limit;
        page.truncate(self.limit);
        if self.sheet {
            return Ok(sheet(&page));
        }
        let next = page.last().filter(|_| more).map(|audited| audited.id.to_string());
        let lines: Vec<_> = page.iter().map(LineView::of).collect();
        Ok(format!(r#"{{"entradas":{},"siguiente":{}}}"#, view::json(&lines), view::json(&next)))
    }

    pub fn is_sheet(&self) -> bool {
        self.sheet
    }

    fn takes(&self, action: AuditAction) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| code(action).starts_with(prefix.as_str()))
    }
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
            accion: code(*action),
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
            line.accion,
            line.asunto.unwrap_or_default().to_owned(),
            line.detalle.map(|detail| detail.get().to_owned()).unwrap_or_default(),
        ]);
    }
    table.into_text()
}

/// The stable code of an action, as the log has it.
fn code(action: AuditAction) -> String {
    view::json(&action).trim_matches('"').to_owned()
}
