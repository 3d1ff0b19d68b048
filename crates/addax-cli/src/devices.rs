//! `addax devices`.

use addax::Result;

/// Which devices there are.
#[derive(clap::Args)]
pub struct Args {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let devices = addax::devices::list();
    if args.json {
        let rows: Vec<_> = devices
            .iter()
            .map(|d| serde_json::json!({"name": d.name, "device_type": d.kind, "available": d.available, "description": d.description}))
            .collect();
        println!("{}", serde_json::Value::Array(rows));
        return Ok(());
    }
    for d in devices {
        println!("{:<14} {:<5} {}", d.name, d.kind, d.description);
    }
    Ok(())
}
