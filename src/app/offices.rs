//! Owns how offices are read from a file: one branch's settings, or a list of branches, each with its number. Checks them; changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::AppError;
use crate::office::{BranchId, Settings};

/// The branch of a file that names none.
const FIRST: BranchId = BranchId(1);

/// The branches of a JSON file, checked.
pub fn from_file(path: &Path) -> Result<BTreeMap<BranchId, Settings>, AppError> {
    let wrong = |problem: String| AppError::OfficeFile { path: path.display().to_string(), problem };
    let json = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    read(&json).map_err(wrong)
}

fn read(json: &str) -> Result<BTreeMap<BranchId, Settings>, String> {
    let file: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    match file {
        Value::Object(mut file) if file.contains_key("branches") => {
            let list = file.remove("branches").unwrap_or_default();
            match file.keys().next() {
                None => branches(list),
                Some(key) => Err(format!("unknown field `{key}` beside `branches`")),
            }
        }
        // Once more from the text: its errors name the line.
        _ => {
            let settings: Settings = serde_json::from_str(json).map_err(|error| error.to_string())?;
            settings.check().map_err(|error| error.to_string())?;
            Ok(BTreeMap::from([(FIRST, settings)]))
        }
    }
}

fn branches(list: Value) -> Result<BTreeMap<BranchId, Settings>, String> {
    let list: Vec<Map<String, Value>> = serde_json::from_value(list).map_err(|error| format!("branches: {error}"))?;
    if list.is_empty() {
        return Err("branches: there is none".into());
    }
    let (mut found, mut names) = (BTreeMap::new(), BTreeSet::new());
    for (place, mut branch) in list.into_iter().enumerate() {
        let wrong = |problem: String| format!("branches[{place}].{problem}");
        let id = branch.remove("id").and_then(|id| serde_json::from_value(id).ok()).filter(|id| *id != BranchId(0));
        let id: BranchId = id.ok_or_else(|| wrong("id: must be a number from 1".into()))?;
        let settings: Settings = serde_json::from_value(Value::Object(branch)).map_err(|error| format!("branches[{place}]: {error}"))?;
        settings.check().map_err(|error| wrong(error.to_string()))?;
        if !names.insert(settings.name.clone()) {
            return Err(wrong("name: another branch has it".into()));
        }
        if found.insert(id, settings).is_some() {
            return Err(wrong("id: another branch has it".into()));
        }
    }
    Ok(found)
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
            (json!([branch(0, "a")]), "branches[0].id: must"),
            (json!([branch(1, "a"), {"id": 2}]), "branches[1]: missing field"),
            (json!([branch(1, "a"), colour]), "unknown field `colour`"),
            (json!([branch(1, "a"), prefix]), "branches[1].services[1].prefix"),
        ];
        for (list, problem) in rows {
            let error = read(&json!({"branches": list}).to_string()).unwrap_err();
            assert!(error.contains(problem), "{error} is not {problem}");
        }
        assert!(read(r#"{"branches": [], "name": "x"}"#).unwrap_err().contains("`name` beside"));
    }
}
