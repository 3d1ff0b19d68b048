//! The few messages of ONNX that are written, in the wire format of Protocol Buffers: tag, then number or length and
//! bytes. Field numbers are those of `onnx.proto`. The numbers of weights go to the output as they lie in memory.

use super::super::arrays::bytes;
use addax_core::{DType, Error, Result, Value};
use std::io::Write;

/// A message under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(pub Vec<u8>);

impl Message {
    fn varint(&mut self, mut x: u64) {
        while x >= 0x80 {
            self.0.push(x as u8 | 0x80);
            x >>= 7;
        }
        self.0.push(x as u8);
    }

    fn tag(&mut self, field: u64, wire: u64) {
        self.varint(field << 3 | wire);
    }

    /// A whole number.
    pub fn int(mut self, field: u64, x: i64) -> Message {
        self.tag(field, 0);
        self.varint(x as u64);
        self
    }

    /// A float.
    fn float(mut self, field: u64, x: f32) -> Message {
        self.tag(field, 5);
        self.0.extend(x.to_le_bytes());
        self
    }

    /// The head of a field of `length` bytes that follow.
    fn head(mut self, field: u64, length: usize) -> Message {
        self.tag(field, 2);
        self.varint(length as u64);
        self
    }

    fn bytes(self, field: u64, x: &[u8]) -> Message {
        let mut message = self.head(field, x.len());
        message.0.extend(x);
        message
    }

    /// A text.
    pub fn text(self, field: u64, x: &str) -> Message {
        self.bytes(field, x.as_bytes())
    }

    /// A message in a field of another.
    pub fn message(self, field: u64, x: &Message) -> Message {
        self.bytes(field, &x.0)
    }

    fn each<T>(self, items: &[T], add: impl FnMut(Message, &T) -> Message) -> Message {
        items.iter().fold(self, add)
    }
}

/// The number of an element type.
pub(super) fn code(dtype: DType) -> i64 {
    match dtype {
        DType::F32 => 1,
        DType::U8 => 2,
        DType::I8 => 3,
        DType::I32 => 6,
        DType::I64 => 7,
        DType::Bool => 9,
        DType::F16 => 10,
        DType::F64 => 11,
        DType::U32 => 12,
        DType::BF16 => 16,
    }
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub(super) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    Text(String),
    Graph(Box<Graph>),
}

impl From<i64> for Attribute {
    fn from(x: i64) -> Attribute {
        Attribute::Int(x)
    }
}

impl From<f32> for Attribute {
    fn from(x: f32) -> Attribute {
        Attribute::Float(x)
    }
}

impl From<&str> for Attribute {
    fn from(x: &str) -> Attribute {
        Attribute::Text(x.to_string())
    }
}

impl From<Vec<i64>> for Attribute {
    fn from(x: Vec<i64>) -> Attribute {
        Attribute::Ints(x)
    }
}

impl From<&[usize]> for Attribute {
    fn from(x: &[usize]) -> Attribute {
        Attribute::Ints(x.iter().map(|n| *n as i64).collect())
    }
}

impl From<Graph> for Attribute {
    fn from(x: Graph) -> Attribute {
        Attribute::Graph(Box::new(x))
    }
}

impl Attribute {
    fn write(&self, name: &str) -> Message {
        let message = Message::default().text(1, name);
        match self {
            Attribute::Float(x) => message.float(2, *x).int(20, 1),
            Attribute::Int(x) => message.int(3, *x).int(20, 2),
            Attribute::Text(x) => message.text(4, x).int(20, 3),
            Attribute::Graph(x) => message.message(6, &x.write()).int(20, 5),
            Attribute::Ints(x) => message.each(x, |m, n| m.int(8, *n)).int(20, 7),
        }
    }
}

/// One application of an operator.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: &'static str,
    pub name: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: Vec<(&'static str, Attribute)>,
}

impl Node {
    fn write(&self) -> Message {
        let message = Message::default().each(&self.inputs, |m, i| m.text(1, i));
        let message = message.each(&self.outputs, |m, o| m.text(2, o));
        let message = message.text(3, &self.name).text(4, self.kind);
        message.each(&self.attributes, |m, (name, a)| m.message(5, &a.write(name)))
    }
}

/// The length of an axis: a number, or a name for what is known when the model runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Axis {
    Fixed(usize),
    Named(String),
}

/// An input or output: name, element type, shape.
#[derive(Clone, Debug)]
pub(super) struct Port {
    pub name: String,
    pub dtype: DType,
    pub shape: Vec<Axis>,
}

impl Port {
    fn write(&self) -> Message {
        let shape = Message::default().each(&self.shape, |m, axis| {
            let dim = match axis {
                Axis::Fixed(n) => Message::default().int(1, *n as i64),
                Axis::Named(name) => Message::default().text(2, name),
            };
            m.message(1, &dim)
        });
        let tensor = Message::default().int(1, code(self.dtype)).message(2, &shape);
        Message::default().text(1, &self.name).message(2, &Message::default().message(1, &tensor))
    }
}

/// Nodes between inputs and outputs; constants stand beside those of the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub name: String,
    pub nodes: Vec<Node>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

impl Graph {
    fn write(&self) -> Message {
        let message = Message::default().each(&self.nodes, |m, n| m.message(1, &n.write()));
        let message = message.text(2, &self.name).each(&self.inputs, |m, p| m.message(11, &p.write()));
        message.each(&self.outputs, |m, p| m.message(12, &p.write()))
    }
}

/// The most bytes that a message may have.
const LARGEST: usize = i32::MAX as usize;

/// Writes a model: its graph and the constants that the graph names.
pub(super) fn write(
    graph: &Graph,
    constants: &[(String, Value)],
    opset: i64,
    ir: i64,
    out: &mut dyn Write,
) -> Result<()> {
    let heads: Vec<Message> = constants.iter().map(|(name, value)| tensor_head(name, value)).collect();
    let body = graph.write();
    let whole = |head: &Message, value: &Value| head.0.len() + bytes(value).1.len();
    let tensors = heads.iter().zip(constants).map(|(head, (_, v))| {
        let length = whole(head, v);
        Message::default().head(5, length).0.len() + length
    });
    let length = body.0.len() + tensors.sum::<usize>();
    let version = Message::default().text(1, "").int(2, opset);
    let first = Message::default().int(1, ir).text(2, "addax").text(3, env!("CARGO_PKG_VERSION"));
    let first = first.message(8, &version).head(7, length);
    if first.0.len() + length > LARGEST {
        let error = Error::unsupported("models above 2 GB as ONNX");
        return Err(error.got(format_args!("{length} bytes")).hint("Write .keras or .safetensors."));
    }
    let mut put = |bytes: &[u8]| out.write_all(bytes).map_err(|e| Error::value(e.to_string()));
    put(&first.0)?;
    put(&body.0)?;
    for (head, (_, value)) in heads.iter().zip(constants) {
        put(&Message::default().head(5, whole(head, value)).0)?;
        put(&head.0)?;
        put(bytes(value).1)?;
    }
    Ok(())
}

/// All of a tensor but its bytes.
fn tensor_head(name: &str, value: &Value) -> Message {
    let message = Message::default().each(value.shape(), |m, n| m.int(1, *n as i64));
    let message = message.int(2, code(value.dtype())).text(8, name);
    message.head(9, bytes(value).1.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lengths_and_texts_are_as_the_wire_format_has_them() {
        let message = Message::default().int(1, 300).text(2, "hi").int(3, -1);
        let minus_one = [24, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(message.0, [&[8, 172, 2, 18, 2, b'h', b'i'][..], &minus_one].concat());
    }

    #[test]
    fn constants_follow_the_nodes_and_lengths_add_up() {
        let mut out = Vec::new();
        let constants = [("w".to_string(), Value::from(vec![1f32, 2.0]))];
        write(&Graph { name: "g".into(), ..Graph::default() }, &constants, 21, 10, &mut out).unwrap();
        // Graph: name "g", then the tensor: dims 2, type 1, name "w", 8 bytes.
        let tensor = [8, 2, 16, 1, 66, 1, b'w', 74, 8, 0, 0, 128, 63, 0, 0, 0, 64];
        let graph = [&[18, 1, b'g', 42, tensor.len() as u8][..], &tensor].concat();
        assert!(out.ends_with(&[&[58, graph.len() as u8][..], &graph].concat()), "{out:?}");
    }
}
