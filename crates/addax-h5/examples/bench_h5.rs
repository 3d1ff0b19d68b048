//! How fast 100 MB of contiguous datasets are read and written.

use addax_h5::{Dtype, File, Tree};
use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

fn best(mut run: impl FnMut() -> addax_h5::Result<()>) -> addax_h5::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..9 {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn main() -> addax_h5::Result<()> {
    let weights: Vec<Vec<u8>> = (0..100u8).map(|i| vec![i; 1_000_000]).collect();
    let mut tree = Tree::new();
    for (i, bytes) in weights.iter().enumerate() {
        let path = format!("layers/dense_{i}/vars/0");
        tree.dataset(&path, Dtype::F32, &[500, 500], &bytes[..])?;
    }
    let fresh = best(|| tree.to_vec().map(|v| drop(black_box(v))))?;
    let file = tree.to_vec()?;
    let mut buffer = Vec::with_capacity(file.len());
    let again = best(|| {
        buffer.clear();
        tree.write(&mut buffer).map(|_| ())
    })?;
    let size = file.len() as f64 / 1e9;
    println!("write to fresh memory: {:.2} GB/s; to memory in use: {:.2} GB/s", size / fresh, size / again);
    let read = best(|| {
        let file = File::open(black_box(&file))?;
        for (path, kind) in file.walk() {
            if kind == addax_h5::Kind::Dataset {
                assert!(matches!(file.dataset(&path)?.data()?, Cow::Borrowed(_)));
            }
        }
        Ok(())
    })?;
    println!("open, find and borrow {} datasets: {:.0} us", weights.len(), read * 1e6);
    Ok(())
}
