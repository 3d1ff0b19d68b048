//! What a training was: a report in one HTML file, and the drawing of a model.

mod drawing;
mod run;

pub use drawing::draw_model;
pub use run::RunReport;
