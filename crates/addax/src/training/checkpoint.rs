//! Checkpoints: a run in a file that is checksummed whole and written whole or not at all; a folder keeps the last two.

use super::batches::Place;
use super::history::{History, Series};
use super::run::{Identity, Run};
use crate::callbacks::Memory;
use addax_core::{Error, Result, Value};
use addax_data::archive::{Archive, Writer};
use addax_data::{atomic, npy};
use serde_json::{Map, Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};

const FORMAT: u64 = 1;
const RUN: &str = "run.json";
const PREFIX: &str = "checkpoint-";
const ENDING: &str = ".ckpt";
/// How many a folder keeps: if the last is damaged, the one before is there.
const KEPT: usize = 2;

/// Where a run is kept, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoints {
    pub(crate) folder: PathBuf,
    pub(crate) every: Option<usize>,
    pub(crate) epochs: bool,
    /// Where the run to go on with is kept.
    pub(crate) resume: Option<PathBuf>,
    /// Whether the run must begin with the same numbers.
    pub(crate) first: bool,
    /// Whether they are removed once the run has ended.
    pub(crate) passing: bool,
}

impl Checkpoints {
    /// In a folder, after each epoch.
    pub fn new(folder: impl AsRef<Path>) -> Checkpoints {
        let folder = folder.as_ref().to_path_buf();
        Checkpoints { folder, every: None, epochs: true, resume: None, first: true, passing: false }
    }

    /// Also after every so many steps.
    pub fn every(mut self, steps: usize) -> Self {
        self.every = Some(steps);
        self
    }

    /// Goes on with the run that is kept there, if there is one.
    pub fn resume(mut self) -> Self {
        self.resume = Some(self.folder.clone());
        self
    }

    /// Goes on with a run that is kept in another folder, if there is one.
    pub fn resume_from(mut self, folder: impl AsRef<Path>) -> Self {
        self.resume = Some(folder.as_ref().to_path_buf());
        self
    }

    /// The newest run in the folder that can be read; a damaged one is told of and passed over.
    ///
    /// # Errors
    /// No folder, or checkpoints that are damaged all of them.
    pub fn latest(&self) -> Result<Option<Run>> {
        let mut damaged = None;
        for (_, path) in self.list()?.iter().rev() {
            let bytes = fs::read(path).map_err(|e| Error::io(path.display(), e));
            match bytes.and_then(|b| decode(&b).map_err(|e| e.at(path.display()))) {
                Ok(run) => return Ok(Some(run)),
                Err(e) => {
                    eprintln!("warning: {e}; the checkpoint before it is taken");
                    damaged = Some(e);
                }
            }
        }
        damaged.map_or(Ok(None), Err)
    }

    /// Makes the folder and clears away what a process that was killed left half written.
    pub(crate) fn open(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(|e| Error::io(self.folder.display(), e))?;
        if self.every == Some(0) {
            return Err(Error::value("steps between checkpoints").expected("at least 1").got(0));
        }
        atomic::clear(&self.folder);
        Ok(())
    }

    /// Writes a run, then removes all but the last.
    pub(crate) fn save(&self, run: &Run) -> Result<()> {
        let list = self.list()?;
        let number = list.last().map_or(1, |(n, _)| n + 1);
        let path = self.folder.join(format!("{PREFIX}{number:08}{ENDING}"));
        atomic::with_writer(&path, |out| encode(run, Writer::new(out)).map(drop))?;
        let old = list.len().saturating_sub(KEPT - 1);
        for (_, path) in &list[..old] {
            // One too many does no harm.
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    /// Removes all of them, and the folder if nothing else is in it.
    pub(crate) fn remove(&self) -> Result<()> {
        for (_, path) in self.list()? {
            fs::remove_file(&path).map_err(|e| Error::io(path.display(), e))?;
        }
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }

    /// The checkpoints of the folder by their numbers.
    fn list(&self) -> Result<Vec<(u64, PathBuf)>> {
        let io = |e: std::io::Error| Error::io(self.folder.display(), e);
        let mut list = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let number = name.strip_prefix(PREFIX).and_then(|n| n.strip_suffix(ENDING));
            if let Some(n) = number.and_then(|n| n.parse().ok()) {
                list.push((n, path));
            }
        }
        list.sort();
        Ok(list)
    }
}

/// Writes a run: what is text or a small number as JSON, all else as arrays that keep every bit.
fn encode<W: std::io::Write>(run: &Run, mut out: Writer<W>) -> Result<W> {
    let mut add = |name: String, v: &Value| {
        let array = v.clone().into();
        let (header, body) = npy::parts(&array)?;
        out.add(&format!("{name}.npy"), &[&header, &body])
    };
    run.state.iter().enumerate().try_for_each(|(i, v)| add(format!("state/{i}"), v))?;
    let mut series = Vec::new();
    for (i, (name, values)) in run.history.history.iter().enumerate() {
        let (numbers, lengths) = match values {
            Series::Numbers(v) => (v.clone(), None),
            Series::Lists(lists) => {
                (lists.concat(), Some(lists.iter().map(|l| l.len() as u64).collect::<Vec<_>>()))
            }
        };
        add(format!("history/{i}"), &Value::from(numbers))?;
        series.push(json!({"name": name, "lengths": lengths}));
    }
    let mut memories = Vec::new();
    for (i, memory) in run.memories.iter().enumerate() {
        for (j, (_, v)) in memory.arrays.iter().enumerate() {
            add(format!("callbacks/{i}/{j}"), v)?;
        }
        let names: Vec<&str> = memory.arrays.iter().map(|(n, _)| n.as_str()).collect();
        memories.push(json!({"of": memory.of, "arrays": names}));
    }
    let identity: Map<String, Json> =
        run.identity.0.iter().map(|(n, what)| (n.clone(), Json::from(what.as_str()))).collect();
    let json = json!({
        "format": FORMAT,
        "epoch": run.epoch,
        "begun": run.begun,
        "stopped": run.stopped,
        "seed": run.seed,
        "pass": run.place.pass,
        "taken": run.place.taken,
        "done": run.place.done,
        "states": run.state.len(),
        "epochs": run.history.epoch,
        "history": series,
        "callbacks": memories,
        "identity": identity,
    });
    out.add(RUN, &[json.to_string().as_bytes()])?;
    out.finish()
}

/// Reads a run; every array is checked against its checksum.
fn decode(bytes: &[u8]) -> Result<Run> {
    let archive = Archive::open(bytes)?;
    let json: Json = serde_json::from_slice(&archive.read(RUN)?).map_err(|e| Error::io(RUN, e))?;
    let array = |name: String| -> Result<Value> {
        npy::decode(&archive.read(&format!("{name}.npy"))?)?.numbers().cloned()
    };
    let json = Fields(&json);
    if json.number("format")? != FORMAT {
        return Err(Error::value(RUN)
            .expected(format_args!("format {FORMAT}"))
            .got(json.0["format"].clone()));
    }
    let mut history = History { epoch: json.numbers("epochs")?, ..History::default() };
    for (i, series) in json.list("history")?.iter().enumerate() {
        let series = Fields(series);
        let values = array(format!("history/{i}"))?.to_f64();
        let values = match series.0.get("lengths") {
            Some(Json::Array(_)) => Series::Lists(divided(&values, &series.numbers("lengths")?)?),
            _ => Series::Numbers(values),
        };
        history.history.insert(series.text("name")?, values);
    }
    let mut memories = Vec::new();
    for (i, memory) in json.list("callbacks")?.iter().enumerate() {
        let memory = Fields(memory);
        let mut kept = Memory::new(&memory.text("of")?);
        for (j, name) in memory.list("arrays")?.iter().enumerate() {
            let name = name.as_str().ok_or_else(|| memory.wrong("arrays"))?;
            kept = kept.with(name, array(format!("callbacks/{i}/{j}"))?);
        }
        memories.push(kept);
    }
    let identity = json.0.get("identity").and_then(Json::as_object).ok_or_else(|| json.wrong("identity"))?;
    let text = |(n, what): (&String, &Json)| Some((n.clone(), what.as_str()?.to_string()));
    let identity = identity.iter().map(text).collect::<Option<_>>().ok_or_else(|| json.wrong("identity"))?;
    let states = json.size("states")?;
    Ok(Run {
        epoch: json.size("epoch")?,
        place: Place { pass: json.number("pass")?, taken: json.size("taken")?, done: json.size("done")? },
        begun: json.flag("begun")?,
        stopped: json.flag("stopped")?,
        seed: json.number("seed")?,
        history,
        state: (0..states).map(|i| array(format!("state/{i}"))).collect::<Result<_>>()?,
        memories,
        identity: Identity(identity),
    })
}

/// Numbers as lists of these lengths.
fn divided(values: &[f64], lengths: &[usize]) -> Result<Vec<Vec<f64>>> {
    let mut rest = values;
    let mut take = |n: &usize| {
        let (own, others) = rest.split_at_checked(*n)?;
        rest = others;
        Some(own.to_vec())
    };
    let lists = lengths.iter().map(&mut take).collect::<Option<Vec<_>>>();
    lists.ok_or_else(|| Error::value("history").expected("as many numbers as its lengths say"))
}

/// The fields of an object; errors name them.
struct Fields<'a>(&'a Json);

impl Fields<'_> {
    fn wrong(&self, key: &str) -> Error {
        let got = self.0.get(key).map_or("none".to_string(), Json::to_string);
        Error::value(RUN).expected(format_args!("a sound \"{key}\"")).got(got)
    }

    fn number(&self, key: &str) -> Result<u64> {
        self.0.get(key).and_then(Json::as_u64).ok_or_else(|| self.wrong(key))
    }

    fn size(&self, key: &str) -> Result<usize> {
        usize::try_from(self.number(key)?).map_err(|_| self.wrong(key))
    }

    fn flag(&self, key: &str) -> Result<bool> {
        self.0.get(key).and_then(Json::as_bool).ok_or_else(|| self.wrong(key))
    }

    fn text(&self, key: &str) -> Result<String> {
        self.0.get(key).and_then(Json::as_str).map(str::to_string).ok_or_else(|| self.wrong(key))
    }

    fn list(&self, key: &str) -> Result<&Vec<Json>> {
        self.0.get(key).and_then(Json::as_array).ok_or_else(|| self.wrong(key))
    }

    fn numbers(&self, key: &str) -> Result<Vec<usize>> {
        let number = |n: &Json| n.as_u64().and_then(|n| usize::try_from(n).ok());
        self.list(key)?.iter().map(number).collect::<Option<_>>().ok_or_else(|| self.wrong(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let mut history = History { epoch: vec![0, 1], ..History::default() };
        history.history.insert("../odd".into(), Series::Numbers(vec![f64::NAN, -0.0]));
        history.history.insert("f1".into(), Series::Lists(vec![vec![1.0, 2.0], vec![f64::INFINITY]]));
        Run {
            epoch: 2,
            place: Place { pass: 3, taken: 4, done: 1 },
            begun: true,
            seed: u64::MAX,
            history,
            state: vec![Value::from(vec![f32::MIN_POSITIVE / 2.0, 1.5]), Value::scalar(7u32)],
            memories: vec![Memory::new("EarlyStopping").with("best", Value::from(vec![0.1f64]))],
            identity: Identity(vec![("data".into(), "(4, 2) 12345678".into())]),
            ..Run::default()
        }
    }

    fn folder(name: &str) -> Checkpoints {
        let path = std::env::temp_dir().join(format!("addax-checkpoint-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let checkpoints = Checkpoints::new(path);
        checkpoints.open().unwrap();
        checkpoints
    }

    #[test]
    fn a_run_comes_back_bit_for_bit() {
        let bytes = encode(&run(), Writer::new(Vec::new())).unwrap();
        let back = decode(&bytes).unwrap();
        // NaN is not equal to itself.
        assert_eq!(encode(&back, Writer::new(Vec::new())).unwrap(), bytes);
        assert_eq!(
            (back.epoch, back.seed, back.place, back.state.clone()),
            (2, u64::MAX, run().place, run().state)
        );
        assert_eq!((back.memories, back.identity), (run().memories, run().identity));
    }

    #[test]
    fn every_flipped_byte_of_the_numbers_is_found_out() {
        let bytes = encode(&run(), Writer::new(Vec::new())).unwrap();
        let numbers = bytes.windows(6).position(|w| w == b"NUMPY\x01").unwrap();
        for at in (numbers..numbers + 100).chain([bytes.len() - 30]) {
            let mut bad = bytes.clone();
            bad[at] ^= 4;
            assert!(decode(&bad).is_err(), "{at}");
        }
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(decode(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn two_are_kept_and_a_damaged_one_is_passed_over() {
        let checkpoints = folder("kept");
        assert_eq!(checkpoints.latest().unwrap(), None);
        for epoch in 0..4 {
            checkpoints.save(&Run { epoch, ..Run::default() }).unwrap();
        }
        let list = checkpoints.list().unwrap();
        assert_eq!(list.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(checkpoints.latest().unwrap().unwrap().epoch, 3);
        let bytes = fs::read(&list[1].1).unwrap();
        fs::write(&list[1].1, &bytes[..bytes.len() - 5]).unwrap();
        assert_eq!(checkpoints.latest().unwrap().unwrap().epoch, 2);
        fs::write(&list[0].1, b"").unwrap();
        assert!(checkpoints.latest().is_err());
        checkpoints.remove().unwrap();
        assert!(!checkpoints.folder.exists());
    }

    #[test]
    fn another_run_is_refused_by_name() {
        let of = |what: &str| Identity(vec![("batch size".into(), what.into())]);
        assert!(of("8").check(&of("8")).is_ok());
        let e = of("8").check(&of("16")).unwrap_err().to_string();
        assert!(e.starts_with("batch size of the run: expected 16, got 8. A run goes on"), "{e}");
    }
}
