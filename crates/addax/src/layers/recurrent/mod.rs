//! Recurrent layers: cells, the loop that runs them, and layers that wrap other layers along a sequence.

mod bidirectional;
pub(super) mod cell;
mod conv_lstm;
mod gru;
mod lstm;
mod rnn;
mod simple_rnn;
mod time_distributed;

pub use cell::{Cell, Prepared};

registry! {
    simple_rnn::SimpleRNN, simple_rnn::SimpleRNNCell, lstm::LSTM, lstm::LSTMCell, gru::GRU, gru::GRUCell,
    rnn::RNN, rnn::StackedRNNCells, bidirectional::Bidirectional, time_distributed::TimeDistributed,
    conv_lstm::ConvLSTM1D, conv_lstm::ConvLSTM2D, conv_lstm::ConvLSTM3D,
}
