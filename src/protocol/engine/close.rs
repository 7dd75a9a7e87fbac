//! Owns the reasons why a connection or a namespace ends: one table.

use std::fmt;

/// Why a connection, or a client's place in a namespace, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The application took the client out of the namespace.
    ServerNamespaceDisconnect,
    /// The client left the namespace.
    ClientNamespaceDisconnect,
    /// The process ends.
    ServerShuttingDown,
    /// No answer to a ping within `pingTimeout`.
    PingTimeout,
    /// The client closed the connection.
    TransportClose,
    /// The connection broke, or the client broke the transport's rules.
    TransportError,
    /// What came was no packet, or a packet that may not come.
    ParseError,
    /// The application closed the connection.
    ForcedClose,
    /// The server closed the connection on its own account.
    ForcedServerClose,
    /// No CONNECT within `connectTimeout`.
    ConnectTimeout,
    /// The client did not read what was sent to it.
    Slow,
    /// More than `maxPayload` in one frame.
    PayloadTooLarge,
}

impl CloseReason {
    pub const ALL: [Self; 12] = [
        Self::ServerNamespaceDisconnect,
        Self::ClientNamespaceDisconnect,
        Self::ServerShuttingDown,
        Self::PingTimeout,
        Self::TransportClose,
        Self::TransportError,
        Self::ParseError,
        Self::ForcedClose,
        Self::ForcedServerClose,
        Self::ConnectTimeout,
        Self::Slow,
        Self::PayloadTooLarge,
    ];

    /// The standard text, as applications know it from `disconnect` events.
    pub const fn text(self) -> &'static str {
        self.row().0
    }

    /// The label in metrics: unlike the text it tells every reason apart.
    pub const fn label(self) -> &'static str {
        self.row().1
    }

    /// The server ends the session in good order: a polling client that is between two GETs is still told so by a close packet.
    pub const fn is_orderly(self) -> bool {
        self.row().2
    }

    const fn row(self) -> (&'static str, &'static str, bool) {
        match self {
            Self::ServerNamespaceDisconnect => ("server namespace disconnect", "server_namespace_disconnect", true),
            Self::ClientNamespaceDisconnect => ("client namespace disconnect", "client_namespace_disconnect", true),
            Self::ServerShuttingDown => ("server shutting down", "server_shutting_down", true),
            Self::PingTimeout => ("ping timeout", "ping_timeout", false),
            Self::TransportClose => ("transport close", "transport_close", false),
            Self::TransportError => ("transport error", "transport_error", false),
            Self::ParseError => ("parse error", "parse_error", false),
            Self::ForcedClose => ("forced close", "forced_close", true),
            Self::ForcedServerClose => ("forced server close", "forced_server_close", true),
            Self::ConnectTimeout => ("forced server close", "connect_timeout", true),
            Self::Slow => ("transport error", "slow", false),
            Self::PayloadTooLarge => ("transport error", "payload_too_large", false),
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn labels_are_distinct_and_every_text_is_a_standard_one() {
        let standard = HashSet::from([
            "server namespace disconnect",
            "client namespace disconnect",
            "server shutting down",
            "ping timeout",
            "transport close",
            "transport error",
            "parse error",
            "forced close",
            "forced server close",
        ]);
        let texts: HashSet<_> = CloseReason::ALL.iter().map(|reason| reason.text()).collect();
        assert_eq!(texts, standard);
        let labels: HashSet<_> = CloseReason::ALL.iter().map(|reason| reason.label()).collect();
        assert_eq!(labels.len(), CloseReason::ALL.len());
    }
}
