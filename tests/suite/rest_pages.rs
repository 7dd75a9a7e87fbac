//! REST: what does not fit on one page is found by following what it says.

use serde_json::{Value, json};

use crate::harness::{TestOffice, http, rest};

#[tokio::test]
async fn a_sheet_of_the_audit_log_says_where_it_goes_on() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for name in ["Ana", "Bea", "Eva", "Luz", "Sol"] {
        assert_eq!(rest(address, "POST", "/users", json!({"nombre": name, "rol": "agente"})).await.0, 201);
    }
    let (_, whole) = rest(address, "GET", "/audit?accion=user_*", Value::Null).await;
    let expected: Vec<_> = whole["entradas"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(expected.len(), 5);

    let (mut found, mut pages) = (Vec::new(), 0);
    let mut path = Some("/api/v1/audit?accion=user_*&limite=2".to_owned());
    while let Some(asked) = path {
        let page = http(address, "GET", &asked, &["Accept: text/csv"]).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/csv; charset=utf-8")), "{}", page.body);
        let lines: Vec<_> = page.body.trim_start_matches('\u{feff}').lines().collect();
        assert!(lines[0].starts_with("id,at_ms,"), "{}", lines[0]);
        found.extend(lines[1..].iter().filter_map(|line| Some(line.split_once(',')?.0.to_owned())));
        pages += 1;
        path = page
            .header("link")
            .map(|link| link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap().to_owned());
        assert!(pages <= 3, "{found:?}");
    }
    assert_eq!((found, pages), (expected, 3));
    let figures = http(address, "GET", "/api/v1/branches/1/figures", &["Accept: text/csv"]).await;
    assert_eq!((figures.status, figures.header("link")), (200, None));
}
