//! One picture of each kind, written to the folder given.

use addax_core::rng::Rng;
use addax_data::Figure;
use addax_data::plot::Heatmap;

fn main() -> addax_core::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let loss: Vec<f64> = (0..50).map(|i| 20.0 * (-f64::from(i) / 6.0).exp() + 0.03).collect();
    let test: Vec<f64> = loss.iter().enumerate().map(|(i, l)| l * 1.1 + 0.02 * (i as f64).sqrt()).collect();
    let figure = Figure::new().title("Loss по эпохам").x_label("Эпохи").y_label("MSE").grid(true);
    figure.line("Train Loss", &loss).line("Validation Loss", &test).save(format!("{folder}/loss.png"))?;
    let mut rng = Rng::new(1, 0);
    let truth: Vec<f64> = (0..200).map(|_| 5.0 + rng.normal()).collect();
    let guess: Vec<f64> = truth.iter().map(|t| t + 0.15 * rng.normal()).collect();
    let figure = Figure::new()
        .title("Предсказания на тестовой выборке")
        .x_label("y_test")
        .y_label("y_pred")
        .grid(true);
    figure.scatter("", &truth, &guess).diagonal().save(format!("{folder}/scatter.png"))?;
    let heatmap = Heatmap::new(&[vec![93.0, 7.0], vec![4.0, 96.0]]).title("Матрица ошибок");
    let heatmap = heatmap.axes("Предсказано", "На самом деле").labels(&["ниже", "выше"]);
    heatmap.save(format!("{folder}/heatmap.png"))?;
    heatmap.save(format!("{folder}/heatmap.svg"))
}
