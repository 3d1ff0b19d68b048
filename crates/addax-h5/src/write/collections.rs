//! The global heap of a file to be written: collections of texts, and where each text is in them.

/// Smaller collections are not allowed.
const SMALLEST: usize = 4096;
/// Collections are closed when they are this long.
const ENOUGH: usize = 1 << 16;

/// Collections one after the other, with places counted from the first byte of the first.
#[derive(Default)]
pub(super) struct Collections {
    bytes: Vec<u8>,
    /// Where the collection starts that is being filled, and how many objects it has.
    open: Option<(usize, u16)>,
}

/// Where a text is: its collection and its number in it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub collection: u64,
    pub number: u32,
}

impl Collections {
    /// Adds a text that is not empty.
    pub fn add(&mut self, text: &[u8]) -> Place {
        let (start, count) = match self.open {
            Some(open) => open,
            None => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(b"GCOL\x01\0\0\0");
                // Its length is known when it is closed.
                self.bytes.extend_from_slice(&[0; 8]);
                (start, 0)
            }
        };
        let number = count + 1;
        self.bytes.extend_from_slice(&number.to_le_bytes());
        // Keras's files count one reference to each text.
        self.bytes.extend_from_slice(&[1, 0, 0, 0, 0, 0]);
        self.bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(text);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.open = Some((start, number));
        if self.bytes.len() - start >= ENOUGH {
            self.close();
        }
        Place { collection: start as u64, number: number.into() }
    }

    fn close(&mut self) {
        let Some((start, _)) = self.open.take() else { return };
        let used = self.bytes.len() - start;
        // What is left over is object 0, if there is room for its header.
        let whole = used.max(SMALLEST);
        if whole - used >= 16 {
            self.bytes.extend_from_slice(&[0; 8]);
            self.bytes.extend_from_slice(&((whole - used) as u64).to_le_bytes());
        }
        self.bytes.resize(start + whole, 0);
        self.bytes[start + 8..start + 16].copy_from_slice(&(whole as u64).to_le_bytes());
    }

    /// All collections.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        self.bytes
    }
}
