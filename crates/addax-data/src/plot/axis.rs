//! Axes: ranges, ticks and their labels.

/// A range of values on so many pixels.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// The value at the beginning.
    pub low: f64,
    /// The value at the end.
    pub high: f64,
    /// Where it begins, in pixels.
    pub from: f32,
    /// Where it ends, in pixels.
    pub to: f32,
}

impl Axis {
    /// An axis for some values, with a margin of a twentieth on both sides.
    pub fn around(values: impl Iterator<Item = f64>, from: f32, to: f32) -> Axis {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        values.filter(|v| v.is_finite()).for_each(|v| (low, high) = (low.min(v), high.max(v)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let margin = if high > low { (high - low) * 0.05 } else { low.abs().max(1.0) * 0.05 };
        Axis { low: low - margin, high: high + margin, from, to }
    }

    /// The pixel of a value.
    pub fn at(&self, v: f64) -> f32 {
        self.from + ((v - self.low) / (self.high - self.low)) as f32 * (self.to - self.from)
    }

    /// Round values at which marks stand, about `count` of them, with their labels.
    pub fn ticks(&self, count: usize, whole: bool) -> Vec<(f64, String)> {
        let raw = (self.high - self.low) / count.max(1) as f64;
        let power = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|s| *s >= raw * 0.999)
            .unwrap_or(raw);
        let step = if whole { step.max(1.0).round() } else { step };
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        let digits = decimals(step);
        (first..=last.min(first + 50)).map(|i| i as f64 * step).map(|v| (v, label(v, digits))).collect()
    }
}

/// Decimals that tell multiples of a step apart.
fn decimals(step: f64) -> usize {
    (0..12).find(|d| (step * 10f64.powi(*d)).fract().abs() < 1e-6).unwrap_or(12) as usize
}

fn label(v: f64, decimals: usize) -> String {
    if v != 0.0 && (v.abs() >= 1e6 || decimals > 5) {
        return format!("{v:.1e}").replace('-', "\u{2212}");
    }
    let text = format!("{v:.decimals$}");
    let text = if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        text.replace('-', "")
    } else {
        text
    };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let a = Axis { low: -0.3, high: 21.0, from: 0.0, to: 100.0 };
        let labels: Vec<String> = a.ticks(6, false).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["0", "5", "10", "15", "20"]);
        let a = Axis { low: -0.1, high: 0.1, from: 0.0, to: 100.0 };
        let labels: Vec<String> = a.ticks(5, false).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["\u{2212}0.10", "\u{2212}0.05", "0.00", "0.05", "0.10"]);
    }
}
