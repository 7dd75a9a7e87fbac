//! Owns the board that a screen keeps: a snapshot, brought forward by numbered changes alone, by the rules of `docs/events.md`. Written for
//! the tests from that document, so that it can say whether snapshots and changes tell the same story.

use std::collections::BTreeMap;

use serde_json::Value;

/// Calls that a screen shows.
const SHOWN: usize = 10;

#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    pub epoch: String,
    pub rev: u64,
    pub day: Option<String>,
    /// The day was closed by hand.
    pub shut: bool,
    /// `estado` of each desk.
    pub open: BTreeMap<u64, String>,
    /// When and who was missed, newest first.
    pub absent: Vec<(u64, String)>,
    /// People waiting, by service.
    pub waiting: BTreeMap<String, u64>,
    pub waiting_total: u64,
    /// The ticket's code and state, by desk that has one.
    pub desks: BTreeMap<u64, (String, String)>,
    /// `(llamada, codigo, escritorio, veces)`, newest first, each ticket once.
    pub calls: Vec<(u64, String, u64, u64)>,
    /// The last numbered call that it knows.
    pub last_call: u64,
}

impl Board {
    pub fn of(snapshot: &Value) -> Self {
        assert_eq!(snapshot["tipo"], "instantanea", "{snapshot}");
        let list = |key: &str| snapshot[key].as_array().unwrap_or_else(|| panic!("no {key} in {snapshot}"));
        let calls: Vec<_> = list("llamadas").iter().map(call).collect();
        Self {
            epoch: text(&snapshot["epoch"]),
            rev: number(&snapshot["rev"]),
            day: snapshot["jornada"].as_str().map(str::to_owned),
            shut: snapshot["cerrada"] == true,
            open: list("escritorios").iter().map(|desk| (number(&desk["id"]), text(&desk["estado"]))).collect(),
            absent: list("ausentes").iter().map(|ticket| (number(&ticket["hora"]), text(&ticket["codigo"]))).collect(),
            waiting: list("servicios").iter().map(|service| (text(&service["id"]), number(&service["esperando"]))).collect(),
            waiting_total: number(&snapshot["esperando"]),
            desks: list("escritorios")
                .iter()
                .filter(|desk| !desk["ticket"].is_null())
                .map(|desk| (number(&desk["id"]), (text(&desk["ticket"]["codigo"]), text(&desk["ticket"]["estado"]))))
                .collect(),
            last_call: calls.iter().map(|call| call.0).max().unwrap_or(0),
            calls,
        }
    }

    /// Without what it remembers and does not show: a snapshot of a day without calls does not tell the number of the last one.
    pub fn shown(&self) -> Self {
        Self { last_call: 0, ..self.clone() }
    }

    /// Takes in the payload of `cola`: the whole, or the changes that follow on what it knows.
    pub fn take_in(&mut self, cola: &Value) {
        match cola["tipo"].as_str() {
            Some("instantanea") => *self = Self::of(cola),
            Some("cambios") => {
                assert_eq!(cola["epoch"], self.epoch.as_str(), "changes of another log");
                if self.rev >= number(&cola["rev"]) {
                    return;
                }
                assert_eq!(number(&cola["desde"]), self.rev, "a gap: {cola}");
                for change in cola["cambios"].as_array().expect("a list of changes") {
                    self.apply(change);
                }
                assert_eq!(self.rev, number(&cola["rev"]), "the last change has another number: {cola}");
            }
            _ => panic!("neither snapshot nor changes: {cola}"),
        }
    }

    fn apply(&mut self, change: &Value) {
        assert_eq!(number(&change["rev"]), self.rev + 1, "changes are numbered without gaps: {change}");
        self.rev += 1;
        let kind = text(&change["tipo"]);
        match kind.as_str() {
            "jornada" => {
                self.shut = change["cerrada"].as_bool().expect("closed or not");
                let day = change["jornada"].as_str().map(str::to_owned);
                if day != self.day {
                    self.day = day;
                    self.waiting.values_mut().for_each(|count| *count = 0);
                    self.waiting_total = 0;
                    self.desks.clear();
                    self.calls.clear();
                    self.absent.clear();
                }
                return;
            }
            "puesto" => {
                self.open.insert(number(&change["escritorio"]), text(&change["estado"]));
                return;
            }
            "configurado" => return,
            _ => {}
        }
        let code = text(&change["codigo"]);
        self.waiting.insert(text(&change["servicio"]), number(&change["esperando"]));
        if let Some(before) = change["antes"].as_str() {
            self.waiting.insert(before.to_owned(), number(&change["esperandoAntes"]));
        }
        self.absent.retain(|(_, absent)| *absent != code);
        if kind == "ausente" {
            self.absent.push((number(&change["hora"]), code.clone()));
            self.absent.sort_by(|a, b| b.cmp(a));
            self.absent.truncate(SHOWN);
        }
        if let Some(calls) = change["llamadas"].as_array() {
            self.calls = calls.iter().map(call).collect();
        }
        self.waiting_total = number(&change["esperandoTotal"]);
        self.desks.retain(|_, (held, _)| *held != code);
        if matches!(change["estado"].as_str(), Some("llamado" | "atendiendo")) {
            self.desks.insert(number(&change["escritorio"]), (code.clone(), text(&change["estado"])));
        }
        if matches!(kind.as_str(), "llamado" | "rellamado") {
            let call = call(change);
            assert_eq!(call.0, self.last_call.max(call.0 - 1) + 1, "calls are numbered without gaps: {change}");
            self.last_call = call.0;
            self.calls.retain(|(_, shown, ..)| *shown != code);
            self.calls.insert(0, call);
            self.calls.truncate(SHOWN);
        }
    }
}

fn call(value: &Value) -> (u64, String, u64, u64) {
    (number(&value["llamada"]), text(&value["codigo"]), number(&value["escritorio"]), number(&value["veces"]))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
