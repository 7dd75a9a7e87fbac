//! Owns a receiver that speaks TLS, with a certificate that nobody knows but the test; and what is promised of TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use super::super::courier::{Courier, Lost, Patience};
use super::super::letter::Letter;
use super::super::target::Target;
use super::receiver::Receiver;
use super::{Bench, OK, body, wait};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(20), whole: Duration::from_secs(20), body: Duration::from_secs(1) };

struct Secure {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    /// Connections, and deliveries that were read.
    counts: Arc<(AtomicUsize, AtomicUsize)>,
}

impl Secure {
    /// With a certificate for this name. Ends with the process of the test.
    fn start(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let (config, counts) = (Arc::new(config), Arc::<(AtomicUsize, AtomicUsize)>::default());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, own) = (listener.local_addr().unwrap(), counts.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                own.0.fetch_add(1, Ordering::SeqCst);
                let connection = ServerConnection::new(config.clone()).unwrap();
                // Whoever does not trust it goes away in the middle of the handshake.
                if serve(StreamOwned::new(connection, stream.unwrap())).is_ok() {
                    own.1.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Self { address, certificate, counts }
    }

    fn url(&self) -> String {
        format!("https://{}/turnos", self.address)
    }

    fn tried(&self) -> usize {
        self.counts.0.load(Ordering::SeqCst)
    }

    fn got(&self) -> usize {
        self.counts.1.load(Ordering::SeqCst)
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }
}

fn serve(stream: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => assert!(line.starts_with("POST /turnos "), "{line}"),
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let stream = reader.get_mut();
    stream.write_all(b"HTTP/1.1 204 So\r\n\r\n")?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn deliver(courier: &Courier, url: &str) -> Result<u16, Lost> {
    let target = Target::parse(url).unwrap();
    let headers = vec![("host", target.authority.clone())];
    let letter = Letter { target, private: true, headers, body: Bytes::from_static(b"{}") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(courier.deliver(letter))
}

#[test]
fn a_letter_goes_to_whom_is_trusted_and_is_who_was_asked_for() {
    let (own, other) = (Secure::start("127.0.0.1"), Secure::start("hooks.example.org"));
    let status = deliver(&Courier::trusting(PATIENCE, own.roots()), &own.url());
    assert!(matches!(status, Ok(204)), "{status:?}");
    let stranger = deliver(&Courier::new(PATIENCE), &own.url());
    assert!(matches!(stranger, Err(Lost::Untrusted)), "the system knows nobody who vouches for it: {stranger:?}");
    let named = deliver(&Courier::trusting(PATIENCE, other.roots()), &other.url());
    assert!(matches!(named, Err(Lost::Untrusted)), "its certificate is of another name: {named:?}");
    let plain = Receiver::start(|_| OK);
    let spoken = deliver(&Courier::new(PATIENCE), &plain.url().replace("http:", "https:"));
    assert!(matches!(spoken, Err(Lost::Insecure)), "it speaks no TLS: {spoken:?}");
    assert_eq!((own.got(), other.got(), plain.got().len()), (1, 0, 0));
}

#[test]
fn a_receiver_whom_nobody_trusts_gets_nothing_the_log_says_why_and_it_is_tried_again() {
    let receiver = Secure::start("127.0.0.1");
    let mut bench = Bench::new();
    let (id, _) = bench.add_with(body(receiver.url()));
    bench.visit();
    let why = "the certificate is not trusted";
    // The first attempt may run out of time while the roots of trust are read.
    bench.passes(&id, "a third attempt that says why", |log| {
        let again = |delivery: &Value| delivery["intentos"].as_u64() >= Some(3) && delivery["error"] == why;
        log.first().is_some_and(|delivery| again(delivery) && delivery["estado"] == "pendiente")
    });
    assert!(receiver.tried() >= 3, "it was tried again");
    assert_eq!(receiver.got(), 0);
    let tried = wait(bench.registry.test(super::BRANCH, &id));
    assert!(format!("{tried:?}").contains(why), "{tried:?}");
}
