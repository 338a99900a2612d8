#!/usr/bin/env python3
"""Writes a network of torchvision, or of your own, as TorchScript for `zico score-model`.

    scripts/export_torchscript.py resnet18 model.pt            # then: zico score-model model.pt --input 3x224x224 --classes 1000

The three lines for a network of your own:

    import torch
    model = MyNetwork()
    torch.jit.save(torch.jit.script(model), "model.pt")

Where a network cannot be scripted, `torch.jit.trace(model.train(), torch.randn(2, 3, 224, 224), check_trace=False)` in place of
`torch.jit.script(model)`: a traced network stays in the mode it was traced in, so the proxies that run it in eval mode don't apply
(and if it was traced in eval mode, most others; the program says so).
"""

import sys

import torch
import torchvision

if len(sys.argv) != 3:
    sys.exit(__doc__)
name, path = sys.argv[1:]
model = torchvision.models.get_model(name, weights=None)
torch.jit.save(torch.jit.script(model), path)
