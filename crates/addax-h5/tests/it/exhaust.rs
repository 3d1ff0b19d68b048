//! Reads everything that a file has.

use addax_h5::{Array, File, Kind, Result};

/// Opens `bytes` and reads every object, value and text that can be read; how many could.
pub fn exhaust(bytes: &[u8]) -> Result<usize> {
    let file = File::open(bytes)?;
    let mut read = 0;
    let mut see = |array: Result<Array<'_>>| {
        let Ok(array) = array else { return };
        // A value can be as it should be and still be no text, or no number.
        let kinds = [array.texts().is_ok(), array.floats().is_ok()];
        read += 1 + kinds.iter().filter(|k| **k).count();
    };
    for (path, kind) in file.walk().chain([(String::new(), Kind::Group)]) {
        let attributes = match kind {
            Kind::Group => file.group(&path)?.attributes(),
            Kind::Dataset => match file.dataset(&path) {
                Ok(dataset) => {
                    see(dataset.read());
                    dataset.attributes()
                }
                Err(error) => Err(error),
            },
        };
        attributes.into_iter().flatten().for_each(|(_, array)| see(Ok(array)));
    }
    Ok(read)
}
