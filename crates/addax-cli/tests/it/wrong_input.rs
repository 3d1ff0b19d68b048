//! Whatever is wrong, the command says so in one line, with the status that belongs to it, and writes nothing.

use super::place::{Place, ROWS, array};
use addax::prelude::*;

/// What is wrong with the arguments: status 2.
const USAGE: &[(&str, &str)] = &[
    ("", "no command was given; addax --help lists them"),
    ("fitt", "unrecognized subcommand 'fitt'"),
    ("fit", "the following required arguments were not provided: --output <OUTPUT> <MODEL> [DATA]..."),
    ("fit m.keras d.npz", "the following required arguments were not provided: --output <OUTPUT>"),
    (
        "fit m.keras d.npz d.npz -o OUT.keras",
        "unexpected value 'd.npz' for '<MODEL> [DATA]...' found; no more were expected",
    ),
    (
        "fit m.keras d.npz --epochs three -o OUT.keras",
        "invalid value 'three' for '--epochs <EPOCHS>': invalid digit found in string",
    ),
    (
        "fit m.keras d.npz --epochs -1 -o OUT.keras",
        "invalid value '-1' for '--epochs <EPOCHS>': invalid digit found in string",
    ),
    (
        "fit m.keras d.npz --batch-size 1.5 -o OUT.keras",
        "invalid value '1.5' for '--batch-size <BATCH_SIZE>': invalid digit found in string",
    ),
    (
        "fit m.keras d.npz --verbose 3 -o OUT.keras",
        "invalid value '3' for '--verbose <VERBOSE>': 3 is not in 0..=2",
    ),
    (
        "fit m.keras d.npz --seed -5 -o OUT.keras",
        "invalid value '-5' for '--seed <SEED>': invalid digit found in string",
    ),
    (
        "fit m.keras d.npz --validation-split half -o OUT.keras",
        "invalid value 'half' for '--validation-split <VALIDATION_SPLIT>': invalid float literal",
    ),
    (
        "fit m.keras d.npz --validation-split 0.2 --validation d.npz -o OUT.keras",
        "the argument '--validation-split <VALIDATION_SPLIT>' cannot be used with '--validation <VALIDATION>'",
    ),
    (
        "fit m.keras d.npz --resume -o OUT.keras",
        "a value is required for '--resume <DIR>' but none was supplied",
    ),
    ("fit m.keras d.npz --shuffle -o OUT.keras", "unexpected argument '--shuffle' found"),
    ("predict m.keras x.npz", "the following required arguments were not provided: --output <OUTPUT>"),
    ("predict m.keras -o OUT.keras", "the following required arguments were not provided: <DATA>"),
    ("evaluate m.keras", "the following required arguments were not provided: <DATA>"),
    ("convert m.keras", "the following required arguments were not provided: <OUTPUT>"),
    ("summary", "the following required arguments were not provided: <MODEL>"),
    ("inspect m.keras --graph --plan", "the argument '--graph' cannot be used with '--plan'"),
];

/// What is wrong with anything else: status 1.
const REST: &[(&str, &str)] = &[
    // Arguments beyond their range.
    ("fit m.keras d.npz --epochs 0 -o OUT.keras", "--epochs: expected at least 1, got 0"),
    ("fit m.keras d.npz --batch-size 0 -o OUT.keras", "batch_size: expected at least 1, got 0"),
    ("fit m.keras d.npz --threads 0 -o OUT.keras", "--threads > threads: expected 1 to 256, got 0"),
    ("fit m.keras d.npz --threads 1000 -o OUT.keras", "--threads > threads: expected 1 to 256, got 1000"),
    (
        "fit m.keras d.npz --device tpu -o OUT.keras",
        "device \"tpu\" is not available: this build has no XLA backend",
    ),
    ("fit m.keras d.npz --device abacus -o OUT.keras", "unknown device \"abacus\""),
    (
        "fit m.keras d.npz --validation-split 1 -o OUT.keras",
        "validation_split: expected a share that leaves rows on both sides, got 1 of 40 rows",
    ),
    (
        "fit m.keras d.npz --validation-split -0.5 -o OUT.keras",
        "validation_split: expected a share that leaves rows on both sides, got -0.5 of 40 rows",
    ),
    (
        "fit m.keras d.npz --validation-split nan -o OUT.keras",
        "validation_split: expected a share that leaves rows on both sides, got NaN of 40 rows",
    ),
    (
        "fit m.keras d.npz --checkpoint-every 2 -o OUT.keras",
        "--checkpoint-every: expected --checkpoint DIR beside it, got none",
    ),
    (
        "fit m.keras d.npz --checkpoint k --checkpoint-every 0 -o OUT.keras",
        "--checkpoint-every: expected at least 1, got 0",
    ),
    ("fit m.keras d.npz --resume k -o OUT.keras", "--resume > k: No such file or directory (os error 2)"),
    (
        "fit m.keras d.npz --class-weight 0:1 -o OUT.keras",
        "--class-weight: expected JSON such as {\"0\": 1, \"1\": 5}, got 0:1",
    ),
    (
        "fit m.keras d.npz --class-weight {\"a\":1} -o OUT.keras",
        "--class-weight: expected JSON such as {\"0\": 1, \"1\": 5}, got {\"a\":1}",
    ),
    (
        "fit m.keras d.npz --class-weight {\"0\":\"big\"} -o OUT.keras",
        "--class-weight: expected JSON such as {\"0\": 1, \"1\": 5}, got {\"0\":\"big\"}",
    ),
    (
        "fit c.keras weighed.npz --class-weight {\"0\":2} -o OUT.keras",
        "class_weight: expected one output and no sample_weight",
    ),
    (
        "fit m.keras d.npz --layers 8 -o OUT.keras",
        "--layers: expected a table without a model, got a model, which says it itself",
    ),
    ("predict m.keras x.npz --batch-size 0 -o OUT.keras", "batch_size: expected at least 1, got 0"),
    ("evaluate m.keras d.npz --batch-size 0", "batch_size: expected at least 1, got 0"),
    ("lesson --epochs 0", "--epochs: expected at least 1, got 0"),
    ("bench W99", "unknown workload \"W99\""),
    // Files that are not there, or not what they should be.
    ("fit none.keras d.npz -o OUT.keras", "none.keras: No such file or directory (os error 2)"),
    ("fit m.keras none.npz -o OUT.keras", "none.npz: No such file or directory (os error 2)"),
    ("fit folder d.npz -o OUT.keras", "folder: Is a directory (os error 21)"),
    ("fit d.npz d.npz -o OUT.keras", "d.npz > zip archive > unknown entry \"config.json\""),
    (
        "fit half.keras d.npz -o OUT.keras",
        "half.keras > zip archive > truncated or no zip archive: expected an end record in the last bytes, got none in 10176 bytes",
    ),
    (
        "fit text.keras d.npz -o OUT.keras",
        "text.keras > zip archive > truncated or no zip archive: expected an end record in the last bytes, got none in 17 bytes",
    ),
    (
        "fit empty.keras d.npz -o OUT.keras",
        "empty.keras > zip archive > truncated or no zip archive: expected an end record in the last bytes, got none in 0 bytes",
    ),
    (
        "fit m.keras text.npz -o OUT.keras",
        "text.npz > zip archive > truncated or no zip archive: expected an end record in the last bytes, got none in 19 bytes",
    ),
    ("fit m.keras empty.npz -o OUT.keras", "empty.npz > arrays: expected \"x\", got none"),
    (
        "fit raw.keras d.npz -o OUT.keras",
        "model: expected a compiled one, got none. Call compile() before fit() or evaluate().",
    ),
    (
        "evaluate raw.keras d.npz",
        "model: expected a compiled one, got none. Call compile() before fit() or evaluate().",
    ),
    ("summary d.npz", "d.npz > zip archive > unknown entry \"config.json\""),
    ("inspect text.keras", "text.keras > file: expected a model, weights or arrays, got something else"),
    ("plot text.json -o OUT.png", "text.json: expected value at line 1 column 1"),
    ("plot lists.json -o OUT.png", "lists.json > loss: expected a list of numbers, got [\"a\"]"),
    ("plot nothing.json -o OUT.png", "history: expected at least one epoch, got none"),
    // Where nothing can be written.
    ("fit m.keras d.npz -o none/OUT.keras", "none/OUT.keras: No such file or directory (os error 2)"),
    ("fit m.keras d.npz -o folder.keras", "folder.keras: is a directory"),
    (
        "fit m.keras d.npz -o OUT.txt",
        "OUT.txt: expected a name that ends in .keras, .h5, .weights.h5, .safetensors or .onnx",
    ),
    ("fit m.keras d.npz --history folder -o OUT.keras", "folder: is a directory"),
    (
        "predict m.keras x.npz -o OUT.xyz",
        "OUT.xyz: expected a file ending in .npz, .npy, .csv or .tsv, got another ending",
    ),
    ("predict m.keras x.npz -o none/OUT.npz", "none/OUT.npz: No such file or directory (os error 2)"),
    (
        "convert m.keras OUT.pt",
        "OUT.pt: expected a name that ends in .keras, .h5, .weights.h5, .safetensors or .onnx",
    ),
    ("plot h.json -o OUT.gif", "OUT.gif: expected a file ending in .png, .svg or .html, got gif"),
    // Arrays that do not fit.
    ("fit m.keras x.npz -o OUT.keras", "x.npz > arrays: expected \"y\", got \"x\""),
    ("fit m.keras y.npz -o OUT.keras", "y.npz > arrays: expected \"x\", got \"y\""),
    (
        "fit m.keras wide.npz -o OUT.keras",
        "x: expected (None, 3), got (40, 5). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    (
        "fit m.keras deep.npz -o OUT.keras",
        "x: expected (None, 3), got (40, 3, 2). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    ("fit m.keras rows.npz -o OUT.keras", "y: expected 40 rows, as x has, got 39"),
    (
        "fit m.keras broadcast.npz -o OUT.keras",
        "y > MeanSquaredError: expected targets of shape (None, 1), got (40, 3). The shapes would broadcast or not fit at all; reshape y to the output's shape.",
    ),
    ("fit m.keras norows.npz -o OUT.keras", "x: expected at least one row, got (0, 3)"),
    ("fit m.keras words.npz -o OUT.keras", "words.npz > array \"x\" > array: expected numbers, got text"),
    (
        "fit m.keras badweight.npz -o OUT.keras",
        "sample_weight: expected one weight for each of 40 rows, got (7,)",
    ),
    (
        "fit m.keras d.npz --validation wide.npz -o OUT.keras",
        "validation data > x: expected (None, 3), got (40, 5). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    ("fit m.keras d.npz --validation x.npz -o OUT.keras", "x.npz > arrays: expected \"y\", got \"x\""),
    (
        "fit c.keras beyond.npz -o OUT.keras",
        "y > SparseCategoricalCrossentropy: expected class numbers from 0 to 3, got 4 in row 4. The output has 4 classes.",
    ),
    (
        "fit c.keras below.npz -o OUT.keras",
        "y > SparseCategoricalCrossentropy: expected class numbers from 0 to 3, got -1 in row 9. The output has 4 classes.",
    ),
    (
        "fit c.keras between.npz -o OUT.keras",
        "y > SparseCategoricalCrossentropy: expected class numbers from 0 to 3, got 0.5 in row 9. The output has 4 classes.",
    ),
    (
        "fit c.keras onehot.npz -o OUT.keras",
        "y > SparseCategoricalCrossentropy: expected a class number per row for output (None, 4), got (40, 4). For one-hot targets use categorical_crossentropy.",
    ),
    (
        "predict m.keras wide.npz -o OUT.npz",
        "x: expected (None, 3), got (40, 5). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    ("predict m.keras d.npz.gz -o OUT.npz", "d.npz.gz: No such file or directory (os error 2)"),
    (
        "evaluate m.keras wide.npz",
        "x: expected (None, 3), got (40, 5). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    ("evaluate m.keras x.npz", "x.npz > arrays: expected \"y\", got \"x\""),
    // Tables.
    (
        "fit t.csv -o OUT.keras",
        "--target: expected the column to predict, got none. Give a model and data, or a table and its target.",
    ),
    ("fit m.keras t.csv -o OUT.keras", "t.csv > arrays: expected \"y\", got \"x\""),
    ("fit m.keras t.csv --target cost -o OUT.keras", "t.csv > unknown column \"cost\""),
    (
        "fit m.keras d.npz --target y -o OUT.keras",
        "d.npz > target \"y\": expected a table, which has columns, got arrays. Name the target array `y`.",
    ),
    (
        "fit m.keras hole.csv --target price -o OUT.keras",
        "hole.csv > column \"price\": expected a target in every row, got none in row 1",
    ),
    (
        "fit m.keras ragged.csv --target price -o OUT.keras",
        "ragged.csv > line 3: expected 4 cells as in the first line, got 3",
    ),
    (
        "fit only.csv --target price -o OUT.keras",
        "only.csv > table: expected at least one column beside the target, got none",
    ),
    (
        "evaluate m.keras narrow.csv --target price",
        "x: expected (None, 3), got (2, 1). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
    (
        "predict m.keras t.csv -o OUT.npz",
        "x: expected (None, 3), got (4, 4). The model's input \"input_layer\" takes 3 numbers per row.",
    ),
];

fn prepare(place: &Place) {
    let classes = |f: &dyn Fn(usize) -> f32| Value::from((0..ROWS).map(f).collect::<Vec<f32>>());
    let x = || ("x", array(&[ROWS, 3]));
    place.npz("y.npz", &[("y", array(&[ROWS, 1]))]);
    place.npz("wide.npz", &[("x", array(&[ROWS, 5])), ("y", array(&[ROWS, 1]))]);
    place.npz("deep.npz", &[("x", array(&[ROWS, 3, 2])), ("y", array(&[ROWS, 1]))]);
    place.npz("rows.npz", &[x(), ("y", array(&[ROWS - 1, 1]))]);
    place.npz("broadcast.npz", &[x(), ("y", array(&[ROWS, 3]))]);
    place.npz("norows.npz", &[("x", array(&[0, 3])), ("y", array(&[0, 1]))]);
    place.npz("badweight.npz", &[x(), ("y", array(&[ROWS, 1])), ("sample_weight", array(&[7]))]);
    place.npz("beyond.npz", &[x(), ("y", classes(&|i| (i % 5) as f32))]);
    place.npz("below.npz", &[x(), ("y", classes(&|i| if i == 9 { -1.0 } else { 0.0 }))]);
    place.npz("between.npz", &[x(), ("y", classes(&|i| if i == 9 { 0.5 } else { 0.0 }))]);
    place.npz("onehot.npz", &[x(), ("y", array(&[ROWS, 4]))]);
    place.npz("weighed.npz", &[x(), ("y", classes(&|_| 1.0)), ("sample_weight", classes(&|_| 1.0))]);
    place.npz("empty.npz", &[]);
    let mut words = addax::data::Arrays::new();
    words.insert("x", addax::data::Strings::new([2, 3], ["a", "b", "c", "d", "e", "f"]).unwrap()).unwrap();
    words.insert("y", array(&[2, 1])).unwrap();
    place.write("words.npz", addax::data::npz::write(&words, Vec::new()).unwrap());
    let model = std::fs::read(place.path("m.keras")).unwrap();
    place.write("half.keras", &model[..model.len() / 2]);
    place.write("text.keras", "this is no model\n");
    place.write("text.npz", "this is no archive\n");
    place.write("empty.keras", "");
    place.write("text.json", "loss: 1");
    place.write("lists.json", "{\"loss\": [\"a\"]}");
    place.write("nothing.json", "{\"loss\": []}");
    place.write("h.json", "{\"loss\": [1, 0.5]}");
    place.write("hole.csv", "a,b,c,price\n1,2,3,4\n2,3,4,\n");
    place.write("ragged.csv", "a,b,c,price\n1,2,3,4\n2,3,4\n");
    place.write("only.csv", "price\n1\n2\n3\n");
    place.write("narrow.csv", "a,price\n1,2\n3,4\n");
    std::fs::create_dir(place.path("folder")).unwrap();
    std::fs::create_dir(place.path("folder.keras")).unwrap();
}

#[test]
fn every_mistake_has_its_line_and_nothing_is_written() {
    let place = Place::new("wrong");
    prepare(&place);
    let before = place.names();
    let mut wrong = Vec::new();
    let cases = USAGE.iter().map(|c| (c, 2)).chain(REST.iter().map(|c| (c, 1)));
    for ((arguments, line), status) in cases {
        let output = place.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() != Some(status) || told != format!("error: {line}\n") {
            wrong.push(format!("    ({arguments:?}, {:?}), // {:?}", told.trim_end(), output.status.code()));
        }
        if place.names() != before {
            wrong.push(format!("    {arguments:?} wrote something: {:?}", place.names()));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
