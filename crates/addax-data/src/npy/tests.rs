use super::*;

fn file(descr: &str, fortran: bool, shape: &str, body: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [MAGIC, &[1, 0], &(text.len() as u16).to_le_bytes(), text.as_bytes(), body].concat()
}

fn numbers_of(descr: &str, shape: &str, body: &[u8]) -> Value {
    decode(&file(descr, false, shape, body)).unwrap().numbers().unwrap().clone()
}

#[test]
fn what_is_written_is_read_back() {
    let values: Vec<Value> = vec![
        Value::new([2, 2], vec![true, false, false, true]).unwrap(),
        vec![1u8, 255].into(),
        vec![-1i8, 127].into(),
        vec![1u32, u32::MAX].into(),
        vec![i32::MIN, 7].into(),
        Value::scalar(i64::MAX),
        vec![f16::from_f32(1.5)].into(),
        vec![f32::NAN.copysign(-1.0), 0.1].into(),
        Value::new([0, 3], Vec::<f64>::new()).unwrap(),
    ];
    for value in values {
        let bytes = encode(&value.clone().into()).unwrap();
        let back = decode(&bytes).unwrap();
        assert_eq!(format!("{back:?}"), format!("{:?}", Array::Numbers(value)));
        assert_eq!(encode(&back).unwrap(), bytes);
    }
    let text: Array = Strings::new([2, 1], ["слой", ""]).unwrap().into();
    assert_eq!(decode(&encode(&text).unwrap()).unwrap(), text);
}

#[test]
fn files_are_those_of_numpy() {
    // numpy.save of numpy.arange(6, dtype="float32").reshape(2, 3)
    let array = Value::new([2, 3], vec![0f32, 1., 2., 3., 4., 5.]).unwrap().into();
    let bytes = encode(&array).unwrap();
    let header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assert!(bytes.starts_with(header));
    assert_eq!((bytes.len(), bytes[127], &bytes[128..136]), (152, b'\n', &[0, 0, 0, 0, 0, 0, 128, 63][..]));
    assert!(bytes[header.len()..127].iter().all(|b| *b == b' '));
}

#[test]
fn both_orders_and_both_byte_orders_give_the_same_array() {
    let plain = numbers_of("<i4", "(2, 3)", &[0, 1, 2, 3, 4, 5].map(i32::to_le_bytes).concat());
    let fortran = file(">i4", true, "(2, 3)", &[0, 3, 1, 4, 2, 5].map(i32::to_be_bytes).concat());
    assert_eq!(decode(&fortran).unwrap(), Array::Numbers(plain));
    let text: Vec<u8> = "adbecf".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    let text = decode(&file(">U1", true, "(2, 3)", &text)).unwrap();
    assert_eq!(text.strings().unwrap().iter().collect::<String>(), "abcdef");
    let deep = decode(&file("|u1", true, "(2, 1, 2, 2)", &[0, 4, 2, 6, 1, 5, 3, 7])).unwrap();
    assert_eq!(deep.numbers().unwrap().as_slice::<u8>().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn integers_are_widened_where_there_is_no_such_type() {
    let i = |v: &[i32]| Value::from(v);
    assert_eq!(numbers_of("<i2", "(2,)", &[(-2i16).to_le_bytes(), [1, 0]].concat()), i(&[-2, 1]));
    assert_eq!(numbers_of(">u2", "(1,)", &65535u16.to_be_bytes()), i(&[65535]));
    assert_eq!(numbers_of("<u8", "()", &9u64.to_le_bytes()), Value::scalar(9i64));
    let e = decode(&file("<u8", false, "(1,)", &u64::MAX.to_le_bytes())).unwrap_err().to_string();
    assert_eq!(e, "npy uint64: expected at most 2^63 - 1, got 18446744073709551615");
}

#[test]
fn sizes_are_proven_before_they_are_believed() {
    for (shape, words) in [
        ("(4,)", "npy size: expected 4 elements of 4 bytes, got 12 bytes after the header"),
        ("(4611686018427387904,)", "npy size: expected 4611686018427387904 elements"),
        ("(4611686018427387904, 4611686018427387904)", "expected a size that fits memory"),
        ("(0, 4611686018427387904)", "expected shorter axes"),
    ] {
        let message = decode(&file("<f4", false, shape, &[0; 12])).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    assert!(decode(&file("<U0", false, "(4611686018427387904,)", &[])).is_err());
    let deep = format!("({})", "1,".repeat(65));
    assert!(decode(&file("|u1", false, &deep, &[0])).unwrap_err().to_string().contains("64 axes"));
}

#[test]
fn text_must_be_unicode() {
    let surrogate = [0xd800u32.to_le_bytes(), 65u32.to_le_bytes()].concat();
    let e = decode(&file("<U1", false, "(2,)", &surrogate)).unwrap_err().to_string();
    assert_eq!(e, "npy: expected text, got no letters at place 0");
    let bytes = decode(&file("|S3", false, "(2,)", b"ab\0abc")).unwrap();
    assert_eq!(bytes.strings().unwrap().iter().collect::<Vec<_>>(), ["ab", "abc"]);
    assert!(decode(&file("|S1", false, "(1,)", b"\xff")).is_err());
}

#[test]
fn brain_floats_become_floats() {
    let array: Array = Value::from(vec![bf16::from_f32(1.5)]).into();
    assert_eq!(decode(&encode(&array).unwrap()).unwrap(), Value::from(vec![1.5f32]).into());
}
