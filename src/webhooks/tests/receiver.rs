//! Owns a receiver of web hooks on loopback that answers as it is told, and keeps what it got.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;

/// How a delivery is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reply {
    Status(u16),
    /// To the path `/elsewhere` of the same receiver.
    Redirect,
    /// The connection ends before anything is answered.
    Close,
    /// The connection ends in the middle of the head.
    HalfHead,
    /// 200 with a body that is announced and does not come to its end.
    HalfBody,
    /// Nothing is answered, until whoever asked goes away.
    Hang,
}

/// A delivery as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub text: String,
    pub body: Value,
    pub reply: Reply,
}

type Script = dyn FnMut(&Got) -> Reply + Send;

#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

struct State {
    got: Vec<Got>,
    script: Box<Script>,
}

impl Got {
    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    pub fn code(&self) -> &str {
        self.body["ticket"]["codigo"].as_str().unwrap()
    }

    pub fn rev(&self) -> u64 {
        self.body["rev"].as_u64().unwrap()
    }

    pub fn came_through(&self) -> bool {
        matches!(self.reply, Reply::Status(200..=299) | Reply::HalfBody)
    }
}

impl Receiver {
    /// Ends with the process of the test.
    pub fn start(script: impl FnMut(&Got) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new((Mutex::new(State { got: Vec::new(), script: Box::new(script) }), Condvar::new()));
        let receiver = Self { address, state };
        let own = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, stream) = (own.clone(), stream.unwrap());
                std::thread::spawn(move || own.serve(stream));
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/turnos?de=siguiente", self.address)
    }

    pub fn answers(&self, script: impl FnMut(&Got) -> Reply + Send + 'static) {
        self.lock().script = Box::new(script);
    }

    pub fn got(&self) -> Vec<Got> {
        self.lock().got.clone()
    }

    /// Whether that comes true within the time.
    pub fn wait(&self, within: Duration, is_so: impl Fn(&[Got]) -> bool) -> bool {
        let (_state, result) = self.state.1.wait_timeout_while(self.lock(), within, |state| !is_so(&state.got)).unwrap();
        !result.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let path = line.split(' ').nth(1).unwrap().to_owned();
        assert!(line.starts_with("POST "), "{line}");
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let text = String::from_utf8(body).unwrap();
        let mut got = Got { path, headers, body: serde_json::from_str(&text).unwrap(), text, reply: Reply::Close };
        let reply = {
            let mut state = self.lock();
            got.reply = (state.script)(&got);
            let reply = got.reply;
            state.got.push(got);
            reply
        };
        self.state.1.notify_all();
        // Whoever asked may have gone away meanwhile.
        let _ = self.answer(stream, reader, reply);
    }

    fn answer(&self, mut stream: TcpStream, mut reader: BufReader<TcpStream>, reply: Reply) -> std::io::Result<()> {
        match reply {
            Reply::Status(status) => write!(stream, "HTTP/1.1 {status} So\r\ncontent-length: 2\r\n\r\nok"),
            Reply::Redirect => {
                write!(stream, "HTTP/1.1 307 There\r\nlocation: http://{}/elsewhere\r\ncontent-length: 0\r\n\r\n", self.address)
            }
            Reply::Close => Ok(()),
            Reply::HalfHead => write!(stream, "HTTP/1.1 200 OK\r\ncontent-le"),
            Reply::HalfBody => write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\nok"),
            Reply::Hang => reader.read(&mut [0]).map(drop),
        }
    }
}
