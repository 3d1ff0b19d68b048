//! What each kind of case asks for.

use super::case::Case;
use super::compare::compare;
use super::process::{Ended, run};
use super::{Outcome, python};
use addax_core::Value;
use addax_data::archive::Archive;
use addax_data::{Array, Arrays, npz};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

type Told<T = ()> = Result<T, String>;

/// A folder that goes with its last user.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Told<Scratch> {
        let path = std::env::temp_dir().join(format!("addax-parity-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Scratch(path))
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind is only untidy.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A case under examination.
struct Exam<'a> {
    case: &'a Case,
    binary: &'a Path,
    scratch: Scratch,
}

/// Examines a case.
pub(crate) fn examine(case: &Case, binary: &Path) -> Outcome {
    let told = Scratch::new(&case.name).and_then(|scratch| Exam { case, binary, scratch }.run());
    match told {
        Ok(()) => Outcome::Passed,
        Err(why) => match why.strip_prefix("skip: ") {
            Some(why) => Outcome::Skipped(why.to_string()),
            None => Outcome::Failed(why),
        },
    }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|w| w.to_string()).collect()
}

impl Exam<'_> {
    fn run(&self) -> Told {
        match (self.case.kind(), self.case.text("cmd").unwrap_or_default()) {
            ("P", "summary") => self.summary(),
            ("P", _) => self.predict(),
            ("E", _) => self.evaluate(),
            ("F", _) => self.refuse(),
            ("R", "convert") => self.convert(),
            (_, "fit") if self.case.get("property").is_some() => self.property(),
            (_, "fit") if self.case.get("stat").is_some() => self.statistics(),
            (_, "fit") => self.fit(),
            (kind, cmd) => Err(format!("unknown kind {kind} of command {cmd}")),
        }
    }

    fn command(&self, arguments: &[String]) -> Told<Ended> {
        run(self.binary, arguments)?.succeeded()
    }

    fn expected(&self) -> Told<Arrays> {
        arrays(&self.case.folder.join("expected.npz"))
    }

    fn predict(&self) -> Told {
        let out = self.scratch.file("out.npz");
        let mut arguments =
            words(&["predict", &self.case.file("model.keras"), &self.case.file("in.npz"), "-o", &out]);
        self.option(&mut arguments, "batch_size", "--batch-size");
        self.command(&arguments)?;
        self.outputs(&arrays(Path::new(&out))?)
    }

    /// Compares outputs by their names, or by `output_0`, `output_1`, …
    fn outputs(&self, got: &Arrays) -> Told {
        let (expected, names) = (self.expected()?, self.case.texts("outputs"));
        let count = expected.names().filter(|n| n.starts_with("out/")).count();
        if got.len() != count {
            return Err(format!("{} outputs, Keras has {count}", got.len()));
        }
        for i in 0..count {
            let numbered = format!("output_{i}");
            let by_name = names.get(i).and_then(|n| got.get(n));
            let only = (count == 1).then(|| got.iter().next().map(|(_, a)| a)).flatten();
            let array = got.get(&numbered).or(by_name).or(only);
            let array =
                array.ok_or_else(|| format!("no output {i} among {:?}", got.names().collect::<Vec<_>>()))?;
            compare(self.case, &expected, &format!("out/{i}"), array)?;
        }
        Ok(())
    }

    fn summary(&self) -> Told {
        let text = self.command(&words(&["summary", &self.case.file("model.keras")]))?.stdout;
        let wanted = self.case.get("summary").ok_or("nothing to compare with")?;
        let plain = |s: &str| s.replace(',', "");
        let rows: Vec<Vec<String>> =
            text.lines().filter(|l| l.contains('(') && !l.contains("params:")).map(cells).collect();
        let rows: Vec<&Vec<String>> =
            rows.iter().filter(|r| r.len() == 3 && !r[0].starts_with("Layer (")).collect();
        let list = wanted["rows"].as_array().ok_or("no rows")?;
        if list.len() != rows.len() {
            return Err(format!("{} rows, Keras has {}", rows.len(), list.len()));
        }
        for (want, got) in list.iter().zip(&rows) {
            let want: Vec<&str> = want.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            let title = format!("{} ({})", want[0], want[1]);
            if (&got[0], &got[1], plain(&got[2])) != (&title, &want[2].to_string(), plain(want[3])) {
                return Err(format!("row {got:?}, Keras has {want:?}"));
            }
        }
        for (what, want) in wanted["totals"].as_object().into_iter().flatten() {
            let line =
                text.lines().map(|l| l.trim().to_lowercase()).find(|l| l.starts_with(&format!("{what}:")));
            let number = line.as_deref().and_then(|l| l.split(':').nth(1)?.split_whitespace().next());
            if number.map(plain) != Some(want.to_string()) {
                return Err(format!("{what} {number:?}, Keras has {want}"));
            }
        }
        Ok(())
    }

    fn evaluate(&self) -> Told {
        let mut arguments =
            words(&["evaluate", &self.case.file("model.keras"), &self.case.file("data.npz"), "--json"]);
        self.option(&mut arguments, "batch_size", "--batch-size");
        let text = self.command(&arguments)?.stdout;
        let json: Json =
            serde_json::from_str(&text.replace("NaN", "null")).map_err(|e| format!("{e}: {text}"))?;
        self.readings("m/", &json)
    }

    /// Compares an object of numbers and lists with all expected keys of a prefix.
    fn readings(&self, prefix: &str, got: &Json) -> Told {
        let expected = self.expected()?;
        let object = got.as_object().ok_or("no JSON object")?;
        let wanted: Vec<&str> = expected.names().filter_map(|n| n.strip_prefix(prefix)).collect();
        let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
        let mut sorted = wanted.clone();
        sorted.sort_unstable();
        names.sort_unstable();
        if names != sorted {
            return Err(format!("names {names:?}, Keras has {sorted:?}"));
        }
        for name in wanted {
            let array = from_json(&object[name]).ok_or_else(|| format!("{name}: no numbers"))?;
            compare(self.case, &expected, &format!("{prefix}{name}"), &array)?;
        }
        Ok(())
    }

    fn option(&self, arguments: &mut Vec<String>, key: &str, flag: &str) {
        if let Some(value) = self.case.number(key) {
            arguments.extend([flag.to_string(), value]);
        }
    }

    /// Trains; returns History and the arrays of the trained model's tree.
    fn trained(&self, name: &str, more: &[String]) -> Told<(Json, Arrays)> {
        let (history, out) =
            (self.scratch.file(&format!("{name}.json")), self.scratch.file(&format!("{name}.keras")));
        let mut arguments = words(&["fit", &self.case.file("model.keras"), &self.case.file("data.npz")]);
        arguments.extend(words(&["--verbose", "0", "--history", &history, "-o", &out]));
        self.option(&mut arguments, "epochs", "--epochs");
        self.option(&mut arguments, "batch_size", "--batch-size");
        self.option(&mut arguments, "validation_split", "--validation-split");
        if self.case.get("validation") == Some(&Json::Bool(true)) {
            arguments.extend(words(&["--validation", &self.case.file("val.npz")]));
        }
        arguments.extend_from_slice(more);
        self.command(&arguments)?;
        let text = fs::read_to_string(&history).map_err(|e| format!("{history}: {e}"))?;
        let history = serde_json::from_str(&text).map_err(|e| format!("history: {e}"))?;
        Ok((history, tree(Path::new(&out))?))
    }

    fn fit(&self) -> Told {
        let (history, tree) = self.trained("out", &words(&["--no-shuffle"]))?;
        self.as_keras(&history, &tree)?;
        match self.case.kind() {
            "R" => {
                python::continues(self.case, &self.scratch.file("out.keras"), &self.scratch.file("more.npz"))
                    .and_then(|more| self.all_near(&more, &["cp/", "ch/", "cq/"]))
            }
            _ => Ok(()),
        }
    }

    fn as_keras(&self, history: &Json, tree: &Arrays) -> Told {
        self.readings("h/", history)?;
        self.all_near(tree, &["w/"])
    }

    /// Compares all arrays of some prefixes, no more and no less.
    fn all_near(&self, got: &Arrays, prefixes: &[&str]) -> Told {
        let expected = self.expected()?;
        let ours = |n: &&str| prefixes.iter().any(|p| n.starts_with(p));
        for key in expected.names().filter(ours) {
            let array = got.get(key).ok_or_else(|| format!("{key} is missing"))?;
            compare(self.case, &expected, key, array)?;
        }
        match got.names().filter(ours).find(|n| expected.get(n).is_none()) {
            Some(more) => Err(format!("{more}, which Keras has not")),
            None => Ok(()),
        }
    }

    fn statistics(&self) -> Told {
        let seed = self.case.number("fit_seed").unwrap_or_default();
        let (history, _) = self.trained("out", &words(&["--no-shuffle", "--seed", &seed]))?;
        for (name, interval) in self.case.get("stat").and_then(Json::as_object).into_iter().flatten() {
            let last = history[name].as_array().and_then(|l| l.last()).and_then(Json::as_f64);
            let (low, high) = (interval[0].as_f64(), interval[1].as_f64());
            if last.is_none() || last < low || last > high {
                return Err(format!("{name} {last:?} outside {interval}"));
            }
        }
        Ok(())
    }

    fn property(&self) -> Told {
        let seed = self.case.number("fit_seed").unwrap_or_default();
        let other = format!("{}1", seed.trim_start_matches('0'));
        let with = |name: &str, seed: &str, shuffled: bool| {
            let more =
                if shuffled { words(&["--seed", seed]) } else { words(&["--no-shuffle", "--seed", seed]) };
            self.trained(name, &more)
        };
        let property = self.case.text("property").unwrap_or_default();
        if property == "shuffle-full-batch" {
            let (history, tree) = with("a", &seed, true)?;
            return self.as_keras(&history, &tree);
        }
        let shuffled = property == "shuffle-seed";
        let (first, again, another) =
            (with("a", &seed, shuffled)?.1, with("b", &seed, shuffled)?.1, with("c", &other, shuffled)?.1);
        if first != again {
            return Err("one seed gave different weights".to_string());
        }
        if first == another {
            return Err("another seed gave the same weights".to_string());
        }
        if shuffled {
            let (history, tree) = with("d", &seed, false)?;
            self.as_keras(&history, &tree)?;
            if first == tree {
                return Err("shuffling changed nothing".to_string());
            }
        }
        Ok(())
    }

    fn refuse(&self) -> Told {
        let place = |texts: Vec<String>, tmp: &str| -> Vec<String> {
            let dir = self.case.folder.display().to_string();
            texts.iter().map(|t| t.replace("{dir}", &dir).replace("{tmp}", tmp)).collect()
        };
        let (good, empty) = (Scratch::new(&format!("{}-good", self.case.name))?, self.scratch.file(""));
        let tmp = empty.trim_end_matches('/');
        self.command(&place(self.case.texts("control"), &good.0.display().to_string()))
            .map_err(|e| format!("control: {e}"))?;
        let ended = run(self.binary, &place(self.case.texts("argv"), tmp))?;
        let said = ended.stderr.trim();
        let code = ended.code.ok_or_else(|| format!("no exit: {}", ended.story()))?;
        if !(1..=100).contains(&code) {
            return Err(format!("status {code}"));
        }
        if said.lines().filter(|l| !l.starts_with("warning")).count() != 1
            || !said.lines().last().unwrap_or_default().starts_with("error: ")
        {
            return Err(format!("no single line of error: {said}"));
        }
        let hint = self.case.text("hint").unwrap_or_default();
        if !holds(&said.to_lowercase(), &hint.to_lowercase()) {
            return Err(format!("\"{hint}\" is not in: {said}"));
        }
        if let Some(bad) = place(self.case.texts("no_file"), tmp).iter().find(|f| Path::new(f).exists()) {
            return Err(format!("{bad} came into being"));
        }
        if fs::read_dir(tmp).map_err(|e| e.to_string())?.next().is_some() {
            return Err("something was written".to_string());
        }
        let most = self.case.get("max_rss_mb").and_then(Json::as_u64).unwrap_or(1500);
        if ended.memory > most { Err(format!("{} MB of memory", ended.memory)) } else { Ok(()) }
    }

    fn convert(&self) -> Told {
        let target = self.case.text("target").unwrap_or_default();
        let out = self.scratch.file(&format!("out.{target}"));
        self.command(&words(&["convert", &self.case.file("model.keras"), &out]))?;
        let got = python::reads(self.case, target, &out, &self.scratch.file("got.npz"))?;
        self.all_near(&got, &["out/"])
    }
}

/// Whether a text holds one of the alternatives of a pattern; the cases use no more of regular expressions than that.
fn holds(text: &str, pattern: &str) -> bool {
    pattern.split('|').any(|p| text.contains(&p.replace('\\', "")))
}

/// The cells of a line between its rules.
fn cells(line: &str) -> Vec<String> {
    let parts = line.split(['│', '┃', '|']).map(|c| c.trim().to_string());
    parts.filter(|c| !c.is_empty()).collect()
}

fn arrays(path: &Path) -> Told<Arrays> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    npz::decode(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// All datasets of a model's tree of weights, as `w/PATH`.
fn tree(path: &Path) -> Told<Arrays> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let archive = Archive::open(&bytes).map_err(|e| e.to_string())?;
    let weights = archive.read("model.weights.h5").map_err(|e| e.to_string())?;
    let file = addax_h5::File::open(&weights).map_err(|e| e.to_string())?;
    let mut found = Arrays::new();
    for (path, _) in file.walk().filter(|(_, kind)| *kind == addax_h5::Kind::Dataset) {
        let dataset = file.dataset(&path).map_err(|e| e.to_string())?;
        let numbers = dataset.read().and_then(|a| a.floats()).map_err(|e| e.to_string())?;
        let whole = dataset.dtype().to_string().contains("int");
        let value = Value::new(dataset.shape(), numbers).map_err(|e| e.to_string())?;
        let value = if whole { value.cast(addax_core::DType::I64) } else { value };
        found.insert(format!("w/{path}"), value).map_err(|e| e.to_string())?;
    }
    Ok(found)
}

/// A number or nested lists of numbers; null is NaN.
fn from_json(json: &Json) -> Option<Array> {
    fn walk(json: &Json, depth: usize, shape: &mut Vec<usize>, out: &mut Vec<f64>) -> Option<()> {
        match json {
            Json::Null => out.push(f64::NAN),
            Json::Number(n) => out.push(n.as_f64()?),
            Json::Array(list) => {
                if shape.len() == depth {
                    shape.push(list.len());
                }
                if shape[depth] != list.len() {
                    return None;
                }
                list.iter().try_for_each(|j| walk(j, depth + 1, shape, out))?;
            }
            _ => return None,
        }
        Some(())
    }
    let (mut shape, mut numbers) = (Vec::new(), Vec::new());
    walk(json, 0, &mut shape, &mut numbers)?;
    Value::new(shape, numbers).ok().map(Array::Numbers)
}
