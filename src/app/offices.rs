//! Owns how offices are read from a file: one branch's settings, or a list of branches, each with its number. Checks them; changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::AppError;
use crate::office::{BranchId, Lang, Settings};
use crate::wrong::{self, Wrong};

/// The branch of a file that names none.
const FIRST: BranchId = BranchId(1);

/// The branches of a JSON file, checked.
pub fn from_file(path: &Path) -> Result<BTreeMap<BranchId, Settings>, AppError> {
    let wrong = |problem: String| AppError::OfficeFile { path: path.display().to_string(), problem };
    let json = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    read(&json).map_err(wrong)
}

fn read(json: &str) -> Result<BTreeMap<BranchId, Settings>, String> {
    // Of what is no JSON, the parser says best where it ends to be.
    let file: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    office(json, file).map_err(|wrong| format!("line {}: {}", wrong.line_in(json), wrong.told(Lang::En)))
}

fn office(json: &str, file: Value) -> Result<BTreeMap<BranchId, Settings>, Wrong> {
    match file {
        Value::Object(mut file) if file.contains_key("branches") => {
            let list = file.remove("branches").unwrap_or_default();
            match file.keys().next() {
                None => branches(&list),
                Some(key) => Err(Wrong::at(key, "no cabe junto a branches", "there is no such key beside branches")),
            }
        }
        _ => {
            let settings: Settings = wrong::object(json)?;
            settings.check()?;
            Ok(BTreeMap::from([(FIRST, settings)]))
        }
    }
}

fn branches(list: &Value) -> Result<BTreeMap<BranchId, Settings>, Wrong> {
    let list: Vec<Map<String, Value>> = wrong::value(list).map_err(|wrong| wrong.within("branches"))?;
    if list.is_empty() {
        return Err(Wrong::at("branches", "no hay ninguna", "there is none"));
    }
    let (mut found, mut names) = (BTreeMap::new(), BTreeSet::new());
    for (place, branch) in list.into_iter().enumerate() {
        let at = |wrong: Wrong| wrong.within(&format!("branches[{place}]"));
        let (id, settings) = branch_of(branch).map_err(at)?;
        let taken = |key| at(Wrong::at(key, "lo tiene otra sucursal", "another branch has it"));
        if !names.insert(settings.name.clone()) {
            return Err(taken("name"));
        }
        if found.insert(id, settings).is_some() {
            return Err(taken("id"));
        }
    }
    Ok(found)
}

fn branch_of(mut branch: Map<String, Value>) -> Result<(BranchId, Settings), Wrong> {
    let id = branch.remove("id").and_then(|id| serde_json::from_value(id).ok()).filter(|id| *id != BranchId(0));
    let id = id.ok_or_else(|| Wrong::wanted("id", "un número desde 1", "a number from 1"))?;
    let settings: Settings = wrong::value(&Value::Object(branch))?;
    settings.check()?;
    Ok((id, settings))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{demo, plain};
    use super::*;

    fn branch(id: u32, name: &str) -> Value {
        let mut branch = serde_json::to_value(Settings { name: name.into(), ..demo() }).unwrap();
        branch["id"] = json!(id);
        branch
    }

    #[test]
    fn a_file_gives_the_office_that_was_written_and_a_wrong_one_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("office.json");
        std::fs::write(&path, serde_json::to_string(&plain()).unwrap()).unwrap();
        assert_eq!(from_file(&path).unwrap(), BTreeMap::from([(FIRST, plain())]));

        let mut twice = demo();
        twice.services[1].prefix = "A".into();
        std::fs::write(&path, serde_json::to_string(&twice).unwrap()).unwrap();
        let error = from_file(&path).unwrap_err();
        assert!(error.to_string().contains("services[1].prefix"), "{error}");
        assert_eq!(error.exit_code(), 64);
    }

    #[test]
    fn a_file_may_hold_many_branches() {
        let file = json!({"branches": [branch(3, "Puerto"), branch(1, "Centro")]}).to_string();
        let found = read(&file).unwrap();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [BranchId(1), BranchId(3)]);
        assert_eq!(found[&BranchId(3)], Settings { name: "Puerto".into(), ..demo() });
    }

    #[test]
    fn what_is_wrong_with_a_branch_is_told_with_its_place() {
        let mut colour = branch(2, "b");
        colour["colour"] = json!("red");
        let mut prefix = branch(2, "b");
        prefix["services"][1]["prefix"] = json!("A");
        let rows = [
            (json!([]), "branches: there is none"),
            (json!({}), "branches: "),
            (json!([branch(1, "a"), branch(1, "b")]), "branches[1].id: another"),
            (json!([branch(1, "a"), branch(2, "a")]), "branches[1].name: another"),
            (json!([branch(0, "a")]), "branches[0].id: a number from 1 is"),
            (json!([branch(1, "a"), {"id": 2}]), "branches[1].name: missing"),
            (json!([branch(1, "a"), colour]), "branches[1].colour: there is no such key"),
            (json!([branch(1, "a"), prefix]), "branches[1].services[1].prefix"),
        ];
        for (list, problem) in rows {
            let error = read(&json!({"branches": list}).to_string()).unwrap_err();
            assert!(error.contains(problem), "{error} is not {problem}");
        }
        assert!(read(r#"{"branches": [], "name": "x"}"#).unwrap_err().contains("name: there is no such key beside branches"));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_key_and_line() {
        let rows: [(&str, Value, &str); 7] = [
            ("/services/1/prefix", json!(7), "services[1].prefix: a string is expected"),
            ("/services/1/quota", json!(-1), "services[1].quota: a whole number from 0 to 4294967295 is expected"),
            ("/desks/0/services", json!("all"), "desks[0].services: a list is expected"),
            (
                "/policy",
                json!({"kind": "guarded_ratio", "normals": "x"}),
                "policy.normals: a whole number from 0 to 4294967295 is expected",
            ),
            ("/languages/0", json!("fr"), "languages[0]: one of these words is expected: es, en"),
            ("/time_zone", json!("Moon"), "time_zone: a time zone, \"Europe/Madrid\", is expected"),
            ("/services/1/prefix", json!("abcd"), "services[1].prefix: "),
        ];
        for (pointer, value, problem) in rows {
            for (before, place) in [("", ""), ("/branches/1", "branches[1].")] {
                let mut file = match before {
                    "" => serde_json::to_value(demo()).unwrap(),
                    _ => json!({"branches": [branch(1, "a"), branch(2, "b")]}),
                };
                // A line of its own for each value, so that the pointer says which.
                *file.pointer_mut(&format!("{before}{pointer}")).unwrap() = json!("HERE");
                let marked = serde_json::to_string_pretty(&file).unwrap();
                let line = 1 + marked.lines().position(|line| line.contains("HERE")).unwrap();
                let error = read(&marked.replace("\"HERE\"", &value.to_string())).unwrap_err();
                assert!(error.starts_with(&format!("line {line}: {place}{problem}")), "{error} is not at line {line}: {place}{problem}");
                for word in ["struct", "invalid type", "variant", "u32", "column"] {
                    assert!(!error.contains(word), "{error}");
                }
            }
        }
        let missing = read("{\n  \"name\": \"x\"\n}").unwrap_err();
        assert_eq!(missing, "line 1: time_zone: missing");
        assert_eq!(read("{\n  \"name\" \"x\"\n}").unwrap_err(), "expected `:` at line 2 column 10");
    }
}
