//! Text into words: letters made alike, marks taken out, cut at spaces.

use crate::class::Words;

/// What is done to text before it is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standardize {
    /// Nothing.
    Nothing,
    /// Capital letters of ASCII become small ones.
    Lower,
    /// Marks of ASCII are taken out.
    StripPunctuation,
    /// Both.
    LowerAndStripPunctuation,
}

impl Words for Standardize {
    const WHAT: &'static str = "standardize";
    const NONE: Option<Self> = Some(Standardize::Nothing);

    fn all() -> &'static [Standardize] {
        &[Standardize::Lower, Standardize::StripPunctuation, Standardize::LowerAndStripPunctuation]
    }

    fn word(self) -> &'static str {
        match self {
            Standardize::Nothing => "none",
            Standardize::Lower => "lower",
            Standardize::StripPunctuation => "strip_punctuation",
            Standardize::LowerAndStripPunctuation => "lower_and_strip_punctuation",
        }
    }
}

impl Standardize {
    /// A text made alike. Like Keras it knows the letters and marks of ASCII only.
    pub(super) fn apply(self, text: &[u8]) -> Vec<u8> {
        let lower = matches!(self, Standardize::Lower | Standardize::LowerAndStripPunctuation);
        let strip = matches!(self, Standardize::StripPunctuation | Standardize::LowerAndStripPunctuation);
        let kept = text.iter().filter(|b| !(strip && b.is_ascii_punctuation()));
        kept.map(|b| if lower { b.to_ascii_lowercase() } else { *b }).collect()
    }
}

/// Where text is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Split {
    /// Nowhere.
    Nothing,
    /// At spaces.
    Whitespace,
    /// Between characters.
    Character,
}

impl Words for Split {
    const WHAT: &'static str = "split";
    const NONE: Option<Self> = Some(Split::Nothing);

    fn all() -> &'static [Split] {
        &[Split::Whitespace, Split::Character]
    }

    fn word(self) -> &'static str {
        match self {
            Split::Nothing => "none",
            Split::Whitespace => "whitespace",
            Split::Character => "character",
        }
    }
}

impl Split {
    /// The parts of a text.
    pub(super) fn apply(self, text: &[u8]) -> Vec<Vec<u8>> {
        let space = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b;
        match self {
            Split::Nothing => vec![text.to_vec()],
            Split::Whitespace => text.split(space).filter(|w| !w.is_empty()).map(<[u8]>::to_vec).collect(),
            Split::Character => {
                String::from_utf8_lossy(text).chars().map(|c| c.to_string().into_bytes()).collect()
            }
        }
    }
}

/// All runs of so many words, for each width one after another.
pub(super) fn ngrams(words: Vec<Vec<u8>>, widths: &[usize]) -> Vec<Vec<u8>> {
    let runs = |n: &usize| words.windows((*n).max(1)).map(|w| w.join(&b' ')).collect::<Vec<_>>();
    widths.iter().flat_map(runs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_alike_and_cut() {
        let text = Standardize::LowerAndStripPunctuation.apply("Hi, the-Dog É!".as_bytes());
        assert_eq!(text, "hi thedog É".as_bytes());
        let words = Split::Whitespace.apply(&text);
        assert_eq!(words, ["hi", "thedog", "É"].map(|w| w.as_bytes().to_vec()));
        assert_eq!(ngrams(words, &[2]), ["hi thedog", "thedog É"].map(|w| w.as_bytes().to_vec()));
        assert_eq!(Split::Character.apply("né".as_bytes()).len(), 2);
    }
}
