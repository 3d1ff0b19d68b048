//! The command as its users meet it: processes, files, exit codes.

mod place;
mod resume;
mod wrong_input;
