//! Owns what a server counts: connections, how they ended, events that were refused. Counting is lock-free where the label is known already,
//! and never waits. Knows no route; whoever shows the counts registers them where they are shown.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::protocol::engine::CloseReason;

/// A handle to the counts of one server; clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    open: Gauge,
    ended: Family<Ended, Counter>,
    refused: Family<Refused, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    code: &'static str,
    answered: &'static str,
}

impl Counts {
    /// Makes them part of what `registry` shows.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("connections", "Connections that are open", self.open.clone());
        registry.register("connections_ended", "Connections that ended, by reason", self.ended.clone());
        registry.register("events_refused", "Events that were refused, by code; without a callback nobody was told", self.refused.clone());
    }

    pub(super) fn opened(&self) {
        self.open.inc();
    }

    /// One that was open.
    pub(super) fn closed(&self, reason: CloseReason) {
        self.open.dec();
        self.turned_away(reason);
    }

    /// One that was never let in.
    pub(super) fn turned_away(&self, reason: CloseReason) {
        self.ended.get_or_create(&Ended { reason: reason.label() }).inc();
    }

    /// The application refused an event. `answered`: whether the client had asked for an answer, and so was told.
    pub fn refused(&self, code: &'static str, answered: bool) {
        self.refused.get_or_create(&Refused { code, answered: if answered { "yes" } else { "no" } }).inc();
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn everything_is_counted_under_its_label() {
        let counts = Counts::default();
        let mut registry = Registry::default();
        counts.register(&mut registry);
        counts.opened();
        counts.opened();
        counts.clone().closed(CloseReason::Slow);
        counts.turned_away(CloseReason::ForcedServerClose);
        counts.refused("bad_request", false);
        counts.refused("bad_request", true);
        counts.refused("bad_request", false);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "connections 1",
            r#"connections_ended_total{reason="slow"} 1"#,
            r#"connections_ended_total{reason="forced_server_close"} 1"#,
            r#"events_refused_total{code="bad_request",answered="no"} 2"#,
            r#"events_refused_total{code="bad_request",answered="yes"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
