//! `addax tune`: searches for the best network for a table, over a grid from flags.

use super::data;
use super::tables::{self, Task};
use addax::data::selection::{
    Distribution, Estimator, Found, GridSearchCV, Halving, HalvingGridSearchCV, HalvingRandomSearchCV, Param,
    ParamGrid, Params, Progress, RandomizedSearchCV, Space, Validation,
};
use addax::data::{Table, atomic};
use addax::prelude::*;
use addax::wrappers::{Builder, KerasClassifier, KerasRegressor};
use std::path::PathBuf;

/// What can be varied.
const NAMES: [&str; 7] =
    ["layers", "activation", "dropout", "optimizer", "learning_rate", "epochs", "batch_size"];

/// Searches for the best network for a table.
#[derive(clap::Args)]
pub struct Args {
    /// The table (CSV).
    table: PathBuf,
    /// The column to predict, by name or number.
    #[arg(long)]
    target: String,
    /// Values of a parameter: `layers=64-64,128`, `activation=relu,tanh`, `dropout=0,0.2`, `optimizer=adam,sgd`,
    /// `learning_rate=0.001,0.01`, `epochs=20,50`, `batch_size=16,32`. To be drawn from (`--random`) also a range
    /// `0.001..0.1`, its logarithm uniform, or `16..64` of whole numbers. May be given several times.
    #[arg(long, required = true, value_name = "NAME=VALUES")]
    grid: Vec<String>,
    /// Folds.
    #[arg(long, default_value_t = 3)]
    cv: usize,
    /// A score by scikit-learn's name [default: neg_mean_squared_error for numbers, accuracy for classes].
    #[arg(long)]
    scoring: Option<String>,
    /// Draw so many combinations instead of trying all.
    #[arg(long, value_name = "N")]
    random: Option<usize>,
    /// Successive halving: so many times more rows for one in so many combinations, round by round.
    #[arg(long, value_name = "FACTOR")]
    halving: Option<f64>,
    /// Epochs where they are not varied.
    #[arg(long, default_value_t = 50)]
    epochs: usize,
    /// Seed of draws, first weights, shuffles and dropout.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Fits at the same time; without it one for each processor.
    #[arg(long)]
    threads: Option<usize>,
    /// 0 silent but for the result, 1 a line for each fit.
    #[arg(long, default_value_t = 1)]
    verbose: u8,
    /// Where all results go, as CSV.
    #[arg(long, value_name = "CSV")]
    results: Option<PathBuf>,
    /// Where the best network goes, trained on all rows.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Builds a network for rows: features are scaled by the rows that are trained on, and by no others.
#[derive(Clone, Copy)]
struct ForTable(Task);

impl Builder for ForTable {
    fn build(&self, p: &Params, x: &Value, y: &Value) -> Result<Model> {
        let wrong = |text: &str| {
            Error::value("parameter \"layers\"")
                .expected("units such as 64-64")
                .got(format_args!("\"{text}\""))
        };
        let layers = match p.get("layers") {
            None => None,
            Some(Param::Int(units)) => {
                Some(vec![usize::try_from(*units).map_err(|_| wrong(&units.to_string()))?])
            }
            Some(other) => {
                let text = other.to_string();
                let units = text.split('-').map(|u| u.trim().parse().map_err(|_| wrong(&text)));
                Some(units.collect::<Result<Vec<usize>>>()?)
            }
        };
        let network = tables::Args {
            layers,
            activation: Some(p.text("activation", "relu")?.to_string()),
            dropout: Some(p.number("dropout", 0.0)?),
            loss: None,
        };
        let (cells, width) = (x.to_f64(), x.len() / x.rows().max(1));
        let column = |c: usize| cells.iter().skip(c).step_by(width).copied().collect();
        let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut model = Model::new(network.network(&columns, &y.to_f64(), self.0)?);
        let (_, _, loss, metric) = self.0.head();
        let rate = |default: f64| p.number("learning_rate", default);
        let compile = match p.text("optimizer", "adam")? {
            "adam" => Compile::new(Adam::new().learning_rate(rate(0.001)?)),
            "sgd" => Compile::new(SGD::new().learning_rate(rate(0.01)?)),
            "rmsprop" => Compile::new(RMSprop::new().learning_rate(rate(0.001)?)),
            other => return Err(Error::unknown("optimizer", other, ["adam", "sgd", "rmsprop"])),
        };
        model.compile(compile.loss(loss).metrics([metric]))?;
        Ok(model)
    }
}

/// A classifier or a regressor, whichever the target asks for.
enum Either {
    Classes(KerasClassifier<ForTable>),
    Number(KerasRegressor<ForTable>),
}

impl Either {
    fn new(task: Task, p: &Params, seed: u64) -> Either {
        match task {
            Task::Number => Either::Number(KerasRegressor::new(ForTable(task), p, seed)),
            Task::Classes(_) => Either::Classes(KerasClassifier::new(ForTable(task), p, seed)),
        }
    }

    fn inner(&mut self) -> &mut dyn Estimator {
        match self {
            Either::Classes(e) => e,
            Either::Number(e) => e,
        }
    }

    fn into_model(self) -> Option<Model> {
        match self {
            Either::Classes(e) => e.into_model(),
            Either::Number(e) => e.into_model(),
        }
    }
}

impl Estimator for Either {
    fn fit(&mut self, x: &Value, y: &Value) -> Result<()> {
        self.inner().fit(x, y)
    }
    fn predict(&mut self, x: &Value) -> Result<Value> {
        self.inner().predict(x)
    }
    fn predict_proba(&mut self, x: &Value) -> Result<Value> {
        self.inner().predict_proba(x)
    }
    fn is_classifier(&self) -> bool {
        matches!(self, Either::Classes(_))
    }
    fn classes(&self) -> &[i64] {
        match self {
            Either::Classes(e) => e.classes(),
            Either::Number(e) => e.classes(),
        }
    }
}

/// What a flag says: a name and its values.
fn varied(flag: &str) -> Result<(&str, Distribution)> {
    let wrong = || Error::value("--grid").expected("NAME=VALUE,VALUE,…").got(flag);
    let (name, values) = flag.split_once('=').ok_or_else(wrong)?;
    if !NAMES.contains(&name) {
        return Err(Error::unknown("parameter", name, NAMES));
    }
    if let Some((low, high)) = values.split_once("..") {
        return match (Param::parse(low), Param::parse(high)) {
            (Param::Int(a), Param::Int(b)) => Ok((name, Distribution::Integers(a, b.saturating_add(1)))),
            _ => match (low.parse(), high.parse()) {
                (Ok(a), Ok(b)) => Ok((name, Distribution::LogUniform(a, b))),
                _ => Err(wrong()),
            },
        };
    }
    let values: Vec<&str> = values.split(',').map(str::trim).collect();
    if values.contains(&"") {
        return Err(wrong());
    }
    Ok((name, Distribution::one_of(values.into_iter().map(Param::parse))))
}

pub fn run(args: &Args) -> Result<()> {
    [&args.output, &args.results].into_iter().flatten().try_for_each(|p| atomic::check(p))?;
    let table = Table::read(&args.table)?;
    let column = table.column(&args.target).map_err(|e| e.at(args.table.display()))?;
    let task = Task::of(&table, column);
    let (x, y) = data::table(&args.table, &args.target)?;
    let default = if task == Task::Number { "neg_mean_squared_error" } else { "accuracy" };
    let scoring = args.scoring.as_deref().unwrap_or(default);
    let tell = |p: &Progress| {
        if args.verbose > 0 {
            let (n, seconds) = (p.split + 1, p.seconds);
            println!(
                "[{}/{}] fold {n}, {}: {scoring} {:.4} ({seconds:.2} s)",
                p.done, p.total, p.params, p.score
            );
        }
    };
    let mut judged = Validation::new().folds(args.cv).scoring(&[scoring])?.seed(args.seed).on_progress(tell);
    if let Some(threads) = args.threads {
        judged = judged.threads(threads);
    }
    let make = |p: &Params, seed| {
        let p = if p.get("epochs").is_none() { p.clone().with("epochs", args.epochs) } else { p.clone() };
        Ok(Either::new(task, &p, seed))
    };
    let found = search(args, &x, &y, &judged, make)?;
    print!("{}", found.table());
    println!("best: {} with {scoring} {:.4}", found.best_params(), found.best_score());
    if let Some(path) = &args.results {
        atomic::write(path, results(&found).as_bytes())?;
    }
    match (&args.output, found.estimator.into_model()) {
        (Some(path), Some(model)) => model.save(path),
        _ => Ok(()),
    }
}

fn search(
    args: &Args,
    x: &Value,
    y: &Value,
    judged: &Validation,
    make: impl Fn(&Params, u64) -> Result<Either> + Sync,
) -> Result<Found<Either>> {
    let varied = args.grid.iter().map(|flag| varied(flag)).collect::<Result<Vec<_>>>()?;
    let seed = args.seed as u32;
    let halving = args.halving.map(|factor| Halving::new().factor(factor).random_state(seed));
    if let Some(count) = args.random {
        let space = varied.into_iter().fold(Space::new(), |space, (name, d)| space.vary(name, d));
        return match halving {
            Some(h) => HalvingRandomSearchCV::new(space, h).n_candidates(count).fit(x, y, judged, make),
            None => RandomizedSearchCV::new(space).n_iter(count).random_state(seed).fit(x, y, judged, make),
        };
    }
    let mut grid = ParamGrid::new();
    for (name, d) in varied {
        let Distribution::OneOf(values) = d else {
            let e = Error::value(format!("--grid {name}")).expected("values").got("a range");
            return Err(e.hint("Ranges are drawn from: give --random N."));
        };
        grid = grid.vary(name, values);
    }
    match halving {
        Some(h) => HalvingGridSearchCV::new(grid, h).fit(x, y, judged, make),
        None => GridSearchCV::new(grid).fit(x, y, judged, make),
    }
}

/// All results as CSV: parameters, scores by fold, mean, deviation, rank, time.
fn results(found: &Found<Either>) -> String {
    let names: Vec<&str> =
        found.candidates.first().map(|c| c.params.iter().map(|(n, _)| n).collect()).unwrap_or_default();
    let folds = found.candidates.first().map_or(0, |c| c.scores.fit_seconds.len());
    let fold_names = (1..=folds).map(|f| format!("fold_{f}"));
    let ends = ["mean", "std", "rank", "round", "mean_fit_seconds"].map(String::from);
    let heads = names.iter().map(|n| n.to_string()).chain(fold_names).chain(ends);
    let mut text = heads.collect::<Vec<String>>().join(",") + "\n";
    for c in &found.candidates {
        let values = c.params.iter().map(|(_, p)| p.to_string());
        let scores = c.scores.test.iter().take(1).flatten().map(|s| s.to_string());
        let seconds = c.scores.fit_seconds.iter().sum::<f64>() / folds.max(1) as f64;
        let ends = [c.scores.mean(), c.scores.deviation(), c.rank as f64, c.round as f64, seconds];
        let row = values.chain(scores).chain(ends.map(|v| v.to_string()));
        text += &(row.collect::<Vec<String>>().join(",") + "\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_names_and_values() {
        let layers = Distribution::OneOf(vec![Param::Text("64-64".into()), Param::Int(128)]);
        assert_eq!(varied("layers=64-64,128").unwrap(), ("layers", layers));
        assert_eq!(varied("batch_size=16..64").unwrap().1, Distribution::Integers(16, 65));
        assert_eq!(varied("learning_rate=1e-3..0.1").unwrap().1, Distribution::LogUniform(1e-3, 0.1));
        assert_eq!(
            varied("dropout").unwrap_err().to_string(),
            "--grid: expected NAME=VALUE,VALUE,…, got dropout"
        );
        assert!(varied("dropout=0,").is_err() && varied("dropout=a..b").is_err());
        let e = varied("droput=0").unwrap_err().to_string();
        assert!(e.contains("dropout"), "{e}");
    }
}
