#!/usr/bin/env python3
"""Asks the official APIs about small files in their own formats and writes the answers down.

    python -m pip install nats-bench==1.8 nas-bench-201==2.1 torch==2.13.0 numpy==2.4.6
    python scripts/api_goldens.py ../shared crates/bench-loaders/tests/api_goldens.json

The answers are compared with ours in crates/bench-loaders/tests/it/api_goldens.rs. NATS-Bench and NAS-Bench-201 answer
through their packages. NAS-Bench-101 (google-research/nasbench@b94247037ee4 nasbench/api.py) needs TensorFlow 1, and
TransNAS-Bench-101 (yawen-d/TransNASBench@6d4231b1eb04 api/) has no package: their few lines of meaning are written out here,
on a reader of the formats that shares nothing with the one in Rust.
"""

import base64
import contextlib
import gzip
import io
import json
import pathlib
import struct
import sys
import tempfile

import nas_201_api
import nats_bench
import torch

DATASETS = ["cifar10-valid", "cifar10", "cifar100", "ImageNet16-120"]


def attempt(ask):
    """The answer, or the name of the exception."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return ask()
    except Exception as error:  # whichever it is, it is the answer
        return {"error": type(error).__name__}


def numbers(info):
    """Without the time per epoch, which is the time divided by the epochs."""
    return {key: None if value is None else float(value) for key, value in info.items() if key not in ("comment", "error") and "per-time" not in key} | (
        {"error": info["error"]} if "error" in info else {}
    )


def ask_nats(api, source, indices, schedules, seeds, with_cost):
    cases = []
    for index in indices:
        for hp, epochs in schedules:
            for dataset in DATASETS:
                # At the end and after the sixth epoch; beyond the end; a seed that nothing was trained with.
                questions = [(iepoch, trial) for iepoch in [None, 5] for trial in [False, *seeds]]
                for iepoch, trial in [*questions, (epochs, False), (None, 4)]:
                    info = attempt(lambda: api.get_more_info(index, dataset, iepoch=iepoch, hp=hp, is_random=trial))
                    cases.append(
                        {
                            "source": source, "index": index, "dataset": dataset.lower(), "epochs": epochs,
                            "epoch": None if iepoch is None else iepoch + 1, "trial": trial or None, "answer": numbers(info),
                        }
                    )
                if with_cost:
                    info = attempt(lambda: api.get_cost_info(index, dataset, hp=hp))
                    cases.append({"source": source, "index": index, "dataset": dataset.lower(), "epochs": epochs, "cost": numbers(info)})
    return cases


def nats(root, golden):
    tss, sss = "NATS-tss-v1_0-3ffb9-simple", "NATS-sss-v1_0-50262-simple"
    cases = []
    for folder, space, schedules, seeds in [
        (tss, "tss", [("12", 12), ("200", 200)], [111, 777, 888]),
        (sss, "sss", [("01", 1), ("12", 12), ("90", 90)], [777, 888]),
    ]:
        for base in [golden / "format-fixtures", root / "data/mirror/nats-samples"]:
            path = base / folder
            indices = sorted(int(file.name[:6]) for file in path.glob("[0-9]*.pickle.pbz2"))
            api = attempt(lambda: nats_bench.create(str(path), space, fast_mode=True, verbose=False))
            cases += ask_nats(api, str(path.relative_to(root)), indices, schedules, seeds, True)
    return cases


def nb201(root, golden):
    """The official reader loads with torch.load, which by now has to be told that the file may hold any pickle."""
    load, cases = torch.load, []
    torch.load = lambda file, *rest, **named: load(file, *rest, **{"weights_only": False, **named})
    for name in ["NAS-Bench-201-v1_0-e61699.pth", "NAS-Bench-201-v1_1-096897.pth"]:
        packed = golden / "format-fixtures/nb201" / (name + ".gz")
        with tempfile.TemporaryDirectory() as folder:
            plain = pathlib.Path(folder) / name
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
            api = attempt(lambda: nas_201_api.NASBench201API(str(plain), verbose=False))
        indices = sorted(api.arch2infos_dict)
        # This API does not have the legacy fix: its costs are another thing.
        cases += ask_nats(api, str(packed.relative_to(root)), indices, [("12", 12), ("200", 200)], [111, 777, 888], False)
    return cases


def protobuf(data):
    """Fields of a message: number and raw value."""
    position, fields = 0, []

    def varint():
        nonlocal position
        value, shift = 0, 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        elif tag & 7 == 1:
            value = struct.unpack_from("<d", data, position)[0]
            position += 8
        else:
            length = varint()
            value = data[position : position + length]
            position += length
        fields.append((tag >> 3, value))
    return fields


def nb101(root, golden):
    """get_metrics_from_spec: `computed[epochs]` is a list of runs in the order of the file; the API draws one of them."""
    cases = []
    for name in ["nasbench_only108.tfrecord", "nasbench_full.tfrecord"]:
        path = golden / "format-fixtures/nb101" / name
        data, position, seen = path.read_bytes(), 0, {}
        while position < len(data):
            length = struct.unpack_from("<Q", data, position)[0]
            module, epochs, _, _, metrics = json.loads(data[position + 12 : position + 12 + length])
            position += 12 + length + 4
            trial = seen.setdefault((module, epochs), -1) + 1
            seen[module, epochs] = trial
            fields = protobuf(base64.b64decode(metrics))
            evaluations = [dict(protobuf(value)) for number, value in fields if number == 1]
            parameters = next(value for number, value in fields if number == 2)
            answer = {"trainable_parameters": parameters}
            for when, evaluation in [("halfway", evaluations[1]), ("final", evaluations[2])]:
                for number, key in [(2, "training_time"), (3, "train_accuracy"), (4, "validation_accuracy"), (5, "test_accuracy")]:
                    answer[f"{when}_{key}"] = evaluation[number]
            cases.append({"source": str(path.relative_to(root)), "arch": module, "epochs": epochs, "trial": trial, "answer": answer})
    return cases


def tnb101(root, golden):
    """get_single_metric(arch, task, metric, mode): `final` is the last of the list, `best` its maximum."""
    packed = golden / "format-fixtures/tnb101/transnas-bench_v10141024.pth.gz"
    database = torch.load(io.BytesIO(gzip.decompress(packed.read_bytes())), weights_only=False)
    cases = []
    for space, architectures in database["data"].items():
        for arch, tasks in architectures.items():
            for task, result in tasks.items():
                final = {}
                best = {}
                for metric, values in result["metrics"].items():
                    if metric != "time_elapsed":
                        final[metric], best[metric] = float(values[-1]), float(max(values))
                cases.append(
                    {
                        "source": str(packed.relative_to(root)), "space": space, "arch": arch, "dataset": task,
                        "epochs": result["total_epochs"], "final": final, "best": best,
                    }
                )
    return cases


def main():
    root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    golden = root / "golden"
    answers = {"nats": nats(root, golden), "nb201": nb201(root, golden), "nb101": nb101(root, golden), "tnb101": tnb101(root, golden)}
    lines = []
    for api, cases in answers.items():
        body = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        lines.append(f"{json.dumps(api)}:[\n{body}\n]")
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print({api: len(cases) for api, cases in answers.items()})


main()
