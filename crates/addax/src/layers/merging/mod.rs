//! Layers that merge several inputs.

mod concatenate;
mod dot;
mod elementwise;
mod inputs;

registry! {
    elementwise::Add, elementwise::Subtract, elementwise::Multiply, elementwise::Average, elementwise::Maximum,
    elementwise::Minimum, concatenate::Concatenate, dot::Dot,
}
