//! Owns the way to a receiver: resolves the name, looks at every address, connects to one that was looked at, sends, reads the status. Follows no
//! redirect, knows no proxy, keeps no connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::Reach;
use super::letter::Letter;
use super::target::Host;

/// How long a delivery may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For looking up, connecting and the handshake of TLS.
    pub connect: Duration,
    /// Until the answer's head is there.
    pub whole: Duration,
    /// For the answer's body, which nobody needs: it lets a receiver finish.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(10), body: Duration::from_secs(1) }
    }
}

const MOST_OF_BODY: usize = 1 << 10;
/// For the answer's head.
const MOST_OF_HEAD: usize = 16 << 10;

/// Why a delivery has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    #[error("the name cannot be resolved")]
    Unresolved,
    #[error("the address is on a network to which web hooks may not go")]
    Forbidden,
    #[error("no connection: {0}")]
    Refused(io::ErrorKind),
    #[error("no connection in time")]
    Unreachable,
    #[error("the certificate is not trusted")]
    Untrusted,
    #[error("TLS failed")]
    Insecure,
    #[error("no answer in time")]
    Silent,
    #[error("the connection ended without an answer")]
    Broken,
}

impl Lost {
    /// Whom nobody trusts is told apart from who speaks no TLS.
    fn of_handshake(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(_)) => Self::Untrusted,
            _ => Self::Insecure,
        }
    }
}

/// Sends letters. Clones share their roots of trust.
#[derive(Clone)]
pub struct Courier {
    patience: Patience,
    tls: Arc<OnceLock<TlsConnector>>,
}

impl Courier {
    /// The roots of trust are read when the first letter wants them.
    pub fn new(patience: Patience) -> Self {
        Self { patience, tls: Arc::default() }
    }

    /// One that trusts these and nobody else.
    #[cfg(test)]
    pub fn trusting(patience: Patience, roots: RootCertStore) -> Self {
        Self { patience, tls: Arc::new(connector(roots).into()) }
    }

    /// Sends a letter. Gives the status of the answer.
    pub async fn deliver(&self, letter: Letter) -> Result<u16, Lost> {
        let Answer { status, rest, driver } = timeout(self.patience.whole, self.send(letter)).await.unwrap_or(Err(Lost::Silent))?;
        // The status is the answer; what becomes of the rest changes nothing.
        let _ = timeout(self.patience.body, Limited::new(rest, MOST_OF_BODY).collect()).await;
        drop(driver);
        Ok(status)
    }

    async fn send(&self, letter: Letter) -> Result<Answer, Lost> {
        if letter.target.secure {
            let stream = timeout(self.patience.connect, self.connect_secure(&letter)).await.unwrap_or(Err(Lost::Unreachable))?;
            exchange(TokioIo::new(stream), letter).await
        } else {
            let stream = timeout(self.patience.connect, connect(&letter)).await.unwrap_or(Err(Lost::Unreachable))?;
            exchange(TokioIo::new(stream), letter).await
        }
    }

    async fn connect_secure(&self, letter: &Letter) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Lost> {
        let name = match &letter.target.host {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| Lost::Unresolved)?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let stream = connect(letter).await?;
        self.tls.get_or_init(|| connector(known())).connect(name, stream).await.map_err(|error| Lost::of_handshake(&error))
    }
}

/// Connects to the first address that answers. Every one that the name has must be allowed: one that mixes them means no good.
async fn connect(letter: &Letter) -> Result<TcpStream, Lost> {
    let port = letter.target.port;
    let addresses: Vec<SocketAddr> = match &letter.target.host {
        Host::Address(address) => vec![(*address, port).into()],
        Host::Name(name) => lookup_host((name.as_str(), port)).await.map_err(|_| Lost::Unresolved)?.collect(),
    };
    let allowed = |address: &SocketAddr| Reach::of(IpAddr::to_canonical(&address.ip())).is_allowed(letter.private);
    if !addresses.iter().all(allowed) {
        return Err(Lost::Forbidden);
    }
    let mut lost = Lost::Unresolved;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => lost = Lost::Refused(error.kind()),
        }
    }
    Err(lost)
}

/// The head of an answer, and what is still to come.
struct Answer {
    status: u16,
    rest: Incoming,
    /// Carries the connection; ends it when it is dropped.
    driver: JoinSet<hyper::Result<()>>,
}

async fn exchange(io: impl Read + Write + Unpin + Send + 'static, letter: Letter) -> Result<Answer, Lost> {
    let (mut sender, connection) = http1::Builder::new().max_buf_size(MOST_OF_HEAD).handshake(io).await.map_err(|_| Lost::Broken)?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let mut request = Request::builder().method(Method::POST).uri(letter.target.path);
    for (name, value) in letter.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::<Bytes>::new(letter.body)).map_err(|_| Lost::Broken)?;
    let answer = sender.send_request(request).await.map_err(|_| Lost::Broken)?;
    Ok(Answer { status: answer.status().as_u16(), rest: answer.into_body(), driver })
}

/// Trusts whom the system trusts, or, where it knows nobody, as in a container, whom browsers trust.
fn known() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        log::warn!("a root of trust cannot be read: {error}");
    }
    let (_, unreadable) = roots.add_parsable_certificates(found.certs);
    if unreadable > 0 {
        log::debug!("{unreadable} roots of trust of the system were not understood");
    }
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

fn connector(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = match ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        Err(error) => unreachable!("the provider knows the default versions of TLS: {error}"),
    };
    TlsConnector::from(Arc::new(config))
}
