//! The optimizer's arrays in files: Keras's order, today's and that of Keras 2.

use super::arrays::Stored;
use super::restore::{Placed, Source, Target};
use super::tree::Group;
use crate::optimizers::{Initial, Layout};
use crate::training::Model;
use addax_core::{DType, Result, Shape, Value};

const GROUP: &str = "optimizer/vars";
/// Where the optimizer inside a LossScaleOptimizer stands once more.
const INNER: &str = "optimizer/inner_optimizer/vars";

/// The arrays that a tree holds for the optimizer.
pub(crate) fn find<'a>(source: &impl Source<'a>) -> Result<Vec<Placed<'a>>> {
    let arrays = source.group(GROUP)?.unwrap_or_default();
    Ok(numbered(arrays))
}

/// Arrays that are asked for by their number.
pub(crate) fn numbered(arrays: Vec<Stored<'_>>) -> Vec<Placed<'_>> {
    let numbered = arrays.into_iter().enumerate();
    numbered.map(|(i, array)| Placed { target: Target::Numbered(i), array }).collect()
}

/// Gives the optimizer the arrays of a file. If they are another optimizer's it begins anew, as in Keras, and says so.
pub(crate) fn give(model: &mut Model, mut values: Vec<Value>) -> Result<()> {
    if model.compiled().is_none() || model.network().is_err() {
        return Ok(());
    }
    let layout = model.optimizer_layout()?;
    let fresh = initial(model, &layout)?;
    // Keras 2 did not keep the learning rate.
    if values.len() + 1 == fresh.len() && layout.rates == [1] {
        values.insert(1, fresh[1].clone());
    }
    let fits = values.len() == fresh.len() && values.iter().zip(&fresh).all(|(v, f)| v.shape() == f.shape());
    if fits {
        let cast = values.iter().zip(&fresh).map(|(v, f)| v.cast(f.dtype())).collect();
        return model.set_optimizer_state(cast);
    }
    // A model that was compiled but never trained has at most the counter and the rate.
    if values.len() > 2 {
        let (wanted, got) = (fresh.len(), values.len());
        eprintln!(
            "warning: the optimizer begins anew: expected {wanted} arrays of its state, got {got} or others"
        );
    }
    model.set_optimizer_state(fresh)
}

/// What the optimizer begins with.
fn initial(model: &Model, layout: &Layout) -> Result<Vec<Value>> {
    let open: Vec<_> = model.architecture().weights().into_iter().filter(|(_, t)| *t).collect();
    let first = |spec: &crate::optimizers::StateSpec| match spec.initial {
        Initial::Number(x) => Ok(Value::full(spec.dtype, &spec.shape.concrete()?, x)),
        Initial::Weight(i) => {
            open.get(i).map_or_else(|| Ok(Value::zeros(DType::F32, &[])), |(w, _)| w.value())
        }
    };
    layout.specs.iter().map(first).collect()
}

/// The optimizer's groups of a compiled model.
pub(crate) fn collect(model: &Model) -> Result<Vec<Group>> {
    let Some(compile) = model.compiled().filter(|_| model.network().is_ok()) else { return Ok(Vec::new()) };
    let layout = model.optimizer_layout()?;
    let state = match model.optimizer_state()? {
        Some(state) => state,
        None => initial(model, &layout)?,
    };
    let optimizer = compile.optimizer.get()?;
    let name = |path: &str| path.split('/').next().unwrap_or_default().to_string();
    let own = layout.specs.first().map(|s| name(&s.path)).unwrap_or_default();
    let mut groups = Vec::new();
    if optimizer.class_name() == "LossScaleOptimizer" {
        // The inner optimizer's arrays follow its own: counter, rate, finite steps, scale.
        let inner = layout.specs.get(4).map(|s| name(&s.path)).unwrap_or_default();
        groups.push(Group::numbered(INNER.to_string(), &inner, state.get(4..).unwrap_or_default().to_vec()));
    }
    groups.push(Group::numbered(GROUP.to_string(), &own, state));
    Ok(groups)
}

/// The names and arrays of the optimizer of a compiled model, as whole-model HDF5 files have them.
pub(crate) fn named(model: &Model) -> Result<Vec<(String, Value)>> {
    if model.compiled().is_none() || model.network().is_err() {
        return Ok(Vec::new());
    }
    let layout = model.optimizer_layout()?;
    let state = match model.optimizer_state()? {
        Some(state) => state,
        None => initial(model, &layout)?,
    };
    debug_assert!(layout.specs.iter().zip(&state).all(|(s, v)| s.shape == Shape::of(v.shape())));
    Ok(layout.specs.into_iter().map(|s| s.path).zip(state).collect())
}
