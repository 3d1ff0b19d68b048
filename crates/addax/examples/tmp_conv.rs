use addax::class::from_json;
use addax::core::rng::Rng;
use addax::layers::{LAYERS, Layer};
use addax::prelude::*;
use serde_json::Value as Json;
fn main() -> Result<()> {
    let api: Json =
        serde_json::from_str(&std::fs::read_to_string("/work/shared/keras/api.json").unwrap()).unwrap();
    for def in LAYERS {
        let e = &api["symbols"][format!("keras.layers.{}", def.name)];
        if e.is_null() {
            println!("{}: no entry", def.name);
            continue;
        }
        let obj = serde_json::json!({"class_name": def.name, "config": e["default_config"]});
        match from_json::<dyn Layer>(&obj) {
            Err(err) => println!("{}: {err}", def.name),
            Ok(l) => {
                let c = l.config();
                for (k, v) in e["default_config"].as_object().unwrap() {
                    if ["name", "trainable", "dtype"].contains(&k.as_str()) {
                        continue;
                    }
                    match c.get(k) {
                        None => println!("{}: lacks {k}", def.name),
                        Some(w) if w != v && !v.is_object() => println!("{}.{k}: {w} for {v}", def.name),
                        _ => {}
                    }
                }
                for k in c.keys() {
                    if !e["default_config"].as_object().unwrap().contains_key(k) {
                        println!("{}: extra {k}", def.name)
                    }
                }
            }
        }
        let args = (def.args)();
        let sig: Vec<&str> = e["signature"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|a| a["name"].as_str())
            .filter(|n| !["kwargs", "name", "dtype", "weights", "lora_rank", "lora_alpha"].contains(n))
            .collect();
        let mine: Vec<&str> = args.iter().map(|a| a.name).collect();
        for s in &sig {
            if !mine.contains(s) {
                println!("{}: no argument {s}", def.name)
            }
        }
    }
    set_random_seed(1);
    let mut rng = Rng::new(0, 0);
    let n = 512;
    let x: Vec<f32> = (0..n * 12 * 12).map(|_| rng.uniform() as f32).collect();
    let y: Vec<f32> = x
        .chunks(144)
        .map(|i| if i[..72].iter().sum::<f32>() > i[72..].iter().sum::<f32>() { 1.0 } else { 0.0 })
        .collect();
    let (x, y) = (Value::new([n, 12, 12, 1], x)?, Value::from(y));
    let mut model = Model::sequential(
        Sequential::new()
            .add(Conv2D::new(8usize, 3).activation("relu").input_shape([12, 12, 1]))
            .add(MaxPooling2D::new())
            .add(Conv2D::new(16usize, 3).padding("same").use_bias(false))
            .add(BatchNormalization::new())
            .add(LeakyReLU::new())
            .add(AveragePooling2D::new(2).padding("same"))
            .add(SpatialDropout2D::new(0.1))
            .add(GaussianNoise::new(0.05))
            .add(Flatten::new())
            .add(LayerNormalization::new())
            .add(Dense::new(1usize).activation("sigmoid")),
    )?;
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(["accuracy"]))?;
    println!("{}", model.summary());
    let t = std::time::Instant::now();
    let h = model.fit(&x, &y, Fit::new().epochs(10).verbose(2))?;
    println!("{:?} {:.1} ms a step", h.last("loss"), t.elapsed().as_secs_f64() * 1e3 / 160.0);
    // plain evaluation against the engine
    let out = model.predict(&x.slice_rows(0, 4)?)?;
    println!("{:?}", out);
    if let Some(session) = model.session() {
        for (name, report) in session.reports().into_iter().take(1) {
            println!(
                "{name}: {} flops, {} bytes {} steps",
                report.flops,
                report.arena_bytes,
                report.steps.len()
            );
            report.steps.iter().for_each(|s| println!("  {:>8} {} [{}]", s.flops, s.name, s.scope));
        }
    }
    Ok(())
}
