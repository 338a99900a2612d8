//! Writes pickles in the form of the official files of NATS-Bench (protocol 4) and NAS-Bench-201 (protocol 2).

use std::collections::HashMap;

/// A pickle in the making.
#[derive(Clone, Default)]
pub struct Pickle {
    pub bytes: Vec<u8>,
    protocol: u8,
    memo: u32,
    /// Texts that are written once, as one object of Python, and where they are in the memo.
    shared: HashMap<String, u32>,
}

impl Pickle {
    pub fn new(protocol: u8) -> Self {
        Self { bytes: vec![0x80, protocol], protocol, ..Self::default() }
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn remember(&mut self) {
        match self.protocol {
            4 => self.bytes.push(0x94),
            _ if self.memo < 256 => self.raw(&[b'q', self.memo as u8]),
            _ => {
                self.bytes.push(b'r');
                self.raw(&self.memo.to_le_bytes());
            }
        }
        self.memo += 1;
    }

    fn recall(&mut self, at: u32) {
        if at < 256 {
            self.raw(&[b'h', at as u8]);
        } else {
            self.bytes.push(b'j');
            self.raw(&at.to_le_bytes());
        }
    }

    /// A text that is an object of its own, as keys of evaluations are in the real files.
    pub fn text(&mut self, text: &str) {
        if self.protocol == 4 {
            self.raw(&[0x8c, text.len() as u8]);
        } else {
            self.bytes.push(b'X');
            self.raw(&(text.len() as u32).to_le_bytes());
        }
        self.raw(text.as_bytes());
        self.remember();
    }

    /// A text that is one object wherever it stands.
    pub fn name(&mut self, text: &str) {
        if let Some(&at) = self.shared.get(text) {
            return self.recall(at);
        }
        self.shared.insert(text.into(), self.memo);
        self.text(text);
    }

    pub fn int(&mut self, value: u32) {
        match value {
            0..256 => self.raw(&[b'K', value as u8]),
            256..65_536 => {
                self.bytes.push(b'M');
                self.raw(&(value as u16).to_le_bytes());
            }
            _ => {
                self.bytes.push(b'J');
                self.raw(&value.to_le_bytes());
            }
        }
    }

    pub fn float(&mut self, value: f64) {
        self.bytes.push(b'G');
        self.raw(&value.to_be_bytes());
    }

    pub fn none(&mut self) {
        self.bytes.push(b'N');
    }

    pub fn dictionary(&mut self) {
        self.bytes.push(b'}');
        self.remember();
        self.bytes.push(b'(');
    }

    pub fn end_dictionary(&mut self) {
        self.bytes.push(b'u');
    }

    pub fn list(&mut self) {
        self.bytes.push(b']');
        self.remember();
        self.bytes.push(b'(');
    }

    pub fn end_list(&mut self) {
        self.bytes.push(b'e');
    }

    /// `OrderedDict()` with a mark for its items.
    pub fn ordered_dictionary(&mut self) {
        self.global("collections", "OrderedDict");
        self.raw(b")R");
        self.remember();
        self.bytes.push(b'(');
    }

    fn global(&mut self, module: &str, name: &str) {
        let full = format!("{module}.{name}");
        if let Some(&at) = self.shared.get(&full) {
            return self.recall(at);
        }
        if self.protocol == 4 {
            self.text(module);
            self.text(name);
            self.bytes.push(0x93);
        } else {
            self.raw(format!("c{module}\n{name}\n").as_bytes());
        }
        self.shared.insert(full, self.memo);
        self.remember();
    }

    /// `numpy.float64(value)`.
    pub fn scalar(&mut self, value: f64) {
        self.global("numpy.core.multiarray", "scalar");
        if let Some(&at) = self.shared.get("float64") {
            self.recall(at);
        } else {
            self.global("numpy", "dtype");
            self.text("f8");
            self.raw(b"K\0K\x01\x87");
            self.remember();
            self.bytes.push(b'R');
            self.shared.insert("float64".into(), self.memo);
            self.remember();
            self.raw(b"(K\x03");
            self.text("<");
            self.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t");
            self.remember();
            self.bytes.push(b'b');
        }
        if self.protocol == 4 {
            self.raw(b"C\x08");
            self.raw(&value.to_le_bytes());
            self.remember();
        } else {
            self.global("_codecs", "encode");
            let latin1: String = value.to_le_bytes().iter().map(|byte| char::from(*byte)).collect();
            self.text(&latin1);
            self.name("latin1");
            self.bytes.push(0x86);
            self.remember();
            self.bytes.push(b'R');
            self.remember();
        }
        self.bytes.push(0x86);
        self.remember();
        self.bytes.push(b'R');
        self.remember();
    }

    pub fn end(mut self) -> Vec<u8> {
        self.bytes.push(b'.');
        self.bytes
    }
}

/// A training run.
pub struct Run {
    pub dataset: &'static str,
    pub seed: u32,
    pub epochs: u32,
    /// Every set evaluated after every epoch, and top-5 accuracies.
    pub new_layout: bool,
}

/// Numbers that look like curves, and no two alike.
fn made_up(seed: u32, epoch: u32, what: u32) -> f64 {
    40.0 + f64::from((seed * 31 + epoch * 7 + what * 13) % 997) / 20.0 + f64::from(epoch) / 1e6
}

/// The trainings of an architecture under one schedule.
pub fn schedule(out: &mut Pickle, index: u32, arch: &str, runs: &[Run]) {
    out.dictionary();
    out.name("arch_index");
    out.int(index);
    out.name("arch_str");
    out.text(arch);
    out.name("all_results");
    out.dictionary();
    for run in runs {
        out.name(run.dataset);
        out.int(run.seed);
        out.bytes.push(0x86);
        out.remember();
        training(out, arch, run);
    }
    out.end_dictionary();
    out.name("dataset_seed");
    out.dictionary();
    out.end_dictionary();
    out.name("clear_net_done");
    out.raw(b"\x88");
    out.end_dictionary();
}

fn training(out: &mut Pickle, arch: &str, run: &Run) {
    let n = run.epochs;
    let series = |out: &mut Pickle, name: &str, what: u32| {
        out.name(name);
        out.dictionary();
        for epoch in 0..n {
            out.int(epoch);
            out.float(made_up(run.seed, epoch, what));
        }
        out.end_dictionary();
    };
    out.dictionary();
    out.name("name");
    out.name(run.dataset);
    series(out, "train_acc1es", 1);
    if run.new_layout {
        series(out, "train_acc5es", 2);
    } else {
        out.name("train_acc5es");
        out.none();
    }
    series(out, "train_losses", 3);
    out.name("train_times");
    out.ordered_dictionary();
    for epoch in 0..n {
        out.int(epoch);
        out.float(25.5);
    }
    out.end_dictionary();
    out.name("arch_config");
    out.dictionary();
    out.name("arch_str");
    out.text(arch);
    out.end_dictionary();
    out.name("params");
    out.scalar(0.129_306);
    out.name("flop");
    out.float(15.647_37);
    out.name("seed");
    out.text(&format!("{:04}", run.seed));
    out.name("epochs");
    out.int(n);
    out.name("latency");
    out.list();
    out.scalar(0.0139);
    out.end_list();
    let sets: &[&str] = match run.dataset {
        "cifar10-valid" => &["x-valid", "ori-test"],
        "cifar10" => &["ori-test"],
        _ => &["ori-test", "x-valid", "x-test"],
    };
    out.name("eval_names");
    out.list();
    for set in sets {
        out.name(set);
    }
    out.end_list();
    for (name, what) in [("eval_acc1es", 4), ("eval_times", 5), ("eval_losses", 6)] {
        out.name(name);
        out.dictionary();
        for (at, set) in sets.iter().enumerate() {
            for epoch in 0..n {
                if run.new_layout || at == 0 || what == 5 || epoch + 1 == n {
                    out.text(&format!("{set}@{epoch}"));
                    out.float(made_up(run.seed, epoch, what));
                }
            }
        }
        out.end_dictionary();
    }
    out.name("net_state_dict");
    out.none();
    out.end_dictionary();
}

pub const DATASETS: [&str; 4] = ["cifar10-valid", "cifar10", "cifar100", "ImageNet16-120"];

/// Every data set with these seeds.
pub fn runs(seeds: &[u32], epochs: u32, new_layout: bool) -> Vec<Run> {
    seeds.iter().flat_map(|&seed| DATASETS.map(|dataset| Run { dataset, seed, epochs, new_layout })).collect()
}

/// The parts of a file of all architectures before these: an open dictionary of an open dictionary.
pub fn start_of_whole(out: &mut Pickle, archs: &[String]) {
    out.dictionary();
    out.name("meta_archs");
    out.list();
    for arch in archs {
        out.text(arch);
    }
    out.end_list();
    out.name("total_archs");
    out.int(archs.len() as u32);
    out.name("arch2infos");
    out.dictionary();
}

/// The parts after them.
pub fn end_of_whole(out: &mut Pickle, read: u32) {
    out.end_dictionary();
    out.name("evaluated_indexes");
    out.list();
    for index in 0..read {
        out.int(index);
    }
    out.end_list();
    out.end_dictionary();
}

/// What stands before and after the object in a file of `torch.save` before version 1.6.
pub const TORCH_HEAD: &[u8] =
    b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00X\x0d\0\0\0little_endianq\x01\x88s.";
pub const TORCH_TAIL: &[u8] = b"\x80\x02]q\x00.";
