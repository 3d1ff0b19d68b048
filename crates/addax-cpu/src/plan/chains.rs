//! Frequent chains of instructions become one: the tile is walked once instead of several times. Roundings stay.

use crate::kernels::tile::{Arg, Chain, Line, LoopSpec, Target, TileOp};
use addax_core::ops::{Binary, Direction, Unary};
use std::collections::HashMap;

/// A line that replaces another, and the lines that it makes superfluous.
type Joined = (Chain, Vec<Arg>, Vec<usize>);

/// The rules: each looks at the last line of its chain.
const RULES: &[fn(&View, &Line) -> Option<Joined>] =
    &[average, average_square, adam_step, add_relu, subtract_exp, select_greater];

/// Applies the rules to every line.
pub(super) fn join(spec: &mut LoopSpec) {
    let mut dead = vec![false; spec.lines.len()];
    for at in 0..spec.lines.len() {
        let view = View::new(spec, &dead);
        let line = spec.lines[at];
        let found = RULES
            .iter()
            .find_map(|rule| rule(&view, &line))
            .filter(|(_, _, absorbed)| absorbed.iter().all(|i| view.can_move(*i, at)));
        if let Some((chain, args, absorbed)) = found {
            absorbed.into_iter().for_each(|i| dead[i] = true);
            spec.lines[at] = Line::new(TileOp::Chain(chain), line.target, &args);
        }
    }
    let mut dead = dead.into_iter();
    spec.lines.retain(|_| dead.next() == Some(false));
}

/// The program as the rules see it; each register is still written once.
struct View<'a> {
    lines: &'a [Line],
    /// By register: the line that writes it, and how often it is read.
    registers: HashMap<u8, (usize, usize)>,
}

impl View<'_> {
    fn new<'a>(spec: &'a LoopSpec, dead: &[bool]) -> View<'a> {
        let mut registers: HashMap<u8, (usize, usize)> = HashMap::new();
        let alive = || spec.lines.iter().enumerate().filter(|(i, _)| !dead[*i]);
        for (i, line) in alive() {
            if let Target::Register(r) = line.target {
                registers.insert(r, (i, 0));
            }
        }
        let read = alive().flat_map(|(_, l)| l.args).chain(spec.sinks.iter().map(|s| s.arg));
        for arg in read {
            if let Arg::Register(r) = arg
                && let Some((_, uses)) = registers.get_mut(&r)
            {
                *uses += 1;
            }
        }
        View { lines: &spec.lines, registers }
    }

    /// The line that writes a register which is read `uses` times, if it is such an instruction.
    fn made(&self, arg: Arg, op: TileOp, uses: usize) -> Option<(usize, &Line)> {
        let Arg::Register(r) = arg else { return None };
        let (i, n) = *self.registers.get(&r)?;
        (n == uses && self.lines[i].op == op).then_some((i, &self.lines[i]))
    }

    /// Whether what line `from` reads is still there at line `to`.
    fn can_move(&self, from: usize, to: usize) -> bool {
        let written = |line: &Line| match line.target {
            Target::Full(slot) | Target::PerRow(slot) => Some(slot),
            _ => None,
        };
        let read = |arg: &Arg| match arg {
            Arg::Full(s) | Arg::PerColumn(s) | Arg::PerRow(s) | Arg::Scalar(s) => Some(*s),
            _ => None,
        };
        let mut between = self.lines[from + 1..to].iter().filter_map(written);
        between.all(|slot| !self.lines[from].args.iter().any(|a| read(a) == Some(slot)))
    }
}

/// One number for all indices.
fn scalar(arg: Arg) -> bool {
    matches!(arg, Arg::Scalar(_) | Arg::Number(_))
}

/// One element per index, or per column.
fn array(arg: Arg) -> bool {
    matches!(arg, Arg::Register(_) | Arg::Full(_) | Arg::PerColumn(_))
}

const ADD: TileOp = TileOp::Binary(Binary::Add);
const SUBTRACT: TileOp = TileOp::Binary(Binary::Subtract);
const MULTIPLY: TileOp = TileOp::Binary(Binary::Multiply);
const DIVIDE: TileOp = TileOp::Binary(Binary::Divide);

/// `(b - a) · c + a`: the difference, its line and the other arguments.
fn towards(v: &View, line: &Line) -> Option<(Arg, Arg, Arg, usize)> {
    let [difference, c, a, ..] = line.args;
    let (i, made) = v.made(difference, SUBTRACT, 1).filter(|_| line.op == TileOp::Fma)?;
    (made.args[1] == a && array(a) && scalar(c)).then_some((a, made.args[0], c, i))
}

fn average(v: &View, line: &Line) -> Option<Joined> {
    let (a, b, c, i) = towards(v, line)?;
    // A square that only this reads is the next rule's.
    let square = v.made(b, MULTIPLY, 1).is_some_and(|(_, m)| m.args[0] == m.args[1]);
    (array(b) && !square).then(|| (Chain::Average, vec![a, b, c], vec![i]))
}

fn average_square(v: &View, line: &Line) -> Option<Joined> {
    let (a, b, c, i) = towards(v, line)?;
    let (j, square) = v.made(b, MULTIPLY, 1)?;
    let x = square.args[0];
    (square.args[1] == x && array(x)).then(|| (Chain::AverageSquare, vec![a, x, c], vec![i, j]))
}

fn adam_step(v: &View, line: &Line) -> Option<Joined> {
    let (i, quotient) = v.made(line.args[1], DIVIDE, 1).filter(|_| line.op == SUBTRACT)?;
    let (j, product) = v.made(quotient.args[0], MULTIPLY, 1)?;
    let (k, sum) = v.made(quotient.args[1], ADD, 1)?;
    let (l, root) = v.made(sum.args[0], TileOp::Unary(Unary::Sqrt), 1)?;
    let (w, d, e) = (line.args[0], root.args[0], sum.args[1]);
    let (b, c) = match [product.args[0], product.args[1]] {
        [c, b] if scalar(c) => (b, c),
        [b, c] => (b, c),
    };
    let fits = array(w) && array(b) && scalar(c) && array(d) && scalar(e);
    fits.then(|| (Chain::AdamStep, vec![w, b, c, d, e], vec![i, j, k, l]))
}

fn add_relu(v: &View, line: &Line) -> Option<Joined> {
    let (i, sum) = v.made(line.args[0], ADD, 1).filter(|_| line.op == TileOp::Unary(Unary::Relu))?;
    let [a, b, ..] = sum.args;
    (array(a) && array(b)).then(|| (Chain::AddRelu, vec![a, b], vec![i]))
}

fn subtract_exp(v: &View, line: &Line) -> Option<Joined> {
    let (i, difference) =
        v.made(line.args[0], SUBTRACT, 1).filter(|_| line.op == TileOp::Unary(Unary::Exp))?;
    let [a, b, ..] = difference.args;
    array(a).then(|| (Chain::SubtractExp, vec![a, b], vec![i]))
}

fn select_greater(v: &View, line: &Line) -> Option<Joined> {
    let (i, compared) =
        v.made(line.args[0], TileOp::Compare(Direction::Gt), 1).filter(|_| line.op == TileOp::Select)?;
    let ([a, b, ..], [_, c, d, ..]) = (compared.args, line.args);
    let fits = array(a) && scalar(b) && array(c) && scalar(d);
    fits.then(|| (Chain::SelectGreater, vec![a, b, c, d], vec![i]))
}
