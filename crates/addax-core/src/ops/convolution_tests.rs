use super::*;
use crate::graph::parse;
use crate::testing::check_gradient;
use proptest::prelude::*;

const D: (f64, f64) = (-1.0, 1.0);

#[test]
fn gradients_match_finite_differences() {
    let check = |name: &str, x: &[usize], k: &[usize], c: Convolution| {
        check_gradient(name, |t| t[0].convolution(&t[1], c.clone()), &[(x, D), (k, D)]);
    };
    check("plain", &[2, 5, 2], &[3, 2, 3], Convolution::new(1));
    let odd =
        Convolution { window_strides: vec![2, 3], padding: vec![(2, -1), (0, 1)], ..Convolution::new(2) };
    check("strides and padding", &[2, 6, 7, 2], &[3, 2, 2, 3], odd);
    let dilated = Convolution {
        lhs_dilation: vec![2, 1],
        rhs_dilation: vec![2, 3],
        window_reversal: vec![true, false],
        ..Convolution::new(2)
    };
    check("dilations, turned", &[1, 4, 8, 2], &[2, 2, 2, 2], dilated);
    check("groups", &[2, 5, 4], &[2, 2, 6], Convolution { feature_group_count: 2, ..Convolution::new(1) });
    check(
        "batch groups",
        &[4, 5, 2],
        &[2, 2, 6],
        Convolution { batch_group_count: 2, ..Convolution::new(1) },
    );
    let first = ConvAxes::first(3);
    let dimensions = ConvDimensions { input: first.clone(), kernel: ConvAxes::kernel(3), output: first };
    check(
        "channels first",
        &[1, 2, 3, 2, 3],
        &[2, 2, 2, 2, 2],
        Convolution { dimensions, ..Convolution::new(3) },
    );
    check("no position", &[1, 2, 1], &[3, 1, 1], Convolution::new(1));
}

#[test]
fn sums_by_hand() {
    let x = Tensor::from(Value::new([1, 4, 1], vec![1i32, 2, 3, 4]).unwrap());
    let k = Tensor::from(Value::new([2, 1, 1], vec![10i32, 1]).unwrap());
    let at = |c: Convolution| x.convolution(&k, c).to_value().unwrap().to_i64();
    assert_eq!(at(Convolution::new(1)), [12, 23, 34]);
    assert_eq!(at(Convolution { window_reversal: vec![true], ..Convolution::new(1) }), [21, 32, 43]);
    assert_eq!(at(Convolution { padding: vec![(1, 1)], ..Convolution::new(1) }), [1, 12, 23, 34, 40]);
    assert_eq!(at(Convolution { lhs_dilation: vec![2], ..Convolution::new(1) }), [10, 2, 20, 3, 30, 4]);
    assert_eq!(
        at(Convolution { rhs_dilation: vec![2], window_strides: vec![2], ..Convolution::new(1) }),
        [13]
    );
    assert_eq!(at(Convolution { padding: vec![(-1, 0)], ..Convolution::new(1) }), [23, 34]);
}

#[test]
fn text_reads_back() {
    let text = "%0: f32[?,8,8,4] = parameter() {index=0; name=x}\n\
        %1: f32[3,3,2,6] = parameter() {index=1; name=k}\n\
        %2: f32[?,4,4,6] = convolution(%0, %1) {window_strides=[2,2]; padding=[[0,1],[1,0]]; lhs_dilation=[1,1]; \
        rhs_dilation=[1,1]; window_reversal=[false,false]; dimensions=[b,0,1,f]x[0,1,i,o]->[b,0,1,f]; \
        feature_group_count=2; batch_group_count=1}\nreturn %2\n";
    assert_eq!(parse(text).unwrap().to_string(), text);
}

#[test]
fn says_what_it_wanted() {
    let x = Tensor::full(crate::DType::F32, [2, 8, 3], 0.0);
    let k = Tensor::full(crate::DType::F32, [3, 4, 5], 0.0);
    let says = |c: Convolution| x.convolution(&k, c).to_value().unwrap_err().to_string();
    assert_eq!(
        says(Convolution::new(1)),
        "convolution > input: expected 4 · 1 groups input features, as the kernel (3, 4, 5) says, got (2, 8, 3)"
    );
    assert_eq!(says(Convolution::new(2)), "convolution > input: expected 4 axes, got 3");
    let still = Convolution { window_strides: vec![0], ..Convolution::new(1) };
    assert_eq!(says(still), "convolution > window: expected strides and dilations of at least 1, got 0");
    let far = Convolution { padding: vec![(isize::MAX, 0)], ..Convolution::new(1) };
    assert!(says(far).contains("window: expected padding within bounds"));
}

proptest! {
    /// The definition, one spatial axis, one sum at a time.
    #[test]
    fn agrees_with_the_definition(
        (batch, groups, inner, outer) in (1usize..3, 1usize..3, 1usize..3, 1usize..3),
        (length, size, stride) in (1usize..7, 1usize..4, 1usize..4),
        (low, high, base, dilation) in (-2isize..4, -2isize..4, 1usize..4, 1usize..4),
        (turned, by_batch) in (any::<bool>(), any::<bool>()),
    ) {
        let (f, b) = if by_batch { (1, groups) } else { (groups, 1) };
        let c = Convolution {
            window_strides: vec![stride], padding: vec![(low, high)], lhs_dilation: vec![base],
            rhs_dilation: vec![dilation], window_reversal: vec![turned], feature_group_count: f, batch_group_count: b,
            ..Convolution::new(1)
        };
        let count = |shape: &[usize]| shape.iter().product::<usize>() as i64;
        let (xs, ks) = ([batch * b, length, inner * f], [size, inner, outer * groups]);
        let x = Value::new(xs, (0..count(&xs)).map(|i| i * 7 % 11 - 5).collect::<Vec<i64>>()).unwrap();
        let k = Value::new(ks, (0..count(&ks)).map(|i| i * 5 % 13 - 6).collect::<Vec<i64>>()).unwrap();
        let y = Tensor::from(x.clone()).convolution(&Tensor::from(k.clone()), c).to_value().unwrap();
        let (xv, kv, yv) = (x.to_i64(), k.to_i64(), y.to_i64());
        let positions = y.shape()[1];
        let room = ((length - 1) * base + 1) as isize + low + high - ((size - 1) * dilation + 1) as isize;
        prop_assert_eq!(positions, if room < 0 { 0 } else { room as usize / stride + 1 });
        for n in 0..batch {
            for p in 0..positions {
                for o in 0..outer * groups {
                    let (g, mut sum) = (o / outer, 0);
                    for t in 0..size {
                        let place = (p * stride + t * dilation) as isize - low;
                        if place < 0 || place % base as isize != 0 || place / base as isize >= length as isize {
                            continue;
                        }
                        let at = place as usize / base;
                        let weight = if turned { size - 1 - t } else { t };
                        for i in 0..inner {
                            let (row, feature) = if by_batch { (g * batch + n, i) } else { (n, g * inner + i) };
                            sum += xv[(row * length + at) * inner * f + feature]
                                * kv[(weight * inner + i) * outer * groups + o];
                        }
                    }
                    prop_assert_eq!(yv[(n * positions + p) * outer * groups + o], sum);
                }
            }
        }
    }
}
