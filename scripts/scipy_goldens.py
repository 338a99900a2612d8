#!/usr/bin/env python3
"""Writes crates/report/tests/it/goldens/scipy.json: rank statistics computed by SciPy, for the tests of `report`.

Made with Python 3.11, scipy==1.17.1, numpy==2.4.6 (pip install scipy==1.17.1 numpy==2.4.6).
Usage: python3 scripts/scipy_goldens.py [OUTPUT]

Columns come from the portable generator of `netgraph::rng`, so the Rust side rebuilds them and the file holds results only.
SciPy has no tau-a: its numerator and denominator are summed pair by pair here.
"""

import json
import pathlib
import sys

import numpy as np
import scipy
from scipy import stats

MASK = (1 << 64) - 1


def mix(x):
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def bits(seed, stream, i):
    return mix(mix(mix(seed) ^ stream) ^ i)


def uniform(seed, stream, i):
    return (bits(seed, stream, i) >> 11) * 2.0**-53


def columns(case):
    """score = floor(levels_x * u), value = floor(levels_y * (w u + (1 - w) v)); 0 levels leave the number as it is."""
    n, weight = case["n"], case["weight"]
    u = [uniform(case["seed"], 0, i) for i in range(n)]
    v = [uniform(case["seed"], 1, i) for i in range(n)]
    mixed = [weight * a + (1.0 - weight) * b for a, b in zip(u, v)]
    cut = lambda column, levels: [float(np.floor(x * levels)) if levels else x for x in column]
    score, value = cut(u, case["levels_score"]), cut(mixed, case["levels_value"])
    # The first rows are "disconnected": score exactly 0.
    score[: case["zeros"]] = [0.0] * case["zeros"]
    return np.array([case["sign"] * s for s in score]), np.array(value)


def tau_a(x, y):
    total = 0
    for i in range(len(x) - 1):
        total += int(np.sum(np.sign(x[i + 1 :] - x[i]) * np.sign(y[i + 1 :] - y[i])))
    return total / (len(x) * (len(x) - 1) / 2)


def all_three(x, y):
    return [tau_a(x, y), float(stats.kendalltau(x, y).statistic), float(stats.spearmanr(x, y).statistic)]


def bootstrap(x, y, seed, replicates, confidence):
    """The same resamples as `report::stats::bootstrap`: draws index the pairs sorted by (score, value)."""
    order = np.lexsort((y, x))
    x, y, n = x[order], y[order], len(x)
    rows = []
    for replicate in range(replicates):
        draws = [(bits(seed, (1 << 40) + replicate, i) * n) >> 64 for i in range(n)]
        rows.append(all_three(x[draws], y[draws]))
    tail = 100.0 * (1.0 - confidence) / 2.0
    return np.percentile(np.array(rows), [tail, 100.0 - tail], axis=0).T.tolist()


CASES = [
    dict(name="no ties", n=200, seed=1, weight=0.6, levels_score=0, levels_value=0, zeros=0, sign=1),
    dict(name="negative", n=200, seed=2, weight=0.9, levels_score=0, levels_value=0, zeros=0, sign=-1),
    dict(name="ties in the score", n=300, seed=3, weight=0.7, levels_score=9, levels_value=0, zeros=0, sign=1),
    dict(name="ties in both", n=300, seed=4, weight=0.5, levels_score=12, levels_value=7, zeros=0, sign=1),
    dict(name="two levels each", n=101, seed=5, weight=0.5, levels_score=2, levels_value=2, zeros=0, sign=1),
    dict(name="341 zeros as in nb201", n=2000, seed=6, weight=0.8, levels_score=0, levels_value=400, zeros=341, sign=1),
    dict(name="unrelated", n=5000, seed=7, weight=0.0, levels_score=50, levels_value=0, zeros=0, sign=1),
    dict(name="tiny", n=3, seed=8, weight=0.5, levels_score=0, levels_value=0, zeros=0, sign=1),
]


def main():
    cases = []
    for case in CASES:
        x, y = columns(case)
        cases.append({**case, "tau_a": tau_a(x, y), "tau_b": all_three(x, y)[1], "rho": all_three(x, y)[2]})
    x, y = columns(CASES[3])
    intervals = bootstrap(x, y, seed=11, replicates=40, confidence=0.9)
    document = {
        "made_by": f"scripts/scipy_goldens.py, scipy {scipy.__version__}, numpy {np.__version__}",
        "cases": cases,
        "bootstrap": {"case": 3, "seed": 11, "replicates": 40, "confidence": 0.9, "tau_a": intervals[0], "tau_b": intervals[1], "rho": intervals[2]},
    }
    default = pathlib.Path(__file__).parent.parent / "crates/report/tests/it/goldens/scipy.json"
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
