//! The devices of this machine.

/// A device, or what is missing for it.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name: `/device:CPU:0`.
    pub name: String,
    /// `CPU`, `GPU` or `TPU`.
    pub kind: &'static str,
    /// Whether it can be used.
    pub available: bool,
    /// What it is, or what is missing.
    pub description: String,
}

/// How many threads the engine works with: as `ADDAX_THREADS` says, else one for each processor.
pub fn threads() -> usize {
    addax_cpu::kernels::parallel::Parallel::threads(addax_cpu::Pool::global())
}

/// Says how many threads to work with, before anything has been computed.
pub fn set_threads(threads: usize) -> addax_core::Result<()> {
    use addax_core::Error;
    match threads {
        1..=256 if addax_cpu::Pool::ask(threads) => Ok(()),
        1..=256 => {
            Err(Error::value("threads").expected("to be set before the first computation").got(threads))
        }
        _ => Err(Error::value("threads").expected("1 to 256").got(threads)),
    }
}

/// Checks that there is a device of a name (`cpu`, `CPU:0`, `/device:CPU:0`, …) to compute on; the error says what is
/// missing for it.
pub fn select(name: &str) -> addax_core::Result<()> {
    use addax_core::Error;
    let plain = |n: &str| n.to_lowercase().trim_start_matches("/device:").to_string();
    let asked = plain(name);
    let all = list();
    let is = |d: &&Device| plain(&d.name) == asked || d.kind.to_lowercase() == asked;
    match all.iter().find(is) {
        Some(d) if d.available => Ok(()),
        Some(d) => Err(Error::unsupported(format!("device \"{name}\" is {}", d.description))),
        None => Err(Error::unknown("device", name, ["cpu", "gpu", "tpu"])),
    }
}

/// Every device that this build can use, and what keeps it from others.
///
/// ```
/// assert!(addax::devices::list().iter().any(|d| d.kind == "CPU" && d.available));
/// ```
pub fn list() -> Vec<Device> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let sets: Vec<&str> = addax_cpu::simd::Isa::available().iter().map(|i| i.name()).collect();
    let model = std::fs::read_to_string("/proc/cpuinfo").ok();
    let model = model.as_deref().and_then(|t| t.lines().find_map(|l| l.strip_prefix("model name")));
    let model = model.map_or("processor", |m| m.trim_start_matches([' ', '\t', ':']));
    let description = format!("{model}, {threads} threads, {}", sets.join(" "));
    let cpu = Device { name: "/device:CPU:0".into(), kind: "CPU", available: true, description };
    let missing = |kind: &'static str, what: &str| Device {
        name: format!("/device:{kind}:0"),
        kind,
        available: false,
        description: format!("not available: {what}"),
    };
    let driver = std::path::Path::new("/proc/driver/nvidia/version").exists();
    let gpu = if driver { "this build has no XLA backend" } else { "no NVIDIA driver was found" };
    vec![cpu, missing("GPU", gpu), missing("TPU", "this build has no XLA backend")]
}

#[cfg(test)]
mod tests {
    use super::select;

    #[test]
    fn devices_go_by_the_names_that_keras_and_tensorflow_give_them() {
        for name in ["cpu", "CPU", "cpu:0", "/device:CPU:0"] {
            assert!(select(name).is_ok(), "{name}");
        }
        assert!(select("gpu").unwrap_err().to_string().starts_with("device \"gpu\" is not available: "));
        assert!(select("cpu:1").unwrap_err().to_string().starts_with("unknown device \"cpu:1\""));
    }
}
