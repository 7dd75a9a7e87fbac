//! Owns the way from an address to a file of `public/`: embedded in the program, or read from a folder while one works on the pages. Never
//! serves anything outside of `public/`.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use actix_web::http::header::{self, EntityTag, HeaderName, HeaderValue, IfNoneMatch};
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "public/"]
struct Embedded;

/// Where the pages come from.
#[derive(Debug, Clone)]
pub enum Pages {
    Embedded,
    Folder(PathBuf),
}

struct File {
    bytes: Cow<'static, [u8]>,
    media_type: String,
    /// A hash of the content; `None` where it changes while one works on it.
    tag: Option<String>,
}

/// `/t/{token}`: the page by which a visitor follows a ticket. It is the same for every token, also for one of nobody: what the token opens
/// is asked for by events alone. No search engine is to know it.
pub async fn ticket(pages: web::Data<Pages>, if_none_match: web::Header<IfNoneMatch>) -> HttpResponse {
    let mut response = serve(&pages, "phone", &if_none_match).await;
    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}

/// `/`, `/kiosk`, `/css/base.css`, …
pub async fn page(pages: web::Data<Pages>, path: web::Path<String>, if_none_match: web::Header<IfNoneMatch>) -> HttpResponse {
    serve(&pages, &path, &if_none_match).await
}

async fn serve(pages: &Pages, path: &str, if_none_match: &IfNoneMatch) -> HttpResponse {
    let Some(file) = pages.find(path).await else { return not_found() };
    let mut response = HttpResponse::Ok();
    // The tag is asked for every time: after an upgrade no screen runs old code.
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    if let Some(tag) = file.tag {
        let tag = EntityTag::new_strong(tag);
        let known = matches!(if_none_match, IfNoneMatch::Items(tags) if tags.iter().any(|other| other.weak_eq(&tag)));
        if known {
            return HttpResponse::NotModified().insert_header(header::ETag(tag)).finish();
        }
        response.insert_header(header::ETag(tag));
    }
    response.content_type(file.media_type).body(file.bytes.into_owned())
}

impl Pages {
    /// A file's text, at the start: it waits for the disk.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let bytes = match self {
            Self::Embedded => Embedded::get(name)?.data.into_owned(),
            Self::Folder(folder) => std::fs::read(inside(folder, name)?).ok()?,
        };
        String::from_utf8(bytes).ok()
    }

    async fn find(&self, path: &str) -> Option<File> {
        for name in candidates(path) {
            if let Some(file) = self.read(&name).await {
                return Some(file);
            }
        }
        None
    }

    async fn read(&self, name: &str) -> Option<File> {
        match self {
            Self::Embedded => {
                let file = Embedded::get(name)?;
                let hash = file.metadata.sha256_hash();
                let tag = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
                Some(File { bytes: file.data, media_type: typed(file.metadata.mimetype()), tag: Some(tag) })
            }
            Self::Folder(folder) => {
                let path = inside(folder, name)?;
                // A folder on a local disk, read by one person at work: not worth more than a thread for a moment.
                let bytes = web::block(move || std::fs::read(path)).await.ok()?.ok()?;
                let media_type = mime_guess::from_path(name).first_or_octet_stream();
                Some(File { bytes: bytes.into(), media_type: typed(media_type.as_ref()), tag: None })
            }
        }
    }
}

/// A page's address is its folder's name; a file's address is its path.
fn candidates(path: &str) -> impl Iterator<Item = String> {
    let path = path.trim_matches('/');
    let page = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    std::iter::once(if is_file { path.to_owned() } else { page })
}

/// The path below the folder; `None` for one that leads out of it.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

/// All text of the pages is UTF-8.
fn typed(media_type: &str) -> String {
    let text = media_type.starts_with("text/") || media_type.ends_with("javascript") || media_type.ends_with("json");
    if text && !media_type.contains("charset") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
}

fn not_found() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("404: no such page\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_folder_and_a_file_is_itself() {
        let find = |path| candidates(path).collect::<Vec<_>>();
        assert_eq!(find(""), ["index.html"]);
        assert_eq!(find("kiosk"), ["kiosk/index.html"]);
        assert_eq!(find("kiosk/"), ["kiosk/index.html"]);
        assert_eq!(find("css/base.css"), ["css/base.css"]);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let folder = Path::new("/srv/public");
        assert_eq!(inside(folder, "css/base.css"), Some("/srv/public/css/base.css".into()));
        for path in ["../Cargo.toml", "css/../../x.y", "/etc/passwd", "./x.y/../../z"] {
            assert_eq!(inside(folder, path), None, "{path}");
        }
    }
}
