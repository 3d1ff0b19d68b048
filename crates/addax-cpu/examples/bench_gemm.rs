//! Matrix products against the limit of the processor's fused multiply-add: `cargo run --release --example bench_gemm`.

use addax_cpu::Pool;
use addax_cpu::instances;
use addax_cpu::kernels::gemm::{Gemm, Packed, Strided};
use addax_cpu::kernels::parallel::{Parallel, Serial};
use addax_cpu::simd::{Isa, Simd};
use std::hint::black_box;
use std::time::Instant;

/// Twelve chains, as many as hide the latency everywhere.
#[inline(always)]
unsafe fn chains<S: Simd>(n: usize, out: *mut f32) {
    // SAFETY: `out` holds 12 vectors; the instance has the instruction set.
    unsafe {
        let (a, b) = (S::splat(0.999), S::splat(1e-3));
        let mut sums = [S::splat(0.5); 12];
        for _ in 0..n {
            for s in &mut sums {
                *s = S::fma(*s, a, b);
            }
        }
        for (i, s) in sums.iter().enumerate() {
            S::store(out.add(i * S::LANES), *s);
        }
    }
}

instances! {
    unsafe fn peak = chains(n: usize, out: *mut f32)
}

/// The best of many runs within a tenth of a second, in seconds per call.
fn best(mut f: impl FnMut()) -> f64 {
    let mut calls = 1;
    let mut time = |calls: usize| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() / calls as f64
    };
    while time(calls) * (calls as f64) < 5e-5 {
        calls *= 2;
    }
    let start = Instant::now();
    let mut least = f64::MAX;
    while start.elapsed().as_secs_f64() < 0.1 {
        least = least.min(time(calls));
    }
    least
}

fn measure(name: &str, g: &Gemm, team: &dyn Parallel, limit: f64) {
    if std::env::args().nth(1).is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    let len = |(r, c): (isize, isize), rows: usize, columns: usize| {
        (r as usize) * (rows - 1) + (c as usize) * (columns - 1) + 1
    };
    let (a, b) = (vec![0.5f32; len(g.a, g.m, g.k)], vec![0.25f32; len(g.b, g.k, g.n)]);
    let packed = Packed { m: g.m, n: g.n, k: g.k, ldc: g.ldc, add: g.add, isa: g.isa };
    let floats = g.scratch_len(team.threads()).max(packed.scratch_len(team.threads()));
    let (mut c, mut scratch) = (vec![0f32; g.m * g.ldc], vec![0f32; floats]);
    let chosen = best(|| {
        // SAFETY: the vectors have the sizes of the matrices and of the scratch memory.
        unsafe { g.run(a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), scratch.as_mut_ptr(), team, None) };
        black_box(&mut c);
    });
    let (left, right) = (
        Strided { start: a.as_ptr(), line: g.a.0, term: g.a.1 },
        Strided { start: b.as_ptr(), line: g.b.1, term: g.b.0 },
    );
    let forced = best(|| {
        // SAFETY: as above.
        unsafe { packed.run(&left, &right, c.as_mut_ptr(), scratch.as_mut_ptr(), team, None) };
        black_box(&mut c);
    });
    let rate = |seconds: f64| g.flops() as f64 / seconds / 1e9;
    let share = |seconds: f64| 100.0 * rate(seconds) / limit;
    println!(
        "{name:40} {:9.2} us {:8.1} GFLOP/s {:5.1} %   packed {:9.2} us {:5.1} %",
        chosen * 1e6,
        rate(chosen),
        share(chosen),
        forced * 1e6,
        share(forced)
    );
}

fn main() {
    let isa = Isa::best();
    let lanes = match isa {
        Isa::Avx512 => 16,
        Isa::Avx2 => 8,
        _ => 1,
    };
    let mut out = vec![0f32; 12 * 16];
    // SAFETY: `out` holds 12 vectors of any set.
    let seconds = best(|| unsafe { peak(isa, black_box(10_000), out.as_mut_ptr()) });
    let limit = 10_000.0 * 12.0 * 2.0 * lanes as f64 / seconds / 1e9;
    println!("{} one core: {limit:.1} GFLOP/s", isa.name());
    let pair = Pool::new(2);
    for s in [64, 128, 256, 512, 1024, 2048] {
        let g = Gemm::new([s, s, s], (s as isize, 1), (s as isize, 1), s, false, isa);
        measure(&format!("{s}^3"), &g, &Serial, limit);
        measure(&format!("{s}^3, 2 threads"), &g, &pair, 2.0 * limit);
    }
    let step = [
        ("32x64x10 forward", 32, 64, 10, false, false),
        ("32x64x64 forward", 32, 64, 64, false, false),
        ("32x1x64 forward", 32, 1, 64, false, false),
        ("64x1x32 kernel gradient", 64, 1, 32, true, false),
        ("64x64x32 kernel gradient", 64, 64, 32, true, false),
        ("10x64x32 kernel gradient", 10, 64, 32, true, false),
        ("32x64x1 input gradient", 32, 64, 1, false, true),
        ("32x64x64 input gradient", 32, 64, 64, false, true),
        ("200x64x64 forward", 200, 64, 64, false, false),
        ("1x64x64", 1, 64, 64, false, false),
        ("1x1024x1024", 1, 1024, 1024, false, false),
        ("1x1024x1024 transposed", 1, 1024, 1024, false, true),
        ("1024x1x1024", 1024, 1, 1024, false, false),
        ("32x512x784 forward", 32, 512, 784, false, false),
        ("128x512x784 forward", 128, 512, 784, false, false),
        ("128x512x512 forward", 128, 512, 512, false, false),
        ("128x10x512 forward", 128, 10, 512, false, false),
        ("128x512x512 input gradient", 128, 512, 512, false, true),
        ("784x512x128 kernel gradient", 784, 512, 128, true, false),
        ("512x512x128 kernel gradient", 512, 512, 128, true, false),
        ("512x10x128 kernel gradient", 512, 10, 128, true, false),
        ("200x200x32 attention", 200, 200, 32, false, true),
        ("200x32x200 attention", 200, 32, 200, false, false),
    ];
    for (name, m, n, k, at, bt) in step {
        let strides =
            |t: bool, rows: usize, columns: usize| if t { (1, rows as isize) } else { (columns as isize, 1) };
        let g = Gemm::new([m, n, k], strides(at, m, k), strides(bt, k, n), n, false, isa);
        measure(name, &g, &Serial, limit);
        if g.divides() {
            measure(&format!("{name}, 2 threads"), &g, &pair, 2.0 * limit);
        }
    }
}
