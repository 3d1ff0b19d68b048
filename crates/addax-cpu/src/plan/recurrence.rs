//! `scan`: the body is a plan of its own, made once; from step to step only pointers move.

use super::{Plan, Spot};
use addax_core::backend::Executable;
use addax_core::ops::Scan;
use addax_core::{Error, Program, Result};
use std::sync::{Mutex, PoisonError};

/// A recurrence: a plan that runs once a step.
pub(super) struct Recurrence {
    /// Locked once for all steps; nobody else ever holds it.
    body: Mutex<Plan>,
    pub carries: Vec<Carry>,
    /// Slot and bytes of a step's slice.
    pub sequences: Vec<(usize, usize)>,
    pub captured: Vec<usize>,
    pub stacked: Vec<(usize, usize)>,
    pub length: usize,
    pub reverse: bool,
    flops: u64,
    /// Steps of the body that run by their plain evaluation.
    plain: Vec<String>,
}

/// What goes from step to step: where it comes from, and where it lives and ends.
pub(super) struct Carry {
    pub from: usize,
    pub to: usize,
    pub bytes: usize,
}

impl Recurrence {
    /// Plans the body of a scan of so many steps.
    pub fn new(scan: &Scan, length: usize) -> Result<Recurrence> {
        let body = Plan::new(&Program { graph: (*scan.body.0).clone(), state: scan.carries })?;
        let report = body.report();
        let flops = report.flops.saturating_mul(length as u64);
        let plain = report.steps.into_iter().map(|s| s.name).filter(|n| n.ends_with("(plain)")).collect();
        Ok(Recurrence {
            body: Mutex::new(body),
            carries: Vec::new(),
            sequences: Vec::new(),
            captured: Vec::new(),
            stacked: Vec::new(),
            length,
            reverse: scan.reverse,
            flops,
            plain,
        })
    }

    /// Floating-point operations of all steps.
    pub fn flops(&self) -> u64 {
        self.flops
    }

    /// The names of the body's steps that run by their plain evaluation.
    pub fn plain(&self) -> Vec<String> {
        self.plain.clone()
    }

    /// # Safety
    /// Every slot leads to memory of the size that the scan was planned with.
    pub unsafe fn run(&self, slots: &[*mut u8]) -> Result<()> {
        for c in &self.carries {
            // SAFETY: both hold a carry, and results do not overlap what is read.
            unsafe { slots[c.to].copy_from_nonoverlapping(slots[c.from], c.bytes) };
        }
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        for i in 0..self.length {
            let t = if self.reverse { self.length - 1 - i } else { i };
            // SAFETY: slice `t` lies in its sequence or stack.
            let slice = |(slot, bytes): &(usize, usize)| unsafe { slots[*slot].add(t * bytes) };
            let at = |spot: Spot| match spot {
                Spot::State(k) => Ok(slots[self.carries[k].to]),
                Spot::Input(k) => Ok(match self.sequences.get(k) {
                    Some(sequence) => slice(sequence),
                    None => slots[self.captured[k - self.sequences.len()]],
                }),
                Spot::Output(k) => Ok(slice(&self.stacked[k])),
                Spot::Arena(_) | Spot::Constant(_) => Err(Error::value("a body's own memory is not bound")),
            };
            // SAFETY: the body was planned for the types of carries, slices and captured values.
            unsafe { body.run_with(&at)? };
        }
        Ok(())
    }
}
