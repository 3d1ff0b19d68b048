//! Files written whole or not at all: under a temporary name beside the target, synced, then renamed.

use addax_core::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes bytes to a file; if anything fails, what was there before stays as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    with_writer(path, |out| out.write_all(bytes).map_err(|e| Error::io("write", e)))
}

/// Writes a file through a stream. What was there before stays as it was until everything is on the disk; if `fill` or
/// the disk fails, for good. `-` is the standard output; devices and pipes are written as they are.
///
/// Errors, each naming the path: a folder, a file that is read-only, a folder that is missing, a full disk, and what
/// `fill` returns.
pub fn with_writer<T>(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
    let name = path.display();
    if path == Path::new("-") {
        return through(&mut io::stdout().lock(), fill);
    }
    let old = fs::metadata(path).ok();
    match &old {
        Some(old) if old.is_dir() => return Err(Error::io(name, "is a directory")),
        Some(old) if !old.is_file() => {
            let mut file = OpenOptions::new().write(true).open(path).map_err(|e| Error::io(&name, e))?;
            return through(&mut file, fill).map_err(|e| e.at(name));
        }
        Some(old) if old.permissions().readonly() => return Err(Error::io(name, "is read-only")),
        _ => {}
    }
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (temporary, file) = Temporary::create(folder).map_err(|e| Error::io(&name, e))?;
    let mut out = BufWriter::with_capacity(1 << 16, Sink(file));
    let result = through(&mut out, fill).map_err(|e| e.at(&name))?;
    let finish = || {
        step()?;
        out.get_ref().0.sync_all()?;
        if let Some(old) = old {
            fs::set_permissions(&temporary.0, old.permissions())?;
        }
        step()?;
        fs::rename(&temporary.0, &target)
    };
    finish().map_err(|e| Error::io(&name, e))?;
    // Some systems cannot sync folders; the file itself is safe already.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(result)
}

/// Whether a file could be written, as far as that can be said before: no folder in its place, not read-only, a folder
/// around it. Errors as [`with_writer`].
pub fn check(path: &Path) -> Result<()> {
    let wrong = |why: &str| Err(Error::io(path.display(), why));
    let around = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match fs::metadata(path) {
        _ if path == Path::new("-") => Ok(()),
        Ok(old) if old.is_dir() => wrong("is a directory"),
        Ok(old) if old.is_file() && old.permissions().readonly() => wrong("is read-only"),
        Ok(_) => Ok(()),
        Err(_) => match fs::metadata(around) {
            Ok(folder) if folder.is_dir() => Ok(()),
            Ok(_) => wrong("lies in a file, not in a folder"),
            Err(e) => Err(Error::io(path.display(), e)),
        },
    }
}

/// Removes what processes that were killed left half written in a folder that nobody else writes to.
pub fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(".addax-") && name.ends_with(".tmp") {
            // A leftover is only untidy.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn through<T>(out: &mut dyn Write, fill: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
    let result = fill(out)?;
    out.flush().map_err(|e| Error::io("write", e))?;
    Ok(result)
}

/// A file under a name that nobody uses; removed when it goes out of use, unless it was renamed.
struct Temporary(PathBuf);

impl Temporary {
    fn create(folder: &Path) -> io::Result<(Temporary, File)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        step()?;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".addax-{}-{number}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((Temporary(path), file)),
                // Left behind by a process of the same number.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is nothing under this name; before it, a leftover is only untidy.
        let _ = fs::remove_file(&self.0);
    }
}

/// The file, each write being a point where a disk may fail.
struct Sink(File);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        step()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(not(test))]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use tests::step;

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static STEPS_LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    /// Fails as a full disk does when the steps that a test allows are used up.
    pub(super) fn step() -> io::Result<()> {
        let left = STEPS_LEFT.get();
        STEPS_LEFT.set(left.saturating_sub(1));
        if left == 0 { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("addax-atomic-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn whichever_step_fails_the_old_file_stays() {
        let folder = folder("steps");
        let path = folder.join("a");
        write(&path, b"old").unwrap();
        let mut allowed = 0;
        loop {
            STEPS_LEFT.set(allowed);
            let result = with_writer(&path, |out| {
                (0..3).try_for_each(|_| out.write_all(&[7; 1 << 16])).map_err(|e| Error::io("model", e))
            });
            STEPS_LEFT.set(usize::MAX);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
            match result {
                Ok(()) => break,
                Err(e) => assert!(e.to_string().ends_with("no storage space"), "{e}"),
            }
            assert_eq!(fs::read(&path).unwrap(), b"old");
            allowed += 1;
        }
        // To create, three writes, to sync, to rename.
        assert_eq!((allowed, fs::read(&path).unwrap().len()), (6, 3 << 16));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_cannot_be_replaced_is_named() {
        let folder = folder("refusals");
        let path = folder.join("a");
        write(&path, b"old").unwrap();
        for path in [folder.clone(), folder.join("missing/a"), path.join("b")] {
            let (before, then) = (check(&path).unwrap_err().to_string(), write(&path, b"new").unwrap_err());
            assert!(before == then.to_string() || path.ends_with("a/b"), "{before}, {then}");
        }
        assert!(check(&path).is_ok() && check(Path::new("a")).is_ok());
        assert!(write(&folder, b"new").unwrap_err().to_string().ends_with("is a directory"));
        assert!(write(&folder.join("missing/a"), b"new").unwrap_err().to_string().contains("missing/a: "));
        let e = with_writer(&path, |_| Err::<(), _>(Error::value("no model"))).unwrap_err().to_string();
        assert!(e.ends_with("a > no model"), "{e}");
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(write(&path, b"new").unwrap_err().to_string().ends_with("is read-only"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = folder("links");
        write(&folder.join("a"), b"old").unwrap();
        std::os::unix::fs::symlink(folder.join("a"), folder.join("link")).unwrap();
        write(&folder.join("link"), b"new").unwrap();
        assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_symlink());
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"new");
        write(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        fs::remove_dir_all(&folder).unwrap();
    }
}
