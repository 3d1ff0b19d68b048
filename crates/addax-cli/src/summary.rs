//! `addax summary` of the example models.

use addax::prelude::*;

/// The layers of an example model.
#[derive(clap::Args)]
pub struct Args {
    /// `lesson` or `two-inputs`.
    model: String,
}

pub fn run(args: &Args) -> Result<()> {
    let model = match args.model.as_str() {
        "lesson" => Model::sequential(super::lesson::layers(64, 64, None))?,
        "two-inputs" => {
            let (a, b) = (Input([10])?, Input([4])?);
            let left = Dense::new(16usize).activation("relu").on(&a)?;
            let both = Concatenate::new().on_all(&[&left, &b])?;
            let out = Dense::new(1usize).on(&both)?;
            Model::new(Network::new(&[&a, &b], &[&out])?)
        }
        other => return Err(Error::unknown("example model", other, ["lesson", "two-inputs"])),
    };
    print!("{}", model.summary());
    Ok(())
}
