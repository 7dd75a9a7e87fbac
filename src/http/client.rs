//! Owns the client script: the project's own, joined of its modules and compressed once at start, or a file in its place, or none; and telling the pages
//! where the endpoint is. May import the origins that may connect. Never reads a file after the start.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use actix_web::http::header::{self, EntityTag, HeaderMap, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::joined::{BadModule, join};
use super::pages::Pages;
use crate::realtime::Cors;

const CLASSIC: [&str; 2] = ["socket.io.js", "socket.io.min.js"];
const MODULE: [&str; 2] = ["socket.io.esm.js", "socket.io.esm.min.js"];

/// Where the script comes from.
#[derive(Debug, Clone)]
pub enum ClientSource {
    /// The modules of these pages.
    Own,
    /// None is served.
    Off,
    /// This file is the script; the ES module stays the project's own.
    File(PathBuf),
}

/// Why there is no script to serve.
#[derive(Debug, thiserror::Error)]
pub enum BadClient {
    #[error("the client script {path} cannot be read: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the client script {0} is not a script: it must be JavaScript as UTF-8 text")]
    NotScript(String),
    #[error("the client script cannot be made: {0}")]
    Modules(#[from] BadModule),
    #[error("the client script cannot be compressed: {0}")]
    Compression(#[from] std::io::Error),
}

/// The scripts of the endpoint.
pub struct Client {
    scripts: BTreeMap<&'static str, Script>,
    /// A module that tells the pages where the endpoint is, and under which address the world knows them.
    place: Script,
    path: String,
    cors: Cors,
}

#[derive(Clone)]
struct Script {
    plain: Bytes,
    gzip: Bytes,
    tag: String,
}

impl Client {
    /// Reads and checks what is to be served. `path` is the endpoint's, without a slash at its end.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no script; modules that do not fit together.
    pub fn new(source: &ClientSource, pages: &Pages, path: &str, cors: Cors) -> Result<Self, BadClient> {
        let mut scripts = BTreeMap::new();
        if !matches!(source, ClientSource::Off) {
            let own = join("socket.js", |name| pages.text(&format!("lib/{name}")))?;
            let classic = match source {
                ClientSource::File(file) => script_of(file)?,
                _ => own.classic,
            };
            for (names, text) in [(CLASSIC, classic), (MODULE, own.module)] {
                let script = Script::new(text)?;
                scripts.extend(names.map(|name| (name, script.clone())));
            }
        }
        Ok(Self { scripts, place: Script::new(place(path, None))?, path: path.to_owned(), cors })
    }

    /// The address under which visitors' phones reach these pages, where it is not the one at which a kiosk does: `https://turnos.example.org`.
    ///
    /// # Errors
    ///
    /// None that a sound program has: the module cannot be compressed.
    pub fn with_public_url(self, url: Option<&str>) -> Result<Self, BadClient> {
        Ok(Self { place: Script::new(place(&self.path, url))?, ..self })
    }
}

/// The module `/lib/socket-path.js`.
fn place(path: &str, url: Option<&str>) -> String {
    // As JSON a text is a literal of the script, too.
    let url = serde_json::Value::from(url.map(|url| url.trim_end_matches('/')));
    format!("export const SOCKET_PATH = '{path}/';\nexport const PUBLIC_URL = {url};\n")
}

impl Script {
    fn new(text: String) -> std::io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes())?;
        Ok(Self { tag: tag_of(&text), gzip: encoder.finish()?.into(), plain: text.into() })
    }

    fn answer(&self, request: &HttpRequest, known: &IfNoneMatch) -> HttpResponse {
        let gzip = accepts_gzip(request.headers());
        // Other bytes, another tag.
        let tag = EntityTag::new_strong(if gzip { format!("{}-gzip", self.tag) } else { self.tag.clone() });
        let is_known = matches!(known, IfNoneMatch::Items(tags) if tags.iter().any(|other| other.weak_eq(&tag)));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        // The tag is asked for every time: after an upgrade nobody runs an old client.
        response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header(header::ETag(tag));
        response.insert_header((header::VARY, "Accept-Encoding"));
        if is_known {
            return response.finish();
        }
        if gzip {
            response.insert_header((header::CONTENT_ENCODING, "gzip"));
        }
        let body = if gzip { &self.gzip } else { &self.plain };
        response.content_type("text/javascript; charset=utf-8").body(body.clone())
    }
}

/// `{endpoint}/socket.io.js` and its like. Whoever may connect from another origin loads it from here.
pub async fn script(client: web::Data<Client>, request: HttpRequest, known: web::Header<IfNoneMatch>) -> HttpResponse {
    let script = request.match_info().get("file").and_then(|name| client.scripts.get(name));
    let Some(script) = script else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("404: no such script\n");
    };
    let mut response = script.answer(&request, &known);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, header::HeaderValue::from_static("cross-origin"));
    for (name, value) in client.cors.headers(request.headers()) {
        headers.append(name, value);
    }
    response
}

/// `/lib/socket-path.js`, in place of the file of that name, which has the default.
pub async fn socket_path(client: web::Data<Client>, request: HttpRequest, known: web::Header<IfNoneMatch>) -> HttpResponse {
    client.place.answer(&request, &known)
}

/// Whether the client understands gzip and did not say that it does not want it.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    offers.map(|offer| offer.split_once(';').unwrap_or((offer, ""))).any(|(name, weight)| {
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Tells one text from another. Not for all time: after a new build of the program it may be fetched once more.
fn tag_of(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    format!("{:016x}", hasher.finish())
}

fn script_of(file: &Path) -> Result<String, BadClient> {
    let path = file.display().to_string();
    let bytes = fs::read(file).map_err(|source| BadClient::Unreadable { path: path.clone(), source })?;
    // A page that was saved in place of the script is the usual mistake.
    let text = String::from_utf8(bytes).ok().filter(|text| !text.trim().is_empty() && !text.trim_start().starts_with('<'));
    text.ok_or(BadClient::NotScript(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(source: ClientSource) -> Result<Client, BadClient> {
        Client::new(&source, &Pages::Embedded, "/a/socket.io", Cors::SameOrigin)
    }

    #[test]
    fn the_modules_of_the_pages_are_joined() {
        let client = client(ClientSource::Own).unwrap();
        assert_eq!(
            client.scripts.keys().copied().collect::<Vec<_>>(),
            ["socket.io.esm.js", "socket.io.esm.min.js", "socket.io.js", "socket.io.min.js"]
        );
        let text = |name| String::from_utf8(client.scripts[name].plain.to_vec()).unwrap();
        assert!(text("socket.io.js").contains("globalThis.io=io;"));
        assert!(text("socket.io.esm.js").ends_with("export default io;\n"));
        for name in CLASSIC.into_iter().chain(MODULE) {
            let text = text(name);
            assert!(text.contains("class Manager extends Emitter {") && !text.contains("import "), "{name}");
        }
        let text = "export const SOCKET_PATH = '/a/socket.io/';\nexport const PUBLIC_URL = null;\n";
        assert_eq!(client.place.plain, text);
        let client = client.with_public_url(Some("https://turnos.example.org/")).unwrap();
        assert_eq!(client.place.plain, text.replace("null", "\"https://turnos.example.org\""));
    }

    #[test]
    fn a_file_stands_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("official.js");
        fs::write(&file, "var io = 1;\n").unwrap();
        let served = client(ClientSource::File(file.clone())).unwrap();
        assert_eq!(served.scripts["socket.io.js"].plain, "var io = 1;\n");
        assert_eq!(served.scripts["socket.io.min.js"].plain, "var io = 1;\n");
        assert_ne!(served.scripts["socket.io.esm.js"].plain, "var io = 1;\n");
        for content in [&b""[..], b" \n", b"<!doctype html>", b"\xff\xfe"] {
            fs::write(&file, content).unwrap();
            assert!(matches!(client(ClientSource::File(file.clone())), Err(BadClient::NotScript(_))), "{content:?}");
        }
        fs::remove_file(&file).unwrap();
        let missing = client(ClientSource::File(file)).err().unwrap().to_string();
        assert!(missing.contains("official.js cannot be read"), "{missing}");
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (text, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("deflate", false),
            ("", false),
            ("gzip;q=0", false),
            ("gzip; q=0.0, br", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_str(text).unwrap());
            assert_eq!(accepts_gzip(&headers), expected, "{text}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_is_the_script() {
        let client = client(ClientSource::Own).unwrap();
        for script in client.scripts.values() {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&script.gzip[..]), &mut text).unwrap();
            assert_eq!(text, script.plain);
            assert!(script.gzip.len() * 2 < script.plain.len());
        }
    }

    #[test]
    fn off_is_nothing() {
        assert!(client(ClientSource::Off).unwrap().scripts.is_empty());
    }
}
