//! A run that is killed, stopped or damaged goes on to the same weights, bit for bit.

use super::place::{Place, ROWS, array};
use addax::core::rng::Rng;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const FIT: &str = "fit m.keras d.npz --batch-size 8 --verbose 0 --seed 3 --validation-split 0.2";

fn start(place: &Place, arguments: &str) -> Child {
    place.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn same(place: &Place, a: &str, b: &str) {
    for ending in ["keras", "json"] {
        let read = |name: &str| fs::read(place.path(&format!("{name}.{ending}"))).unwrap();
        assert!(read(a) == read(b), "{a}.{ending} and {b}.{ending} differ");
    }
}

/// Kills a run `times` times at random moments, each life going on from what the last one kept, and compares its end
/// with that of a run that was left alone.
fn killed(name: &str, times: u64, epochs: usize) {
    let place = Place::new(name);
    let timed = |epochs: usize| {
        let begun = Instant::now();
        place.succeed(&format!("{FIT} --epochs {epochs} --history whole.json -o whole.keras"));
        begun.elapsed().as_micros() as u64
    };
    // Most lives end after the first steps, some before.
    let least = timed(1) / 2;
    let most = least * 3 + timed(epochs) / 4;
    let mut rng = Rng::new(11, 0);
    let part = format!("{FIT} --epochs {epochs} --checkpoint-every 3 --history part.json -o part.keras");
    fs::create_dir(place.path("kept")).unwrap();
    for _ in 0..times {
        let mut child = start(&place, &format!("{part} --resume kept"));
        std::thread::sleep(Duration::from_micros(least + rng.bits64() % (most - least + 1)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = place.succeed(&format!("{part} --resume kept"));
    assert_eq!(last, "", "the last life found nothing to go on with");
    same(&place, "whole", "part");
    let kept = fs::read_dir(place.path("kept")).unwrap().map(|e| e.unwrap().file_name());
    assert!(kept.count() <= 2, "more than the last two are kept");
}

#[test]
fn a_run_that_is_killed_25_times_ends_as_if_it_had_not_been() {
    killed("killed", 25, 200);
}

#[test]
#[ignore = "takes a minute"]
fn a_run_that_is_killed_1000_times_ends_as_if_it_had_not_been() {
    killed("killed-long", 1000, 20_000);
}

#[test]
fn a_run_goes_on_from_the_middle_of_an_epoch_and_to_more_epochs() {
    let place = Place::new("middle");
    place.succeed(&format!("{FIT} --epochs 7 --history whole.json -o whole.keras"));
    place.succeed(&format!("{FIT} --epochs 3 --checkpoint kept --checkpoint-every 3 -o part.keras"));
    // The last checkpoint is that of the third epoch; the one before was taken amid it.
    let newest = fs::read_dir(place.path("kept")).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    fs::write(&newest, &fs::read(&newest).unwrap()[..200]).unwrap();
    // The seed is the run's own.
    let fit = FIT.replace("--seed 3", "--resume kept --epochs 7 --history part.json -o part.keras");
    let told = place.succeed(&fit);
    assert!(told.starts_with("warning: ") && told.contains("the checkpoint before it is taken"), "{told}");
    same(&place, "whole", "part");
}

#[test]
fn another_run_is_refused() {
    let place = Place::new("refused");
    place.succeed(&format!("{FIT} --epochs 2 --checkpoint kept -o part.keras"));
    let fit = format!("{FIT} --epochs 3 --resume kept -o again.keras");
    let refusals = [
        (fit.replace("--batch-size 8", "--batch-size 4"), "kept > batch size of the run: expected 8, got 4."),
        (fit.replace("--seed 3", "--seed 4"), "kept > seed of the run: expected 3, got 4"),
        (format!("{fit} --no-shuffle"), "kept > shuffling of the run: expected rows, got never."),
        (fit.replace("0.2", "0.4"), "kept > data of the run: expected "),
        (fit.replace("m.keras", "part.keras"), "kept > model of the run: expected "),
        (
            fit.replace("--epochs 3", "--epochs 1"),
            "kept > epochs: expected at least 2, as the run has, got 1",
        ),
        (fit.replace("--resume kept", "--resume nowhere"), "--resume > nowhere: "),
    ];
    for (arguments, line) in refusals {
        let output = place.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.starts_with(&format!("error: {line}")), "{arguments}: {told}");
        assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{told}");
        assert!(!place.path("again.keras").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_history_and_a_checkpoint() {
    let place = Place::new("signal");
    let part = FIT.replace("--verbose 0", "--verbose 2");
    for signal in ["INT", "TERM"] {
        let _ = fs::remove_dir_all(place.path("kept"));
        let arguments =
            format!("{part} --epochs 1000000 --checkpoint kept --history part.json -o part.keras");
        let child = start(&place, &arguments);
        let begun = Instant::now();
        // Once there is a checkpoint, it trains.
        let kept = || fs::read_dir(place.path("kept")).is_ok_and(|d| d.flatten().count() > 0);
        while !kept() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.starts_with("error: interrupted after ") && told.ends_with("--resume kept goes on.\n"),
            "{told}"
        );
        assert_eq!((output.status.code(), told.lines().count()), (Some(130), 1));
        assert!(!place.path("part.keras").exists());
        let history = fs::read_to_string(place.path("part.json")).unwrap();
        let history: serde_json::Value = serde_json::from_str(&history).unwrap();
        let done = history["loss"].as_array().unwrap().len();
        // What was kept goes on to what it would have been.
        let epochs = done + 2;
        place.succeed(&format!("{FIT} --epochs {epochs} --resume kept --history part.json -o part.keras"));
        place.succeed(&format!("{FIT} --epochs {epochs} --history whole.json -o whole.keras"));
        same(&place, "whole", "part");
        fs::remove_file(place.path("part.keras")).unwrap();
    }
}

#[test]
fn nan_spoils_neither_model_nor_checkpoint() {
    let place = Place::new("nan");
    let mut x = array(&[ROWS, 3]);
    x.as_mut_slice::<f32>().unwrap()[3 * 20] = f32::NAN;
    place.npz("d.npz", &[("x", x), ("y", array(&[ROWS, 1]))]);
    let fit = FIT.replace("--validation-split 0.2", "--no-shuffle --terminate-on-nan");
    let output = place
        .run(&format!("{fit} --epochs 3 --checkpoint kept --checkpoint-every 1 --history h.json -o o.keras"));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "warning: x holds NaN or infinity, first in row 20\n\
         error: loss: expected a number, got NaN or infinity in step 2. No model was written.\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(!place.path("o.keras").exists());
    // Two steps were sound and are kept.
    assert_eq!(fs::read_dir(place.path("kept")).unwrap().count(), 2);
    let latest = addax::training::Checkpoints::new(place.path("kept")).latest().unwrap().unwrap();
    assert!(latest.is_finite());
    assert!(fs::read_to_string(place.path("h.json")).unwrap().contains("null"));
}

#[test]
fn where_nothing_can_be_written_the_line_says_so() {
    let place = Place::new("unwritable");
    place.write("file", "");
    let output = place.run(&format!("{FIT} --checkpoint file/kept -o o.keras"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("error: file/kept: "), "{told}");
    assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1));
}

#[test]
fn a_table_and_its_network_go_on_without_a_seed() {
    let place = Place::new("table");
    let rows: String = (0..40).map(|i| format!("{i},{},{}\n", i * i % 7, i % 5)).collect();
    place.write("t.csv", format!("a,b,y\n{rows}"));
    let fit = "fit t.csv --target y --verbose 0 --dropout 0.2 --layers 6";
    place.succeed(&format!("{fit} --epochs 2 --checkpoint kept -o part.keras"));
    let seed = addax::training::Checkpoints::new(place.path("kept")).latest().unwrap().unwrap().seed;
    place.succeed(&format!("{fit} --epochs 4 --resume kept --history part.json -o part.keras"));
    place.succeed(&format!("{fit} --epochs 4 --seed {seed} --history whole.json -o whole.keras"));
    same(&place, "whole", "part");
}
