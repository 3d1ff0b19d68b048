//! A report as a browser shows it: runs where Chromium is installed.

use addax_data::plot::{Report, plot_confusion_matrix, plot_curves, plot_roc};
use addax_data::scores::{Confusion, Fbeta, Ranking, report};
use std::path::{Path, PathBuf};
use std::process::Command;

fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).flat_map(|folder| names.map(|n| folder.join(n))).find(|p| p.is_file())
}

fn page() -> Report {
    let falling: Vec<f64> = (0..30).map(|i| 3.0 * (-f64::from(i) / 5.0).exp() + 0.1).collect();
    let above: Vec<f64> = falling.iter().map(|v| v * 1.2 + 0.05).collect();
    let series = [("loss".to_string(), falling.clone()), ("val_loss".to_string(), above)];
    let truth: Vec<i64> = (0..100).map(|i| i64::from(i % 5 < 2)).collect();
    let scores: Vec<f64> =
        (0..100).map(|i| f64::from(i % 5 < 2) * 0.4 + f64::from(i * 37 % 100) / 150.0).collect();
    let named: Vec<i64> = scores.iter().map(|s| i64::from(*s > 0.5)).collect();
    let confusion = Confusion::new(&truth, &named, None).unwrap();
    let roc = Ranking::of_class(&truth, &scores, 1).unwrap().roc(true);
    let rows: Vec<Vec<String>> =
        falling.iter().enumerate().map(|(i, v)| vec![(i + 1).to_string(), format!("{v:.4}")]).collect();
    Report::new("Отчёт")
        .heading("Training")
        .drawing(&plot_curves(&series, "loss").svg())
        .drawing(&plot_roc(&[("", &roc)]).unwrap().svg())
        .table(&["epoch", "loss"], &rows)
        .heading("Classes")
        .drawing(&plot_confusion_matrix(&confusion, &["ниже", "выше"]).svg())
        .preformatted(&report(&confusion, &Fbeta::default(), None, 3))
}

fn screenshot(browser: &Path, folder: &Path) -> PathBuf {
    let (html, png) = (folder.join("report.html"), folder.join("report.png"));
    page().save(&html).unwrap();
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --hide-scrollbars --window-size=1200,1700";
    let run = Command::new(browser)
        .args(flags.split_whitespace())
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--screenshot={}", png.display()))
        .arg(format!("file://{}", html.display()))
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    png
}

#[test]
fn a_browser_shows_curves_and_matrix() {
    let Some(browser) = chromium() else {
        eprintln!("no Chromium here: the report was not opened");
        return;
    };
    let folder = std::env::temp_dir().join(format!("addax-report-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let png = screenshot(&browser, &folder);
    let pixels = tiny_skia::Pixmap::load_png(&png).unwrap();
    let count =
        |rgb: [u8; 3]| pixels.pixels().iter().filter(|p| [p.red(), p.green(), p.blue()] == rgb).count();
    // The two colours of the curves, the darkest of the heatmap, the page behind.
    for (rgb, least) in
        [([31, 119, 180], 200), ([255, 127, 14], 200), ([8, 48, 107], 1000), ([245, 246, 248], 50_000)]
    {
        assert!(count(rgb) >= least, "{rgb:?}: {} pixels of {}", count(rgb), png.display());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
