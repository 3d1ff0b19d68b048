//! A folder of a test with a model and data, and the command run in it.

use addax::data::{Arrays, npz};
use addax::prelude::*;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;

/// The rows of the data.
pub const ROWS: usize = 40;

/// A folder that goes with the test.
pub struct Place(pub PathBuf);

/// A compiled model with dropout: 3 features, `outputs` outputs.
fn model(outputs: usize, activation: &str, compile: Option<Compile>) -> Model {
    // Tests run beside each other, and the name of the input is the next that is free in the process.
    static NAMES: Mutex<()> = Mutex::new(());
    let _alone = NAMES.lock().unwrap();
    addax::models::names::clear_session();
    let layers = Sequential::new()
        .add(Dense::new(8usize).activation("relu").named("hidden").input_shape([3]))
        .add(Dropout::new(0.25).named("drop"))
        .add(Dense::new(outputs).activation(activation).named("out"));
    let mut model = Model::sequential(layers).unwrap();
    if let Some(compile) = compile {
        model.compile(compile).unwrap();
    }
    model
}

/// Numbers that look like chance and are the same each time.
pub fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect()
}

/// An array of numbers.
pub fn array(shape: &[usize]) -> Value {
    Value::new(shape.to_vec(), numbers(shape.iter().product())).unwrap()
}

impl Place {
    /// An empty folder with `m.keras` (a number), `c.keras` (four classes), `raw.keras` (not compiled), `d.npz`, `t.csv`.
    pub fn new(name: &str) -> Place {
        let folder = std::env::temp_dir().join(format!("addax-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let place = Place(folder);
        let regression = Compile::new("adam").loss("mse").metrics(["mae"]);
        model(1, "linear", Some(regression)).save(place.path("m.keras")).unwrap();
        let classes = Compile::new("sgd").loss("sparse_categorical_crossentropy");
        model(4, "softmax", Some(classes)).save(place.path("c.keras")).unwrap();
        model(1, "linear", None).save(place.path("raw.keras")).unwrap();
        place.npz("d.npz", &[("x", array(&[ROWS, 3])), ("y", array(&[ROWS, 1]))]);
        place.npz("x.npz", &[("x", array(&[ROWS, 3]))]);
        place.write("t.csv", "a,b,c,price\n1,2,3,4\n2,3,4,5\n3,4,5,6\n4,5,6,7\n");
        place
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// Writes arrays.
    pub fn npz(&self, name: &str, arrays: &[(&str, Value)]) {
        let mut all = Arrays::new();
        arrays.iter().for_each(|(n, v)| all.insert(*n, v.clone()).unwrap());
        self.write(name, npz::write(&all, Vec::new()).unwrap());
    }

    /// The names in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The command in this folder with arguments that stand between spaces.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_addax"));
        command.current_dir(&self.0).args(arguments.split(' ').filter(|a| !a.is_empty()));
        command
    }

    /// Runs the command to its end.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the command, which must succeed.
    pub fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments}: {told}");
        told
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
