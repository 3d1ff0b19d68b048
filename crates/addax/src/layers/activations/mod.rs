//! Activations as layers.

mod activation;
mod elu;
mod leaky_relu;
mod prelu;
mod relu;
mod softmax;

registry! {
    activation::Activation, elu::ELU, leaky_relu::LeakyReLU, prelu::PReLU, relu::ReLU, softmax::Softmax,
}
