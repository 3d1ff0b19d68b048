use super::*;
use std::io::Write as _;

fn written(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    entries.iter().for_each(|(name, bytes)| writer.add(name, &[bytes]).unwrap());
    writer.finish().unwrap()
}

/// An archive of one deflated entry, made by rewriting a stored one.
fn deflated(contents: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(contents).unwrap();
    let mut bytes = written(&[("x", &encoder.finish().unwrap())]);
    let (crc, size) = (crc32fast::hash(contents), contents.len() as u32);
    let central = find(&bytes, b"PK\x01\x02");
    for header in [4, central + 6] {
        bytes[header + 4] = 8;
        bytes[header + 10..header + 14].copy_from_slice(&crc.to_le_bytes());
        bytes[header + 18..header + 22].copy_from_slice(&size.to_le_bytes());
    }
    bytes
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|w| w == what).unwrap()
}

/// Sets a 32-bit number in the local header and in the directory, at its place after the needed version.
fn set(bytes: &mut [u8], field: usize, n: u32) {
    let central = find(bytes, b"PK\x01\x02");
    for header in [4, central + 6] {
        bytes[header + field..header + field + 4].copy_from_slice(&n.to_le_bytes());
    }
}

fn refusal(bytes: &[u8]) -> String {
    let all = |archive: Archive| {
        let names: Vec<String> = archive.names().map(str::to_string).collect();
        names.iter().try_for_each(|n| archive.read(n).map(|_| ()))
    };
    Archive::open(bytes).and_then(all).unwrap_err().to_string()
}

#[test]
fn stored_entries_are_views_of_the_archive() {
    let bytes = written(&[("a", b"one"), ("b/ц", b"two")]);
    let archive = Archive::open(&bytes).unwrap();
    assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "b/ц"]);
    assert!(matches!(archive.read("a").unwrap(), Cow::Borrowed(b"one")));
    assert_eq!(archive.read("b/ц").unwrap(), &b"two"[..]);
    assert!(archive.read("c").unwrap_err().to_string().contains("unknown entry \"c\""));
    assert_eq!(Archive::open(&written(&[])).unwrap().names().count(), 0);
}

#[test]
fn deflated_entries_inflate_to_the_declared_size_and_no_further() {
    let contents = [7; 100_000];
    let good = deflated(&contents);
    assert_eq!(Archive::open(&good).unwrap().read("x").unwrap(), &contents[..]);
    for size in [99_999, 100_001] {
        let mut bad = good.clone();
        set(&mut bad, 18, size);
        assert!(refusal(&bad).contains("when inflated"), "{}", refusal(&bad));
    }
    let mut impossible = good.clone();
    set(&mut impossible, 18, 4_000_000_000);
    assert!(refusal(&impossible).contains("corrupt size: expected at most"), "{}", refusal(&impossible));
}

#[test]
fn an_archive_does_not_inflate_out_of_proportion() {
    let mut bytes = written(&[("x", &[0; 400_000])]);
    let central = find(&bytes, b"PK\x01\x02");
    (bytes[8], bytes[central + 10]) = (8, 8);
    set(&mut bytes, 18, 300 << 20);
    assert!(
        refusal(&bytes).contains("inflated size: expected at most 268435456 bytes"),
        "{}",
        refusal(&bytes)
    );
}

#[test]
fn every_shortened_archive_is_refused() {
    let bytes = written(&[("a", b"one"), ("b", b"two")]);
    for n in 0..bytes.len() {
        let message = refusal(&bytes[..n]);
        assert!(message.starts_with("zip archive > "), "{message}");
    }
}

#[test]
fn every_byte_belongs_to_something() {
    let bytes = written(&[("a", b"one"), ("b", b"two")]);
    assert!(refusal(&[b"garbage", &bytes[..]].concat()).contains("bytes before it"));
    assert!(refusal(&[&bytes[..], b"garbage"].concat()).contains("expected an end record"));
    // A gap before the second entry, whose place in the directory is moved along.
    let (second, central) =
        (find(&bytes, b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0") + 34, find(&bytes, b"PK\x01\x02"));
    let mut gap = [&bytes[..second], b"gap", &bytes[second..]].concat();
    gap[central + 3 + 47 + 42] += 3;
    let end = gap.len() - 22;
    gap[end + 16] += 3;
    assert!(refusal(&gap).contains("expected nothing after its bytes, got 3 bytes"), "{}", refusal(&gap));
}

#[test]
fn two_entries_may_not_share_bytes_or_names() {
    let bytes = written(&[("a", b"one"), ("b", b"two")]);
    let central = find(&bytes, b"PK\x01\x02");
    let mut shared = bytes.clone();
    shared[central + 47 + 42] = 0;
    shared[central + 47 + 46] = b'c';
    assert!(refusal(&shared).contains("mismatch"), "{}", refusal(&shared));
    let inner = written(&[("b", b"two")]);
    let mut nested = written(&[("a", &inner[..34]), ("b", b"two")]);
    let central = find(&nested, b"PK\x01\x02");
    nested[central + 47 + 42] = 31;
    assert!(refusal(&nested).contains("overlapping entries"), "{}", refusal(&nested));
    let mut twice = bytes.clone();
    (twice[find(&bytes, b"PK\x01\x02") + 47 + 46], twice[34 + 30]) = (b'a', b'a');
    assert!(refusal(&twice).contains("duplicate name"), "{}", refusal(&twice));
    assert!(Writer::new(Vec::new()).add("../a", &[]).is_err());
}

#[test]
fn what_a_file_must_not_hold_is_refused_by_name() {
    let bytes = written(&[("a", b"one")]);
    let central = find(&bytes, b"PK\x01\x02");
    let refused = |changes: &[(usize, u8)]| {
        let mut bytes = bytes.clone();
        changes.iter().for_each(|(at, b)| bytes[*at] = *b);
        refusal(&bytes)
    };
    for (changes, words) in [
        (&[(6, 1), (central + 8, 1)][..], "encrypted entry"),
        (&[(8, 12), (central + 10, 12)], "compression of a zip archive's entry"),
        (&[(central + 41, 0xa1)], "symbolic link"),
        (&[(central + 41, 0x11)], "special file"),
        (&[(30, b'/'), (central + 46, b'/')], "unsafe name of an entry"),
        (&[(30, b'c')], "local header as the directory has it"),
        (&[(31, b'X')], "expected CRC"),
        (&[(22, 9), (central + 24, 9)], "corrupt size"),
        (&[(central, 0)], "expected an entry of the directory"),
        (&[(0, 0)], "expected a local header at byte 0"),
    ] {
        assert!(refused(changes).contains(words), "{words}: {}", refused(changes));
    }
}

#[test]
fn large_archives_have_64_bit_numbers() {
    for full in [0, 2, 40] {
        let mut writer = Writer::with_full(Vec::new(), full);
        writer.add("a", &[b"on", b"e"]).unwrap();
        writer.add("b", &[b"two"]).unwrap();
        let bytes = writer.finish().unwrap();
        assert!(bytes.windows(4).any(|w| w == b"PK\x06\x06"));
        let archive = Archive::open(&bytes).unwrap();
        assert_eq!(archive.read("a").unwrap(), &b"one"[..]);
        assert_eq!(archive.read("b").unwrap(), &b"two"[..]);
    }
}

#[test]
fn sizes_after_the_contents_must_agree_too() {
    let bytes = written(&[("a", b"one")]);
    let central = find(&bytes, b"PK\x01\x02");
    let with_descriptor = |descriptor: &[u8]| {
        let mut out = [&bytes[..central], descriptor, &bytes[central..]].concat();
        (out[6], out[central + descriptor.len() + 8]) = (8, 8);
        out[14..26].fill(0);
        let end = out.len() - 22;
        out[end + 16] += descriptor.len() as u8;
        out
    };
    let crc = crc32fast::hash(b"one").to_le_bytes();
    let (short, long) = ([3, 0, 0, 0].repeat(2), [3, 0, 0, 0, 0, 0, 0, 0].repeat(2));
    for sizes in [short, long] {
        let plain = [&crc[..], &sizes].concat();
        let signed = [&b"PK\x07\x08"[..], &plain].concat();
        for descriptor in [plain, signed] {
            let good = with_descriptor(&descriptor);
            assert_eq!(Archive::open(&good).unwrap().read("a").unwrap(), &b"one"[..]);
            let mut bad = descriptor.clone();
            *bad.last_mut().unwrap() = 1;
            assert!(refusal(&with_descriptor(&bad)).contains("others after its bytes"));
        }
    }
    assert!(refusal(&with_descriptor(b"")).contains("whole data descriptor"));
}
