//! Files written whole or not at all: under a temporary name beside the target, synced, then renamed.

use addax_core::{Error, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Writes bytes to a file; if anything fails, what was there before stays as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.display();
    if path.is_dir() {
        return Err(Error::io(name, "is a directory"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = path
        .file_name()
        .ok_or_else(|| Error::io(&name, "is not a file name"))?
        .to_string_lossy()
        .into_owned();
    let temporary = folder.join(format!(".{file}.{}.tmp", std::process::id()));
    let written = File::create(&temporary).and_then(|mut f| {
        f.write_all(bytes)?;
        f.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if let Err(e) = renamed {
        // The error that matters is the first; a leftover temporary file is only untidy.
        let _ = fs::remove_file(&temporary);
        return Err(Error::io(name, e));
    }
    // Some systems cannot sync folders; the file itself is safe already.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("addax-atomic-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        write(&folder.join("a"), b"old").unwrap();
        assert!(write(&folder, b"new").unwrap_err().to_string().ends_with("is a directory"));
        assert!(write(&folder.join("missing/a"), b"new").is_err());
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"old");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
