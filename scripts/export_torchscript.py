#!/usr/bin/env python3
"""Writes a network of torchvision, or of your own, as TorchScript for `zico score-model`.

    scripts/export_torchscript.py resnet18 model.pt            # then: zico score-model model.pt --input 3x224x224 --classes 1000

The three lines for a network of your own:

    model = MyNetwork().train()
    example = torch.randn(2, 3, 224, 224)
    torch.jit.save(torch.jit.trace(model, example, check_trace=False), "model.pt")

Use `torch.jit.script(model)` in place of `torch.jit.trace` where the network branches on its input.
"""

import sys

import torch
import torchvision

if len(sys.argv) != 3:
    sys.exit(__doc__)
name, path = sys.argv[1:]
model = torchvision.models.get_model(name, weights=None).train()
example = torch.randn(2, 3, 224, 224)
torch.jit.save(torch.jit.trace(model, example, check_trace=False), path)
