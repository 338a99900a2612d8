use std::fs::File;
use std::io::Read;

use bench_loaders::readers::pickle::{self, Limits, Problem, Value};

use crate::support::shared;

fn read(path: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn load(bytes: &[u8]) -> pickle::Document {
    pickle::load(bytes, &Limits::default()).unwrap()
}

/// The state of an object that `pandas` pickled: what came after its construction.
fn state(value: Value<'_>) -> Value<'_> {
    value.call().unwrap().later().next().unwrap()
}

#[test]
fn a_data_frame_can_be_taken_apart() {
    let Some(path) = shared("data/mirror/nb101/accuracies.pkl.gz") else { return };
    let document = load(&read(&path));
    let frame = document.root().call().unwrap();
    assert_eq!(frame.callable.global(), Some(("pandas.core.frame", "DataFrame")));
    let manager = state(document.root()).require("_mgr").unwrap().call().unwrap();
    assert_eq!(manager.callable.global(), Some(("pandas.core.internals.managers", "BlockManager")));
    let mut arguments = manager.args.sequence().unwrap();
    let (blocks, axes) = (arguments.next().unwrap(), arguments.next().unwrap());
    let block = blocks.sequence().unwrap().nth(1).unwrap().call().unwrap();
    let values = block.args.sequence().unwrap().next().unwrap().array().unwrap();
    assert_eq!(values.shape(), [1, 423_624]);
    let accuracies = values.numbers().unwrap();
    assert_eq!(accuracies[0], f64::from_bits(0x3fed_759b_6000_0000));
    let names = axes.sequence().unwrap().next().unwrap().call().unwrap().args.sequence().unwrap().nth(1).unwrap();
    let names: Vec<_> = names.require("data").unwrap().array().unwrap().objects().unwrap().map(|name| name.text().unwrap()).collect();
    assert_eq!(names, ["index", "accuracy"]);
    // Asked for data, a call that was not carried out is refused by name.
    let error = document.root().items().err().unwrap().to_string();
    assert_eq!(error, "refused to call pandas.core.frame.DataFrame");
    assert!(matches!(block.callable.number(), Err(Problem::Refused { name }) if name == "functools.partial"));
}

#[test]
fn the_official_dictionary_of_transnas_is_read_from_the_legacy_container() {
    let Some(path) = shared("golden/format-fixtures/tnb101/transnas-bench_legacy.pth.gz") else { return };
    let bytes = read(&path);
    let mut at = 0;
    let magic = load(&bytes);
    assert_eq!(magic.root().long().unwrap(), [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);
    let mut documents = Vec::new();
    while at < bytes.len() {
        documents.push(load(&bytes[at..]));
        at += documents.last().unwrap().end() as usize;
    }
    assert_eq!(documents.len(), 5);
    let root = documents[3].root();
    let tasks: Vec<_> = root.require("task_list").unwrap().sequence().unwrap().map(|task| task.text().unwrap()).collect();
    assert_eq!(tasks.len(), 7);
    let (arch, tasks_of_it) = root.require("data").unwrap().require("micro").unwrap().items().unwrap().next().unwrap();
    assert!(arch.text().unwrap().starts_with("64-41414-"));
    let one = tasks_of_it.require("class_scene").unwrap();
    let epochs = one.require("total_epochs").unwrap().integer().unwrap() as usize;
    assert_eq!(one.require("metrics").unwrap().require("valid_top1").unwrap().sequence().unwrap().len(), epochs);
}

#[test]
fn a_stream_and_a_slice_give_the_same() {
    let Some(path) = shared("golden/format-fixtures/NATS-tss-v1_0-3ffb9-simple/000000.pickle.pbz2") else { return };
    let bytes = std::fs::read(path).unwrap();
    let mut plain = Vec::new();
    bzip2::read::MultiBzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
    let (slice, stream) = (load(&plain), pickle::load_from(plain.as_slice(), &Limits::default()).unwrap());
    assert_eq!(slice.end(), stream.end());
    let accuracy = |document: &pickle::Document| {
        let results = document.root().require("200").unwrap().require("all_results").unwrap();
        let (key, run) = results.items().unwrap().next().unwrap();
        let key: Vec<_> = key.sequence().unwrap().map(Value::describe).collect();
        (key, run.require("train_acc1es").unwrap().items().unwrap().last().unwrap().1.number().unwrap())
    };
    assert_eq!(accuracy(&slice), accuracy(&stream));
}

#[test]
fn scalars_and_arrays_of_numpy_are_data() {
    // dtype('<f4')(1.5) and array([1, 2], '>i2'), written by hand in protocol 4.
    let scalar = b"\x80\x04\x8c\x15numpy.core.multiarray\x8c\x06scalar\x93\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02f4\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbC\x04\0\0\xc0\x3f\x86R.";
    assert_eq!(load(scalar).root().number().unwrap(), 1.5);
    let array = b"\x80\x04\x8c\x15numpy.core.multiarray\x8c\x0c_reconstruct\x93\x8c\x05numpy\x8c\x07ndarray\x93K\0\x85C\x01b\x87R(K\x01K\x02\x85\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02i2\x89\x88\x87R(K\x03\x8c\x01>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x04\0\x01\xff\xfetb.";
    let document = load(array);
    let array = document.root().array().unwrap();
    assert_eq!((array.shape(), array.integers().unwrap(), array.numbers().unwrap()), (&[2][..], vec![1, -2], vec![1.0, -2.0]));
    assert!(array.u8s().is_err() && array.objects().is_err());
}
