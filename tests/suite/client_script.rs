//! The client script: under its four names, with its headers, at the endpoint's path; another file in its place; none.

use crate::harness::{TestOffice, http, program, within};

const CLASSIC: [&str; 2] = ["socket.io.js", "socket.io.min.js"];
const MODULE: [&str; 2] = ["socket.io.esm.js", "socket.io.esm.min.js"];

#[tokio::test]
async fn the_script_is_served_and_known_again_by_its_tag() {
    let office = TestOffice::spawn().await;
    for name in CLASSIC.into_iter().chain(MODULE) {
        let path = format!("/socket.io/{name}");
        let script = http(office.address(), "GET", &path, &[]).await;
        assert_eq!(script.status, 200, "{path}");
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(script.header(name), Some(value), "{path}");
        }
        let ending = if MODULE.contains(&name) { "export default io;\n" } else { "globalThis.io=io;\n})();\n" };
        assert!(script.body.ends_with(ending), "{path}");
        let tag = script.header("etag").unwrap_or_else(|| panic!("{path} has no tag"));
        let again = http(office.address(), "GET", &path, &[&format!("If-None-Match: {tag}")]).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(tag)), "{path}");
        let head = http(office.address(), "HEAD", &path, &[]).await;
        assert_eq!((head.status, head.body.as_str(), head.header("etag")), (200, "", Some(tag)), "{path}");
        let post = http(office.address(), "POST", &path, &[]).await;
        assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")), "{path}");
        let packed = http(office.address(), "GET", &path, &["Accept-Encoding: gzip, br"]).await;
        assert_eq!((packed.status, packed.header("content-encoding"), packed.header("vary")), (200, Some("gzip"), Some("Accept-Encoding")));
        assert_eq!(script.header("content-encoding"), None, "{path}");
        let other = packed.header("etag").unwrap_or_default();
        assert_ne!(other, tag, "{path}");
        let again = http(office.address(), "GET", &path, &["Accept-Encoding: gzip", &format!("If-None-Match: {other}")]).await;
        assert_eq!((again.status, again.header("etag")), (304, Some(other)), "{path}");
    }
    assert_eq!(http(office.address(), "GET", "/socket.io/other.js", &[]).await.status, 404);
}

#[tokio::test]
async fn whoever_may_connect_from_another_origin_may_read_it() {
    let setup = TestOffice::setup().with_flags(&["--cors-origins=https://a.example"]);
    let office = setup.spawn().await;
    for (origin, allowed) in [("https://a.example", Some("https://a.example")), ("https://b.example", None)] {
        let script = http(office.address(), "GET", "/socket.io/socket.io.js", &[&format!("Origin: {origin}")]).await;
        assert_eq!((script.status, script.header("access-control-allow-origin")), (200, allowed), "{origin}");
    }
}

#[tokio::test]
async fn endpoint_and_script_are_where_the_setting_says_and_the_pages_know() {
    let office = TestOffice::setup().with_flags(&["--socket-path=/live/io"]).spawn().await;
    let at = |path: &'static str| http(office.address(), "GET", path, &[]);
    assert_eq!(at("/live/io/?EIO=4&transport=polling").await.status, 200);
    assert_eq!(at("/live/io?EIO=4&transport=polling").await.status, 200);
    assert_eq!(at("/live/io/socket.io.js").await.status, 200);
    for path in ["/socket.io/?EIO=4&transport=polling", "/socket.io/socket.io.js"] {
        assert_eq!(at(path).await.status, 404, "{path}");
    }
    let told = at("/lib/socket-path.js").await;
    assert_eq!((told.status, told.body.as_str()), (200, "export const SOCKET_PATH = '/live/io/';\nexport const PUBLIC_URL = null;\n"));
    assert_eq!(told.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(told.header("content-security-policy").is_some());
}

#[tokio::test]
async fn none_is_served_when_it_is_off() {
    let office = TestOffice::setup().with_flags(&["--client-script=off"]).spawn().await;
    for name in CLASSIC.into_iter().chain(MODULE) {
        assert_eq!(http(office.address(), "GET", &format!("/socket.io/{name}"), &[]).await.status, 404, "{name}");
    }
    assert_eq!(http(office.address(), "GET", "/socket.io/?EIO=4&transport=polling", &[]).await.status, 200);
}

#[tokio::test]
async fn a_file_is_served_in_its_place_and_one_that_is_none_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.js");
    let flag = format!("--client-script={}", file.display());
    let data = format!("--data={}", folder.path().join("data").display());
    for (content, problem) in [(None, "cannot be read"), (Some("<!doctype html>"), "is not a script")] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let mut command = program(&["--bind=127.0.0.1:0", &data, &flag]);
        let output = within("the program to end", command.output()).await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{told}");
        assert!(told.contains("bundle.js") && told.contains(problem), "{told}");
    }
    std::fs::write(&file, "var io = 1;\n").unwrap();
    let office = TestOffice::setup().with_flags(&[&flag]).spawn().await;
    for name in CLASSIC {
        assert_eq!(http(office.address(), "GET", &format!("/socket.io/{name}"), &[]).await.body, "var io = 1;\n", "{name}");
    }
    assert!(http(office.address(), "GET", "/socket.io/socket.io.esm.js", &[]).await.body.ends_with("export default io;\n"));
}
