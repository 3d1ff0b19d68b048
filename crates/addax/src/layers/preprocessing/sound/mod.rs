//! Sound as pictures of its frequencies.

mod mel_spectrogram;
mod stft_spectrogram;
mod window;

pub use stft_spectrogram::SpectrumMode;
pub use window::SoundWindow;

registry! { stft_spectrogram::STFTSpectrogram, mel_spectrogram::MelSpectrogram }
