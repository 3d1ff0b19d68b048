//! The `addax` command: a thin face over the crate. Errors are one line on standard error, never a panic.
#![forbid(unsafe_code)]

mod bench;
mod convert;
mod data;
mod devices;
mod evaluate;
mod fit;
mod inspect;
mod lesson;
mod out;
mod plot;
mod predict;
mod signals;
mod summary;
mod tables;
mod tune;

use addax::Result;
use addax::core::ErrorKind;
use clap::{Parser, Subcommand};
use signals::INTERRUPTED;
use std::process::ExitCode;

/// Deep learning with Keras's names, defaults and numbers.
#[derive(Parser)]
#[command(name = "addax", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The lesson end to end: data, split, model, training, plots, the homework.
    Lesson(lesson::Args),
    /// Train a model, or a network for a table.
    Fit(Box<fit::Args>),
    /// Search for the best network for a table.
    Tune(Box<tune::Args>),
    /// Loss and metrics of a model.
    Evaluate(evaluate::Args),
    /// The outputs of a model for arrays or a table.
    Predict(predict::Args),
    /// Write a model in another format.
    Convert(convert::Args),
    /// What is in a file; the graph and the plan of a model.
    Inspect(inspect::Args),
    /// The layers of a model.
    Summary(summary::Args),
    /// The devices of this machine.
    Devices(devices::Args),
    /// Draw the history of a training.
    Plot(plot::Args),
    /// The project's benchmarks.
    Bench(bench::Args),
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Lesson(args) => lesson::run(&args),
        Command::Fit(args) => fit::run(&args),
        Command::Tune(args) => tune::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Summary(args) => summary::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Bench(args) => bench::run(&args),
    }
}

fn main() -> ExitCode {
    // A mistake of our own is one line like any other, whatever stands in its message.
    std::panic::set_hook(Box::new(|_| {}));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e)
            if matches!(
                e.kind(),
                clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
            ) =>
        {
            print!("{e}");
            return ExitCode::SUCCESS;
        }
        Err(e) if e.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("error: no command was given; addax --help lists them");
            return ExitCode::from(2);
        }
        Err(e) => {
            // Clap's first paragraph says what is wrong; the rest is usage.
            let text = e.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            let words: Vec<&str> = first.trim_start_matches("error: ").split_whitespace().collect();
            eprintln!("error: {}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    let told = std::panic::catch_unwind(|| run(cli.command));
    match told.unwrap_or_else(|panic| Err(internal(&*panic))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::from(if e.kind() == ErrorKind::Interrupted { INTERRUPTED } else { 1 })
        }
    }
}

/// A panic as an error.
fn internal(panic: &(dyn std::any::Any + Send)) -> addax::Error {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    addax::Error::value(format!("mistake in addax itself: {}", text.unwrap_or("unknown")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_are_sound() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
