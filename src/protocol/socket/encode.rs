//! Owns the text of outgoing packets. Each is encoded once and shared by all who receive it. Never checks raw JSON that it is given.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;

use super::packet::Namespace;
use crate::protocol::engine::Message;

/// A whole outgoing packet: cheap to clone, the same for every receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The whole Engine.IO packet, its leading `4` included: ready for a WebSocket frame or a polling payload.
    pub text: ByteString,
    /// What follows the text as binary messages, in order; `None` when nothing does.
    pub attachments: Option<Arc<[Bytes]>>,
}

impl Encoded {
    pub fn attachments(&self) -> &[Bytes] {
        self.attachments.as_deref().unwrap_or_default()
    }

    /// The number of Engine.IO packets that it makes.
    pub fn packets(&self) -> usize {
        1 + self.attachments().len()
    }

    /// Bytes of text and attachments.
    pub fn size(&self) -> usize {
        self.text.len() + self.attachments().iter().map(Bytes::len).sum::<usize>()
    }

    /// The same event, which has a name at least, with one argument more behind the others: raw JSON.
    pub fn with_last_argument(&self, raw: &str) -> Self {
        let mut text = String::with_capacity(self.text.len() + raw.len() + 1);
        text.push_str(self.text.strip_suffix(']').unwrap_or(&self.text));
        text.push(',');
        text.push_str(raw);
        text.push(']');
        Self { text: text.into(), attachments: self.attachments.clone() }
    }

    /// What a client's machine receives: the text without its `4`, then the attachments.
    pub fn messages(&self) -> impl Iterator<Item = Message> + '_ {
        let text = self.text.slice_ref(&self.text[1..]);
        std::iter::once(Message::Text(text)).chain(self.attachments().iter().cloned().map(Message::Binary))
    }
}

/// An event. `args` are raw JSON texts, already valid; a binary argument is `{"_placeholder":true,"num":N}` and stands for `attachments[N]`.
/// With an `id` the receiver is asked to acknowledge.
pub fn encode_event<A: AsRef<str>>(
    namespace: &Namespace,
    id: Option<u64>,
    name: &str,
    args: impl IntoIterator<Item = A>,
    attachments: &[Bytes],
) -> Encoded {
    let mut text = header('2', '5', namespace, id, attachments);
    text.push('[');
    push_quoted(&mut text, name);
    for arg in args {
        text.push(',');
        text.push_str(arg.as_ref());
    }
    text.push(']');
    encoded(text, attachments)
}

/// The acknowledgement of the event that carried `id`; arguments as in [`encode_event`].
pub fn encode_ack<A: AsRef<str>>(namespace: &Namespace, id: u64, args: impl IntoIterator<Item = A>, attachments: &[Bytes]) -> Encoded {
    let mut text = header('3', '6', namespace, Some(id), attachments);
    text.push('[');
    for (index, arg) in args.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(arg.as_ref());
    }
    text.push(']');
    encoded(text, attachments)
}

/// Welcomes a socket; `pid` only where its state can be recovered.
pub fn encode_connect(namespace: &Namespace, sid: &str, pid: Option<&str>) -> Encoded {
    let mut text = header('0', '0', namespace, None, &[]);
    text.push_str("{\"sid\":");
    push_quoted(&mut text, sid);
    if let Some(pid) = pid {
        text.push_str(",\"pid\":");
        push_quoted(&mut text, pid);
    }
    text.push('}');
    encoded(text, &[])
}

/// Refuses a CONNECT; `data` is raw JSON.
pub fn encode_connect_error(namespace: &Namespace, message: &str, data: Option<&str>) -> Encoded {
    let mut text = header('4', '4', namespace, None, &[]);
    text.push_str("{\"message\":");
    push_quoted(&mut text, message);
    if let Some(data) = data {
        text.push_str(",\"data\":");
        text.push_str(data);
    }
    text.push('}');
    encoded(text, &[])
}

/// Takes a socket out of its namespace.
pub fn encode_disconnect(namespace: &Namespace) -> Encoded {
    encoded(header('1', '1', namespace, None, &[]), &[])
}

fn header(plain: char, binary: char, namespace: &Namespace, id: Option<u64>, attachments: &[Bytes]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(64);
    text.push('4');
    // Writing to a `String` cannot fail.
    if attachments.is_empty() {
        text.push(plain);
    } else {
        let _ = write!(text, "{binary}{}-", attachments.len());
    }
    if !namespace.is_root() {
        let _ = write!(text, "{namespace},");
    }
    if let Some(id) = id {
        let _ = write!(text, "{id}");
    }
    text
}

fn push_quoted(text: &mut String, content: &str) {
    use std::fmt::Write as _;

    if content.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        text.push('"');
        text.push_str(content);
        text.push('"');
    } else {
        let _ = write!(text, "{}", serde_json::Value::from(content));
    }
}

fn encoded(text: String, attachments: &[Bytes]) -> Encoded {
    Encoded { text: text.into(), attachments: (!attachments.is_empty()).then(|| attachments.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [&str; 0] = [];

    fn ns(name: &str) -> Namespace {
        Namespace::new(name).expect("no comma")
    }

    #[test]
    fn texts_to_the_byte() {
        let root = Namespace::ROOT;
        let bytes = [Bytes::from_static(&[1]), Bytes::from_static(&[2])];
        let places = [r#"{"_placeholder":true,"num":0}"#, r#"{"_placeholder":true,"num":1}"#];
        let rows = [
            (encode_event(&root, None, "x", ["1"], &[]), r#"42["x",1]"#),
            (encode_event(&root, None, "x", NOTHING, &[]), r#"42["x"]"#),
            (encode_event(&root, Some(12), "a\"b\n", ["1e400", "{}"], &[]), r#"4212["a\"b\n",1e400,{}]"#),
            (encode_event(&ns("admin"), Some(7), "ñ", NOTHING, &[]), r#"42/admin,7["ñ"]"#),
            (encode_event(&root, None, "m", places, &bytes), r#"452-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
            (encode_event(&ns("/a"), Some(3), "m", &places[..1], &bytes[..1]), r#"451-/a,3["m",{"_placeholder":true,"num":0}]"#),
            (encode_ack(&root, 7, NOTHING, &[]), "437[]"),
            (encode_ack(&ns("/a"), u64::MAX, ["1", "\"b\""], &[]), r#"43/a,18446744073709551615[1,"b"]"#),
            (encode_ack(&root, 7, &places[..1], &bytes[..1]), r#"461-7[{"_placeholder":true,"num":0}]"#),
            (encode_connect(&root, "abc", None), r#"40{"sid":"abc"}"#),
            (encode_connect(&ns("/a"), "abc", Some("p")), r#"40/a,{"sid":"abc","pid":"p"}"#),
            (encode_connect_error(&ns("/random"), "Invalid namespace", None), r#"44/random,{"message":"Invalid namespace"}"#),
            (encode_connect_error(&root, "no", Some(r#"{"code":1}"#)), r#"44{"message":"no","data":{"code":1}}"#),
            (encode_disconnect(&root), "41"),
            (encode_disconnect(&ns("/a")), "41/a,"),
        ];
        for (encoded, text) in rows {
            assert_eq!(encoded.text, text);
        }
    }

    #[test]
    fn attachments_are_shared_and_counted() {
        let bytes = [Bytes::from_static(&[1, 2, 3])];
        let event = encode_event(&Namespace::ROOT, None, "m", [r#"{"_placeholder":true,"num":0}"#], &bytes);
        let again = event.clone();
        assert!(event.attachments.as_ref().zip(again.attachments.as_ref()).is_some_and(|(one, two)| Arc::ptr_eq(one, two)));
        assert_eq!((event.packets(), event.size()), (2, event.text.len() + 3));
        assert_eq!(event.messages().count(), 2);
        assert_eq!(encode_disconnect(&Namespace::ROOT).attachments, None);
    }

    #[test]
    fn namespaces_are_names_without_a_comma() {
        assert_eq!(ns("admin"), ns("/admin"));
        assert_eq!(ns("/"), Namespace::ROOT);
        assert_eq!(ns(""), Namespace::ROOT);
        assert_eq!(Namespace::new("/a,b"), None);
    }
}
