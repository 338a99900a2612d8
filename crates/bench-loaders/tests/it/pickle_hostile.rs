//! Pickles written to do harm.

use bench_loaders::readers::pickle::{self, Limits, Problem};

const SMALL: Limits = Limits { memory: 1 << 20, longest_bytes: usize::MAX };

fn error(pickle: &[u8]) -> pickle::PickleError {
    pickle::load(pickle, &SMALL).map(|document| document.root().describe()).expect_err("should be refused")
}

#[track_caller]
fn refused(pickle: &[u8], name: &str) {
    match error(pickle).problem {
        Problem::Refused { name: refused } => assert_eq!(refused, name),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn memory(pickle: &[u8]) {
    let error = error(pickle);
    assert!(matches!(error.problem, Problem::Memory { limit } if limit == SMALL.memory), "{error}");
}

#[test]
fn every_way_to_call_something_is_refused_by_name() {
    refused(b"\x80\x02cos\nsystem\nX\x04\0\0\0echo\x85R.", "os.system");
    refused(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04echo\x85R.", "posix.system");
    refused(b"\x80\x02csubprocess\nPopen\n)\x81.", "subprocess.Popen");
    refused(b"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)}\x92.", "subprocess.Popen");
    refused(b"\x80\x02c__builtin__\neval\nX\x01\0\0\x001\x85R.", "__builtin__.eval");
    refused(b"\x80\x02cbuiltins\ngetattr\nX\x01\0\0\x001\x85R.", "builtins.getattr");
    // In a place that nobody looks at.
    refused(b"\x80\x02cos\nsystem\nX\x04\0\0\0echo\x85R0N.", "os.system");
    // A name that only begins like one that is kept.
    refused(b"\x80\x02cnumpyish\nf\n)R.", "numpyish.f");
    refused(b"\x80\x02ccollections_evil\nf\n)R.", "collections_evil.f");
}

#[test]
fn calls_that_are_kept_are_not_data() {
    let kept = pickle::load(b"\x80\x02cnumpy.f2py\nrun\nX\x04\0\0\0echo\x85R.", &SMALL).unwrap();
    assert_eq!(kept.root().number().unwrap_err().to_string(), "refused to call numpy.f2py.run");
    // partial(os.system)('echo'): neither call is carried out, and the second is named by the innermost.
    let partial = pickle::load(b"\x80\x02cfunctools\npartial\ncos\nsystem\n\x85RX\x04\0\0\0echo\x85R.", &SMALL).unwrap();
    assert_eq!(partial.root().text().unwrap_err().to_string(), "refused to call functools.partial");
    // A bare name is a name.
    let name = pickle::load(b"\x80\x02cos\nsystem\n.", &SMALL).unwrap();
    assert_eq!(name.root().global(), Some(("os", "system")));
}

#[test]
fn what_is_no_class_cannot_be_called() {
    for pickle in [&b"\x80\x02K\x01)R."[..], b"\x80\x02])R.", b"\x80\x02K\x01)\x81.", b"\x80\x02cos\nsystem\nK\x01R.", b"\x80\x02K\x01}b."]
    {
        assert!(matches!(error(pickle).problem, Problem::Wrong { .. }));
    }
}

#[test]
fn depth_overflows_nothing() {
    let mut lists = b"\x80\x02".to_vec();
    lists.extend(std::iter::repeat_n(b']', 1_000_000));
    lists.extend(std::iter::repeat_n(b'a', 999_999));
    lists.push(b'.');
    memory(&lists);
    let document = pickle::load(&lists, &Limits::default()).unwrap();
    assert_eq!(document.root().describe(), "a list of 1");
    drop(document);
    let mut tuples = b"\x80\x02)".to_vec();
    tuples.extend(std::iter::repeat_n(b'\x85', 1_000_000));
    tuples.push(b'.');
    assert_eq!(pickle::load(&tuples, &Limits::default()).unwrap().root().describe(), "a tuple of 1");
    // A call of a call of a call ...
    let mut calls = b"\x80\x02cfunctools\npartial\n".to_vec();
    calls.extend(std::iter::repeat_n(*b")R", 100_000).flatten());
    calls.push(b'.');
    let document = pickle::load(&calls, &Limits::default()).unwrap();
    assert_eq!(document.root().text().unwrap_err().to_string(), "refused to call functools.partial");
}

#[test]
fn doubling_through_the_memo_costs_nothing() {
    // x = []; a hundred times: x = [x, x].
    let mut pickle = b"\x80\x04]\x94".to_vec();
    for i in 0..100 {
        pickle.extend([b']', 0x94, b'(', b'h', i, b'h', i, b'e']);
        pickle.extend(b"0h");
        pickle.push(i + 1);
        if i < 99 {
            pickle.push(b'0');
        }
    }
    // Only the last list is left, above the first.
    pickle.extend(b"\x86.");
    let document = pickle::load(&pickle, &SMALL).unwrap();
    assert_eq!(document.root().describe(), "a tuple of 2");
}

#[test]
fn cycles_are_harmless() {
    let document = pickle::load(b"\x80\x02]q\0h\0a.", &SMALL).unwrap();
    assert_eq!(document.root().sequence().unwrap().next().unwrap().describe(), "a list of 1");
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    let lies: [&[u8]; 7] = [
        b"\x80\x02X\xff\xff\xff\xffa",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffa",
        b"\x80\x04B\xff\xff\xff\x7fa",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fa",
        b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\xffa",
        b"\x80\x02\x8b\xff\xff\xff\xffa",
        b"\x80\x02T\xff\xff\xff\xffa",
    ];
    for lie in lies {
        error(lie);
        assert!(pickle::load_from(lie, &SMALL).is_err());
    }
}

#[test]
fn bombs_reach_the_limit_of_memory() {
    let many = |opcodes: &[u8]| {
        let mut pickle = b"\x80\x04".to_vec();
        pickle.extend(opcodes.iter().copied().cycle().take(2_000_000 / opcodes.len() * opcodes.len()));
        pickle
    };
    memory(&many(b"N"));
    memory(&many(b"("));
    memory(&many(b"]"));
    memory(&many(b"}"));
    memory(&many(b"K\x012"));
    memory(&many(b"G\x3f\xf0\0\0\0\0\0\0\x94"));
    // Far apart in the memo.
    let far: Vec<u8> = (0..2_000_u32).flat_map(|i| [&b"Nr"[..], &(i * 1_048_573).to_le_bytes()].concat()).collect();
    memory(&[b"\x80\x02", far.as_slice()].concat());
    memory(b"\x80\x02Nr\xff\xff\xff\xff");
    // Many different texts.
    let texts: Vec<u8> = (0..200_000).flat_map(|i| format!("X\u{6}\0\0\0{i:06}0").into_bytes()).collect();
    memory(&[b"\x80\x02", texts.as_slice()].concat());
    // A list that grows out of copies of the memo.
    memory(&[b"\x80\x02]", many(b"Na").as_slice().split_at(2).1].concat());
    // Copies through calls of `list`.
    let mut copies = b"\x80\x02](".to_vec();
    copies.extend(std::iter::repeat_n(b'N', 10_000));
    copies.extend(b"eq\x000");
    copies.extend(std::iter::repeat_n(&b"cbuiltins\nlist\nh\0\x85R"[..], 1_000).flatten());
    memory(&copies);
}

#[test]
fn what_is_not_supported_is_named() {
    for (pickle, name) in [
        (&b"\x80\x02\x82\x01."[..], "EXT1"),
        (b"\x80\x02\x83\x01\0.", "EXT2"),
        (b"\x80\x02\x84\x01\0\0\0.", "EXT4"),
        (b"\x80\x02P12\n.", "PERSID"),
        (b"\x80\x05\x97.", "NEXT_BUFFER"),
        (b"\x80\x02(ios\nsystem\n.", "INST"),
        (b"\x80\x02(cos\nsystem\no.", "OBJ"),
        (b"\x80\x02I1\n.", "INT"),
        (b"\x80\x02\xff.", "no opcode"),
    ] {
        let error = error(pickle);
        assert!(matches!(error.problem, Problem::Unsupported(_)) && error.opcode == name && error.to_string().contains(name), "{error}");
    }
    assert_eq!(error(b"\x80\x06N.").to_string(), "byte 0 (PROTO): expected protocol 2 to 5, got 6");
    assert_eq!(error(b"(lp0\n.").to_string(), "byte 0 (PROTO): expected a pickle of protocol 2 to 5, which starts with PROTO, got MARK");
}

#[test]
fn a_persistent_id_is_a_name_without_data() {
    let document = pickle::load(b"\x80\x02X\x07\0\0\0storageQ.", &SMALL).unwrap();
    assert_eq!(document.root().bytes().unwrap_err().to_string(), "refused to call persistent id");
}

#[test]
fn a_stack_that_runs_empty_is_an_error() {
    for opcodes in [
        &b"0"[..],
        b"R",
        b"b",
        b"\x81",
        b"\x92",
        b"\x93",
        b"\x85",
        b"\x86",
        b"\x87",
        b"t",
        b"l",
        b"d",
        b"e",
        b"u",
        b"a",
        b"s",
        b"q\0",
        b"\x94",
        b"h\0",
        b"2",
        b"1",
        b"\x90",
        b"\x91",
        b"Q",
        b".",
        b"NN.",
        b"(N.",
        b"N(a.",
        b"](K\x01a",
        b"N(\x86",
    ] {
        error(&[b"\x80\x04", opcodes].concat());
    }
    // POP of a mark is allowed, as in Python.
    assert!(pickle::load(b"\x80\x02N(0.", &SMALL).unwrap().root().is_none());
}

#[test]
fn long_bytes_can_be_passed_over() {
    let limits = Limits { memory: 1 << 20, longest_bytes: 8 };
    let document = pickle::load(b"\x80\x04C\x09123456789.", &limits).unwrap();
    assert_eq!(document.root().bytes().unwrap_err().to_string(), "expected bytes, got 9 bytes, which were passed over");
}
