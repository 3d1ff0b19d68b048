//! Damaged and hostile files: an error or a value, never a panic, and soon.

use crate::exhaust::exhaust;
use crate::fixtures;
use addax_h5::{Dtype, ErrorKind, File, Tree};
use std::time::{Duration, Instant};

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn a_file_that_is_cut_short_says_so() {
    for (name, bytes) in fixtures::all() {
        for part in 0..40 {
            let cut = &bytes[..bytes.len() * part / 40];
            let error = File::open(cut).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Damaged, "{name}: {error}");
            assert!(!error.to_string().contains('\n'), "{name}: {error}");
        }
    }
}

#[test]
fn flipped_bytes_give_an_answer_in_time() {
    let mut dice = Dice(1);
    for (name, bytes) in fixtures::all() {
        let telling: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] != 0).collect();
        let mut damaged = bytes.clone();
        for _ in 0..120 {
            let at = telling[dice.below(telling.len())];
            damaged[at] = [0, 1, 0x7f, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x80][dice.below(6)];
            let begun = Instant::now();
            if let Err(error) = exhaust(&damaged) {
                assert!(!error.to_string().contains('\n'), "{name}, byte {at}: {error}");
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{name}, byte {at}");
            damaged[at] = bytes[at];
        }
    }
}

/// The bytes of a small file with `value` put over the eight bytes at the first place of `mark`, `skip` bytes on.
fn patched(mark: &[u8], skip: usize, value: u64) -> Vec<u8> {
    let mut tree = Tree::new();
    tree.dataset("a/b/x", Dtype::F32, &[2, 2], vec![0; 16]).unwrap();
    tree.attribute("a", "name", "some text").unwrap();
    let mut bytes = tree.to_vec().unwrap();
    let at = bytes.windows(mark.len()).position(|w| w == mark).unwrap() + skip;
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    bytes
}

#[test]
fn declared_sizes_are_not_believed() {
    // The first axis of the dataset.
    let bytes = patched(&[1, 2, 0, 0, 0, 0, 0, 0], 8, 1 << 40);
    let error = File::open(&bytes).unwrap().dataset("a/b/x").unwrap().data().unwrap_err();
    assert!(
        error.to_string().starts_with("\"a/b/x\": its elements: expected 8796093022208 bytes"),
        "{error}"
    );
    let bytes = patched(&[1, 2, 0, 0, 0, 0, 0, 0], 8, u64::MAX);
    let error = File::open(&bytes).unwrap().dataset("a/b/x").unwrap_err();
    assert!(error.to_string().contains("too many elements"), "{error}");
    // The length of the root's heap of names, and of the collection of texts.
    let error = File::open(&patched(b"HEAP", 8, 1 << 50)).unwrap_err();
    assert!(error.to_string().contains("a local heap: expected 1125899906842624 bytes"), "{error}");
    let bytes = patched(b"GCOL", 8, 1 << 50);
    let error = File::open(&bytes).unwrap().group("a").unwrap().attribute("name").unwrap().unwrap().text();
    assert!(error.unwrap_err().to_string().contains("global heap"));
}

#[test]
fn loops_end() {
    // The root's B-tree becomes its own child, one level up: a tree without an end.
    let clean = patched(b"TREE", 32, 136);
    let mut bytes = clean.clone();
    let tree = bytes.windows(4).position(|w| w == b"TREE").unwrap();
    bytes[tree + 5] = 1;
    bytes[tree + 32..tree + 40].copy_from_slice(&(tree as u64).to_le_bytes());
    let error = File::open(&bytes).unwrap_err();
    assert!(error.to_string().contains("its levels do not follow each other"), "{error}");
    // A header that continues with itself.
    let mut header = vec![1, 0, 2, 0, 1, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0];
    let at = clean.len() as u64;
    header.extend_from_slice(&[0x10, 0, 16, 0, 0, 0, 0, 0]);
    header.extend_from_slice(&(at + 16).to_le_bytes());
    header.extend_from_slice(&24u64.to_le_bytes());
    let mut bytes = [clean, header].concat();
    let end = bytes.len() as u64;
    bytes[40..48].copy_from_slice(&end.to_le_bytes());
    bytes[64..72].copy_from_slice(&at.to_le_bytes());
    let error = File::open(&bytes).unwrap_err();
    assert!(error.to_string().contains("its parts overlap"), "{error}");
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let mut tree = Tree::new();
    let path = vec!["g"; 256].join("/");
    tree.group(&path).unwrap();
    let bytes = tree.to_vec().unwrap();
    assert_eq!(File::open(&bytes).unwrap().walk().count(), 256);
    assert!(tree.group(&format!("{path}/g")).is_err());
    // One more level by hand: the innermost group's header is given to a link of its own.
    let error = File::open(&deeper(&bytes)).unwrap_err();
    assert!(error.to_string().contains("that deep"), "{error}");
}

/// The root's entry points at the first group; a new root with the old one inside is one level more.
fn deeper(bytes: &[u8]) -> Vec<u8> {
    let mut tree = Tree::new();
    tree.group("g").unwrap();
    let outer = tree.to_vec().unwrap();
    // The new root's parts behind the old file, its addresses moved there, and its one entry the old root.
    let shift = bytes.len() as u64;
    let mut moved = outer.clone();
    let mut add = |at: usize, by: u64| {
        let old = u64::from_le_bytes(moved[at..at + 8].try_into().unwrap());
        moved[at..at + 8].copy_from_slice(&(old + by).to_le_bytes());
    };
    let find = |mark: &[u8]| outer.windows(mark.len()).position(|w| w == mark).unwrap();
    let header = u64::from_le_bytes(outer[64..72].try_into().unwrap()) as usize;
    add(header + 24, shift);
    add(header + 32, shift);
    add(find(b"TREE") + 32, shift);
    add(find(b"HEAP") + 24, shift);
    let entry = find(b"SNOD") + 16;
    moved[entry..entry + 8].copy_from_slice(&bytes[64..72]);
    let mut out = [bytes, &moved].concat();
    let end = out.len() as u64;
    out[40..48].copy_from_slice(&end.to_le_bytes());
    out[64..72].copy_from_slice(&(shift + header as u64).to_le_bytes());
    out
}
