#!/usr/bin/env python3
"""Makes the digits that are built into the program: crates/bench-loaders/src/images/digits/{images,labels}.idx.gz.

    scripts/digits.py WHEEL      WHEEL: any wheel of scikit-learn, `python3 -m pip download --no-deps scikit-learn`

The same wheel gives the same bytes. Source and licence stand beside the files.
"""

import gzip
import hashlib
import struct
import sys
import zipfile
from pathlib import Path

SOURCE = "sklearn/datasets/data/digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
FOLDER = Path(__file__).resolve().parent.parent / "crates/bench-loaders/src/images/digits"
SIDE = 8


def write(name, kind, shape, values):
    header = struct.pack(">HBB", 0, kind, len(shape)) + struct.pack(f">{len(shape)}I", *shape)
    (FOLDER / name).write_bytes(gzip.compress(header + bytes(values), compresslevel=9, mtime=0))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    packed = zipfile.ZipFile(sys.argv[1]).read(SOURCE)
    if hashlib.sha256(packed).hexdigest() != SHA256:
        sys.exit(f"digits: {SOURCE} of this wheel is not the file of sha256 {SHA256}")
    rows = [[int(float(value)) for value in line.split(b",")] for line in gzip.decompress(packed).split()]
    unsigned_bytes = 8
    write("images.idx.gz", unsigned_bytes, (len(rows), SIDE, SIDE), [pixel for row in rows for pixel in row[:-1]])
    write("labels.idx.gz", unsigned_bytes, (len(rows),), [row[-1] for row in rows])
    print(f"digits: {len(rows)} images in {FOLDER}")


if __name__ == "__main__":
    main()
