#!/usr/bin/env python3
"""Makes small networks as TorchScript, for the tests.

crates/proxies/tests/it/fixtures, of `zico score-model`: residual.pt; traced_train.pt and traced_eval.pt, the same traced in a mode, which it
keeps; plain.pt, without batch norms; normalised.pt, which ends in a batch norm (in train mode the sum of its output over a batch does not
depend on the images). crates/train/tests/it/fixtures, of `zico train-table --teacher`: teacher.pt (logits of ten classes, and a map a
quarter as wide as the image).

    scripts/torchscript_fixture.py residual|traced_train|traced_eval|plain|normalised|teacher OUT.pt            (torch 2.13.0)
"""

import io
import sys
import zipfile

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.first = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(c_out)
        self.second = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(c_out)
        self.shortcut = nn.Conv2d(c_in, c_out, 1, stride)

    def forward(self, x):
        y = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 1, 1)
        self.blocks = nn.Sequential(Block(4, 4, 1), Block(4, 6, 2))
        self.classifier = nn.Linear(6, 5)

    def forward(self, x):
        return self.classifier(self.blocks(self.stem(x)).mean((2, 3)))


class Plain(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, 2, 1, bias=False), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(6, 5))


class Normalised(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), nn.Dropout(0.1), nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5))


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.classifier = nn.Linear(3, 10)

    def forward(self, x):
        return self.classifier(x.mean((2, 3))), [nn.functional.avg_pool2d(x, 4)]


NETWORKS = {"residual": Residual, "traced_train": Residual, "traced_eval": Residual, "plain": Plain, "normalised": Normalised,
            "teacher": Teacher}
if len(sys.argv) != 3 or sys.argv[1] not in NETWORKS:
    sys.exit(__doc__)
torch.manual_seed(0)
name, path = sys.argv[1:]
network = NETWORKS[name]().train(name != "traced_eval")
if name.startswith("traced"):
    module = torch.jit.trace(network, torch.randn(2, 3, 12, 12), check_trace=False)
else:
    module = torch.jit.script(network)
saved = io.BytesIO()
torch.jit.save(module, saved)
# Without what it says of the source, which is where this script and PyTorch lie on this machine.
with zipfile.ZipFile(saved) as full, zipfile.ZipFile(path, "w") as lean:
    for entry in full.infolist():
        if not entry.filename.endswith(".debug_pkl"):
            lean.writestr(zipfile.ZipInfo(entry.filename), full.read(entry))
