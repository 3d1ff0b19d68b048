//! Groups of arrays as they go into an HDF5 file; the arrays are shared with the model, not copied.

use super::arrays::bytes;
use super::restore::told;
use addax_core::{Result, Value};
use addax_data::archive::Writer;
use addax_h5::Tree;
use std::io::Write;

/// What an attribute says.
pub(crate) enum Attribute {
    /// One text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// A group with its attributes and arrays.
pub(crate) struct Group {
    pub path: String,
    pub attributes: Vec<(String, Attribute)>,
    /// The arrays under their names, which may be paths.
    pub arrays: Vec<(String, Value)>,
}

impl Group {
    /// A group with arrays that are numbered, and its object's name.
    pub fn numbered(path: String, name: &str, arrays: Vec<Value>) -> Group {
        let arrays = arrays.into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect();
        Group { path, attributes: vec![("name".to_string(), Attribute::Text(name.to_string()))], arrays }
    }
}

/// The file of some groups.
pub(crate) fn tree(groups: &[Group]) -> Result<Tree<'_>> {
    let mut tree = Tree::new();
    for group in groups {
        if !group.path.is_empty() {
            tree.group(&group.path).map_err(told)?;
        }
        for (name, attribute) in &group.attributes {
            let value = match attribute {
                Attribute::Text(text) => addax_h5::Value::from(text.as_str()),
                Attribute::Texts(texts) => addax_h5::Value::texts(texts.iter().map(String::as_str)),
            };
            tree.attribute(&group.path, name, value).map_err(told)?;
        }
        for (name, array) in &group.arrays {
            let (dtype, data) = bytes(array);
            tree.dataset(&format!("{}/{name}", group.path), dtype, array.shape(), data).map_err(told)?;
        }
    }
    Ok(tree)
}

/// Writes the file of some groups.
pub(crate) fn write(groups: &[Group], mut out: &mut dyn Write) -> Result<()> {
    tree(groups)?.write(&mut out).map(drop).map_err(told)
}

/// Writes the file of some groups as an entry of an archive.
pub(crate) fn write_entry<W: Write>(groups: &[Group], name: &str, archive: &mut Writer<W>) -> Result<()> {
    let tree = tree(groups)?;
    let parts = tree.parts().map_err(told)?;
    archive.add(name, &parts.iter().map(|p| &**p).collect::<Vec<_>>())
}
