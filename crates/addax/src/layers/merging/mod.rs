//! Layers that merge several inputs.

mod elementwise;

registry! {
    elementwise::Add, elementwise::Subtract, elementwise::Multiply, elementwise::Average, elementwise::Maximum,
    elementwise::Minimum, elementwise::Concatenate,
}
