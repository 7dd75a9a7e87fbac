//! Owns what each reason for the end of a connection means to the server: one table. The reasons themselves, their texts and their labels
//! are the protocol's. Never ends anything itself.

use log::Level;

use crate::protocol::engine::CloseReason;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// How loud it is in the log.
    pub level: Level,
    /// Whether a client does well to come back by itself.
    pub retry: bool,
    /// Status of the WebSocket's close frame; `None` where the socket is past frames.
    pub status: Option<u16>,
}

pub fn ending(reason: CloseReason) -> Ending {
    use Level::{Debug, Info, Warn};
    let (level, retry, status) = match reason {
        CloseReason::ServerNamespaceDisconnect => (Debug, false, Some(1000)),
        CloseReason::ClientNamespaceDisconnect => (Debug, false, Some(1000)),
        CloseReason::ServerShuttingDown => (Debug, true, Some(1001)),
        CloseReason::PingTimeout => (Info, true, Some(1000)),
        CloseReason::TransportClose => (Debug, true, Some(1000)),
        CloseReason::TransportError => (Debug, true, None),
        CloseReason::ParseError => (Info, false, Some(1002)),
        CloseReason::ForcedClose => (Debug, true, Some(1000)),
        CloseReason::ForcedServerClose => (Debug, true, Some(1000)),
        CloseReason::ConnectTimeout => (Info, true, Some(1000)),
        CloseReason::Slow => (Warn, true, Some(1008)),
        CloseReason::PayloadTooLarge => (Info, false, Some(1009)),
    };
    Ending { level, retry, status }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_broke_the_rules_is_not_asked_back_and_all_others_are() {
        for reason in CloseReason::ALL {
            let at_fault = matches!(reason, CloseReason::ParseError | CloseReason::PayloadTooLarge);
            let dismissed = matches!(reason, CloseReason::ServerNamespaceDisconnect | CloseReason::ClientNamespaceDisconnect);
            assert_eq!(ending(reason).retry, !(at_fault || dismissed), "{reason}");
        }
    }

    #[test]
    fn only_a_client_that_does_not_read_is_worth_a_warning() {
        let loud = CloseReason::ALL.into_iter().filter(|reason| ending(*reason).level == Level::Warn);
        assert_eq!(loud.collect::<Vec<_>>(), [CloseReason::Slow]);
    }
}
