//! A training that was cut off after any step goes on to the same numbers, callbacks and History included.

use addax::callbacks::{BackupAndRestore, CSVLogger, Control, ReduceLROnPlateau};
use addax::prelude::*;
use addax::training::{Checkpoints, Logs, Shuffle};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the process's part in the training after so many steps, as a crash would.
struct Crash(usize);

impl Callback for Crash {
    fn wants_batches(&self) -> bool {
        true
    }

    fn on_train_batch_end(&mut self, _: usize, _: &Logs, _: &mut Control) -> addax::Result<()> {
        self.0 -= 1;
        if self.0 == 0 { Err(Error::value("crash")) } else { Ok(()) }
    }
}

fn model(weights: Option<&[Value]>) -> Model {
    let layers = Sequential::new()
        .add(Dense::new(5usize).activation("relu").input_shape([3]))
        .add(Dropout::new(0.3))
        .add(Dense::new(2usize).activation("sigmoid"));
    let mut model = Model::sequential(layers).unwrap();
    let metrics = ["accuracy", "f1_score"];
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(metrics)).unwrap();
    if let Some(weights) = weights {
        model.set_weights(weights).unwrap();
    }
    model
}

fn data(rows: usize) -> (Value, Value) {
    let number = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 1000.0;
    let x: Vec<f32> = (0..rows * 3).map(number).collect();
    let y: Vec<f32> = (0..rows * 2).map(|i| number(i * 7).round()).collect();
    (Value::new([rows, 3], x).unwrap(), Value::new([rows, 2], y).unwrap())
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("addax-resume-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// How a training goes through its data.
#[derive(Clone, Copy)]
struct Way {
    shuffle: Shuffle,
    steps: Option<usize>,
}

const WAYS: [Way; 3] = [
    Way { shuffle: Shuffle::Rows, steps: None },
    Way { shuffle: Shuffle::InBatches, steps: Some(2) },
    Way { shuffle: Shuffle::Never, steps: Some(5) },
];

/// What a training ends with.
#[derive(Debug, PartialEq)]
struct End {
    weights: Vec<Value>,
    history: History,
    table: String,
    stopped: Option<usize>,
}

/// A training of at most six epochs; nothing if it crashed.
fn train(model: &mut Model, way: Way, table: &Path, keep: Checkpoints, crash: Option<usize>) -> Option<End> {
    let (x, y) = data(13);
    let (val_x, val_y) = data(6);
    let mut early = EarlyStopping::new().monitor("val_loss").patience(3).restore_best_weights(true);
    let mut plateau = ReduceLROnPlateau::new().monitor("loss").min_delta(0.02).patience(1).factor(0.5);
    let mut logger = CSVLogger::new(table);
    let mut crashes = Crash(crash.unwrap_or(usize::MAX));
    let mut fit = Fit::new().epochs(6).batch_size(4).seed(9).verbose(0).shuffle(way.shuffle);
    if let Some(steps) = way.steps {
        fit = fit.steps_per_epoch(steps);
    }
    let fit = fit.validation_data(&val_x, &val_y).callback(&mut early).callback(&mut plateau);
    let fit = fit.callback(&mut logger).callback(&mut crashes).checkpoints(keep);
    match model.fit(&x, &y, fit) {
        Ok(history) => {
            let table = std::fs::read_to_string(table).unwrap();
            let weights = model.get_weights().unwrap();
            Some(End { weights, history, table, stopped: early.stopped_epoch })
        }
        Err(e) => {
            assert_eq!((e.to_string().as_str(), crash.is_some()), ("crash", true));
            None
        }
    }
}

#[test]
fn after_any_step_it_goes_on_to_the_same_end() {
    let first = model(None).get_weights().unwrap();
    let folder = folder("any");
    for (i, way) in WAYS.into_iter().enumerate() {
        let new = || model(Some(&first));
        let kept = folder.join(format!("whole-{i}"));
        let table = folder.join("whole.csv");
        let whole = train(&mut new(), way, &table, Checkpoints::new(kept), None).unwrap();
        for step in (1..8).chain([11]) {
            let kept = folder.join(format!("kept-{i}-{step}"));
            let table = folder.join("part.csv");
            let keep = || Checkpoints::new(&kept).every(2);
            if train(&mut new(), way, &table, keep(), Some(step)).is_some() {
                continue;
            }
            let part = train(&mut new(), way, &table, keep().resume(), None).unwrap();
            assert_eq!(part, whole, "way {i}, step {step}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_backup_is_restored_whatever_the_weights_begin_with_and_goes_at_the_end() {
    let folder = folder("backup");
    let backup = folder.join("backup");
    let (x, y) = data(13);
    let fit = || Fit::new().epochs(4).batch_size(4).seed(3).verbose(0);
    let mut whole = model(None);
    let first = whole.get_weights().unwrap();
    let history = whole.fit(&x, &y, fit()).unwrap();
    let (mut one, mut crash) = (BackupAndRestore::new(&backup), Crash(9));
    let crashed = model(Some(&first)).fit(&x, &y, fit().callback(&mut one).callback(&mut crash));
    assert_eq!(crashed.unwrap_err().to_string(), "crash");
    let mut other = model(None);
    let mut two = BackupAndRestore::new(&backup);
    assert_eq!(other.fit(&x, &y, fit().callback(&mut two)).unwrap(), history);
    assert_eq!(other.get_weights().unwrap(), whole.get_weights().unwrap());
    assert!(!backup.exists());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_flag_stops_it_after_the_step_at_hand() {
    let folder = folder("flag");
    let (x, y) = data(13);
    // Each has a lifetime of its own.
    fn fit<'a>() -> Fit<'a> {
        Fit::new().epochs(3).batch_size(4).seed(3).verbose(0).validation_split(0.3)
    }
    let mut whole = model(None);
    let first = whole.get_weights().unwrap();
    let history = whole.fit(&x, &y, fit()).unwrap();
    let flag = AtomicBool::new(true);
    let mut part = model(Some(&first));
    // Asked to stop at once, again and again: each time a little is done, and in the end all of it.
    for step in 0.. {
        let steps = Cell::new(0);
        let mut count = addax::callbacks::LambdaCallback::new().on_train_batch_end(|_, _| {
            steps.set(steps.get() + 1);
            flag.store(true, Ordering::Relaxed);
        });
        flag.store(step == 0, Ordering::Relaxed);
        let asked = fit().stop_flag(&flag).checkpoints(Checkpoints::new(&folder).resume());
        let done = part.fit(&x, &y, asked.callback(&mut count)).unwrap();
        assert!(steps.get() <= 1);
        if done.epoch.len() == 3 {
            assert_eq!(done, history);
            break;
        }
        part = model(Some(&first));
    }
    assert_eq!(part.get_weights().unwrap(), whole.get_weights().unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn other_callbacks_are_refused() {
    let folder = folder("callbacks");
    let (x, y) = data(8);
    let fit =
        |epochs| Fit::new().epochs(epochs).seed(3).verbose(0).checkpoints(Checkpoints::new(&folder).resume());
    let mut first = model(None);
    let weights = first.get_weights().unwrap();
    let mut early = EarlyStopping::new().monitor("loss").patience(5);
    first.fit(&x, &y, fit(1).callback(&mut early)).unwrap();
    let e = model(Some(&weights)).fit(&x, &y, fit(2)).unwrap_err().to_string();
    assert_eq!(e, "callbacks of the run: expected EarlyStopping, got none");
    std::fs::remove_dir_all(&folder).unwrap();
}
