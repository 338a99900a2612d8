#!/usr/bin/env python3
"""A plain PyTorch loop that trains reduced NAS-Bench-201 networks on the built-in digits: the yardstick of scripts/bench_train.

    python3 train_pytorch.py --architectures "|none~0|+..." --channels 4 --epochs 6 [--threads T]

Needs torch and numpy. What `zico train-table --recipe short --epochs 6` does, written as one would: modules, torch.optim.SGD (Nesterov
momentum, weight decay), warm-up and cosine, random crops, validation and test accuracy at every quarter. The data lie in one
tensor. Threads are PyTorch's own unless given. Prints trainings per minute and the mean test accuracy.
"""
import argparse
import gzip
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DIGITS = Path(__file__).resolve().parent.parent / "crates/bench-loaders/src/images/digits"
MEAN, STD = 4.8842, 6.0168


class ReLUConvBN(nn.Sequential):
    def __init__(self, c_in, c_out, kernel, stride=1):
        super().__init__(nn.ReLU(), nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out))


class Zero(nn.Module):
    def forward(self, x):
        return x.mul(0.0)


def operation(name, c):
    return {"none": Zero, "skip_connect": nn.Identity, "nor_conv_1x1": lambda: ReLUConvBN(c, c, 1), "nor_conv_3x3": lambda: ReLUConvBN(c, c, 3),
            "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False)}[name]()


class Cell(nn.Module):
    def __init__(self, names, c):
        super().__init__()
        self.edges = nn.ModuleList(operation(name, c) for name in names)

    def forward(self, x):
        nodes, edges = [x], iter(self.edges)
        for _ in range(3):
            nodes.append(sum(next(edges)(node) for node in nodes))
        return nodes[-1]


class Reduction(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.body = nn.Sequential(ReLUConvBN(c_in, c_out, 3, 2), ReLUConvBN(c_out, c_out, 3))
        self.down = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c_in, c_out, 1, bias=False))

    def forward(self, x):
        return self.down(x) + self.body(x)


class Network(nn.Sequential):
    def __init__(self, names, c):
        stages = [[Cell(names, c)], [Reduction(c, 2 * c), Cell(names, 2 * c)], [Reduction(2 * c, 4 * c), Cell(names, 4 * c)]]
        super().__init__(nn.Conv2d(3, c, 3, padding=1, bias=False), nn.BatchNorm2d(c), *sum(stages, []), nn.BatchNorm2d(4 * c), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * c, 10))


def idx(name, header):
    return np.frombuffer(gzip.decompress((DIGITS / name).read_bytes()), np.uint8, offset=header)


def data():
    images = torch.tensor(idx("images.idx.gz", 16).reshape(-1, 1, 8, 8).repeat(3, 1), dtype=torch.float32)
    labels = torch.tensor(idx("labels.idx.gz", 8).astype(np.int64))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    split = lambda part: (images[part], labels[part])
    return split(order[600:]), split(order[:300]), split(order[300:600])


def cropped(images):
    padded = F.pad(images, (1, 1, 1, 1))
    down, right = torch.randint(0, 3, (2, len(images)))
    rows, columns = down[:, None] + torch.arange(8), right[:, None] + torch.arange(8)
    image = torch.arange(len(images))[:, None, None]
    return padded.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


@torch.no_grad()
def accuracy(network, images, labels):
    network.eval()
    right = sum((network((x - MEAN) / STD).argmax(1) == y).sum().item() for x, y in zip(images.split(256), labels.split(256)))
    network.train()
    return 100 * right / len(labels)


def train(names, channels, epochs, train_set, valid, test, batch=64, rate=0.1):
    network = Network(names, channels)
    optimiser = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=5e-4, nesterov=True)
    images, labels = train_set
    steps = math.ceil(len(labels) / batch)
    milestones = {math.ceil(epochs * quarter / 4) for quarter in range(1, 5)}
    for epoch in range(epochs):
        for step, members in enumerate(torch.randperm(len(labels)).split(batch)):
            at = epoch + step / steps
            lr = rate * at if at < 1 else rate * (1 + math.cos(math.pi * (at - 1) / (epochs - 1))) / 2
            for group in optimiser.param_groups:
                group["lr"] = lr
            loss = F.cross_entropy(network((cropped(images[members]) - MEAN) / STD), labels[members])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()
        if epoch + 1 in milestones:
            results = accuracy(network, *valid), accuracy(network, *test)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architectures", required=True, help="strings of NAS-Bench-201, separated by spaces")
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    sets = data()
    cells = [[edge.split("~")[0] for node in text.split("+") for edge in node.strip("|").split("|")] for text in arguments.architectures.split()]
    train(cells[0], arguments.channels, 2, *sets)  # warm-up, not counted
    start = time.time()
    test = [train(cell, arguments.channels, arguments.epochs, *sets)[1] for cell in cells]
    wall = time.time() - start
    print(f"{len(cells)} trainings in {wall:.2f} s: {60 * len(cells) / wall:.1f} per minute ({torch.get_num_threads()} threads), "
          f"mean test accuracy {np.mean(test):.2f}")


if __name__ == "__main__":
    main()
