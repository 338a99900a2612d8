#!/usr/bin/env python3
"""Brings what `scripts/setup` needs from the Python registry: pinned wheels, verified by SHA-256, unpacked into the cache.

    scripts/wheels.py cpu FOLDER     libtorch for the CPU: FOLDER/include, FOLDER/lib, FOLDER/build-version
    scripts/wheels.py cuda FOLDER    libtorch with CUDA and the NVIDIA libraries it loads
    scripts/wheels.py just FILE      the command runner `just`

Standard library and pip only; any Python from 3.8 on. Nothing is installed into Python: wheels are zip files that hold the
libraries. The target appears by one rename when it is whole. A failure is one sentence on stderr and exit code 1.
"""

import errno
import fcntl
import os
import platform
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

LIBTORCH = "2.13.0"  # what tch 0.26 wants


@dataclass(frozen=True)
class Wheel:
    name: str
    version: str
    platform: str
    sha256: str
    megabytes: int


TORCH = Wheel("torch", LIBTORCH, "manylinux_2_28_x86_64", "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7", 527)
CUDART = Wheel("nvidia-cuda-runtime", "13.0.96", "manylinux2014_x86_64", "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548", 2)
CUPTI = Wheel("nvidia-cuda-cupti", "13.0.85", "manylinux_2_25_x86_64", "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8", 11)

# libtorch_cpu.so of this wheel is linked against the CUDA runtime and CUPTI, though it uses neither without a GPU.
CPU = [TORCH, CUDART, CUPTI]
CPU_LIBRARIES = {"libc10.so", "libtorch_cpu.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"}

# Every library that libtorch_cuda.so names or loads. The versions are those torch 2.13.0 asks for.
CUDA = CPU + [
    Wheel("nvidia-cublas", "13.1.1.3", "manylinux_2_27_x86_64", "37936a16db8fe4ac1f065c2139360608a543a09275cb1a1af612e08cfa065436", 423),
    Wheel("nvidia-cuda-nvrtc", "13.0.88", "manylinux2010_x86_64", "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575", 90),
    Wheel("nvidia-cudnn-cu13", "9.20.0.48", "manylinux_2_27_x86_64", "0c45dd8eeb50b603f07995b1b300c62ffe6a1980482b82b3bcf94a4ca9d49304", 366),
    Wheel("nvidia-cufft", "12.0.0.61", "manylinux2014_x86_64", "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3", 214),
    Wheel("nvidia-cufile", "1.15.1.6", "manylinux2014_x86_64", "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44", 1),
    Wheel("nvidia-curand", "10.4.0.35", "manylinux_2_27_x86_64", "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc", 60),
    Wheel("nvidia-cusolver", "12.0.4.66", "manylinux_2_27_x86_64", "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112", 201),
    Wheel("nvidia-cusparse", "12.6.3.3", "manylinux2014_x86_64", "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b", 146),
    Wheel("nvidia-cusparselt-cu13", "0.8.1", "manylinux2014_x86_64", "786ce87568c303fadb5afcc7102d454cd3040d75f6f8626f5db460d1871f4dd0", 170),
    Wheel("nvidia-nccl-cu13", "2.29.7", "manylinux_2_18_x86_64", "edd81538446786ec3b73972543e53bb43bcaf0bfc8ef76cb679fcc390ffe136d", 206),
    Wheel("nvidia-nvjitlink", "13.5.37", "manylinux2010_x86_64", "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb", 47),
    Wheel("nvidia-nvshmem-cu13", "3.4.5", "manylinux2014_x86_64", "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80", 60),
    Wheel("nvidia-nvtx", "13.0.85", "manylinux1_x86_64", "4936d1d6780fbe68db454f5e72a42ff64d1fd6397df9f363ae786930fd5c1cd4", 1),
]

JUST = Wheel("rust-just", "1.59.0", "manylinux2014_x86_64", "3ee47f26e3aff917107602d57a08ede20df447f78dc4f9ceb08e57a883c56eb9", 2)

# Free megabytes needed while it happens: unpacked libraries, the largest wheel, and pip's own copy of it.
ROOM = {"cpu": 1200, "cuda": 6500, "just": 20}


class Failure(Exception):
    """One sentence with the remedy."""


def say(text):
    print(f"setup: {text}", file=sys.stderr, flush=True)


def check_machine(what):
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        remedy = "run `cargo install just`" if what == "just" else f"install libtorch {LIBTORCH} yourself and set LIBTORCH to its folder"
        raise Failure(f"there is no prebuilt {'just' if what == 'just' else 'libtorch'} for {platform.system()} {platform.machine()} here: {remedy}")
    libc, version = platform.libc_ver()
    if what != "just" and libc == "glibc" and [int(part) for part in version.split(".")[:2]] < [2, 28]:
        raise Failure(f"libtorch {LIBTORCH} needs glibc 2.28 or newer and this system has {version}: use a newer distribution")


def check_room(what, folder):
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < ROOM[what]:
        raise Failure(
            f"{folder} has {free} MB free and {ROOM[what]} MB are needed: make room, or set XDG_CACHE_HOME to a folder on a larger disk"
        )


def download(wheel, folder):
    """The wheel's file, checked. pip asks the registry (or mirror) that the user has set up for it."""
    say(f"downloading {wheel.name} {wheel.version} ({wheel.megabytes} MB)")
    folder.mkdir()
    pin = folder / "pin.txt"
    pin.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-cache-dir", "--retries", "2"]
    command += ["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--platform", wheel.platform]
    command += ["--require-hashes", "--requirement", str(pin), "--dest", str(folder)]
    # TMPDIR: pip's temporary copy of half a gigabyte goes where room was checked. The virtualenv rule is about installing.
    environment = {**os.environ, "TMPDIR": str(folder), "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONUNBUFFERED": "1"}
    # On a terminal pip's progress bar is worth seeing.
    out = sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL
    pip = subprocess.run(command, env=environment, stdout=out, stderr=subprocess.PIPE, text=True, errors="replace")
    if pip.returncode != 0:
        raise Failure(why_pip_failed(wheel, pip.stderr))
    return next(folder.glob("*.whl"))


def why_pip_failed(wheel, log):
    what = f"{wheel.name} {wheel.version}"
    errors = [line[7:] for line in log.splitlines() if line.startswith("ERROR: ")] or log.strip().splitlines() or ["no reason given"]
    if "No module named pip" in log:
        return f"{sys.executable} has no pip: install it (Debian and Ubuntu: apt install python3-pip) and run this again"
    if "DO NOT MATCH THE HASHES" in log:
        got = next((line.split()[-1] for line in log.splitlines() if line.strip().startswith("Got ")), "another one")
        return (
            f"the file that came for {what} has the wrong checksum (expected sha256 {wheel.sha256}, got {got}), so it was thrown "
            "away: run this again, and if it comes back wrong again, look at the proxy or package mirror that pip is set up to use"
        )
    if "No space left" in log or "Disk quota" in log:
        return f"the disk filled up while {what} was downloaded: make room, or set XDG_CACHE_HOME to a folder on a larger disk"
    if any(sign in log for sign in ("Retrying (", "ConnectionError", "ConnectTimeout", "timed out", "Name or service not known", "ProxyError", "SSLError")):
        instead = "" if wheel is JUST else f", or set LIBTORCH to the folder of a libtorch {LIBTORCH} that is already on this machine"
        return (
            f"could not download {what}, the Python registry did not answer: check the network (and HTTPS_PROXY, PIP_INDEX_URL){instead}"
        )
    if "No matching distribution" in log or "Could not find a version" in log:
        return (
            f"the Python registry that pip is set up to use has no {what} for {wheel.platform}: unset PIP_INDEX_URL or add the package to "
            "that mirror; pip older than 20.3 does not know this platform's name, `python3 -m pip install --upgrade pip` helps"
        )
    return f"pip could not download {what}: {errors[-1]}"


def unpack(archive, member, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def unpack_libtorch(archive, folder, wanted):
    """Headers and libraries of one wheel; all libraries lie in one folder, so one run path finds them."""
    for member in archive.namelist():
        path, name = Path(member), Path(member).name
        if member.endswith("/") or ".." in path.parts:
            continue
        if member.startswith("torch/include/"):
            unpack(archive, member, folder.joinpath(*path.parts[1:]))
        elif path.parent.name == "lib" and ".so" in name and wanted(name):
            unpack(archive, member, folder / "lib" / name)


def assemble_libtorch(what, folder, scratch):
    wanted = CPU_LIBRARIES.__contains__ if what == "cpu" else lambda name: name != "libtorch_python.so"
    for wheel in CPU if what == "cpu" else CUDA:
        with zipfile.ZipFile(download(wheel, scratch)) as archive:
            unpack_libtorch(archive, folder, wanted)
        shutil.rmtree(scratch)
    missing = sorted(name for name in CPU_LIBRARIES if not (folder / "lib" / name).exists())
    if missing or not (folder / "include/torch/csrc/api/include/torch/torch.h").exists():
        raise Failure(f"the wheels lack {', '.join(missing) or 'the headers'}: the pins in scripts/wheels.py do not fit together")
    if what == "cpu":
        # With no libtorch_cuda.so beside it, torch-sys links the CPU only.
        (folder / "lib/libtorch.so").symlink_to("libtorch_cpu.so")
    # torch-sys reads this file, as in an official libtorch archive, and refuses another version than its own.
    (folder / "build-version").write_text(f"{LIBTORCH}+{'cpu' if what == 'cpu' else 'cu130'}\n")


def assemble_just(file, scratch):
    with zipfile.ZipFile(download(JUST, scratch)) as archive:
        unpack(archive, f"rust_just-{JUST.version}.data/scripts/just", file)
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def whole(what, target):
    if what == "just":
        return target.exists()
    version = target / "build-version"
    return version.exists() and version.read_text().startswith(LIBTORCH)


def bring(what, target):
    parent = target.parent
    parent.mkdir(parents=True, exist_ok=True)
    part = parent / f".{target.name}.part"
    with open(parent / f".{target.name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another set-up that is making {target}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if whole(what, target):
            return  # the other set-up made it
        shutil.rmtree(part, ignore_errors=True)  # left by a set-up that was killed
        try:
            part.mkdir()
            check_room(what, parent)
            made = part / target.name
            if what == "just":
                assemble_just(made, part / "wheel")
            else:
                assemble_libtorch(what, made, part / "wheel")
            os.sync()
            if target.exists() or target.is_symlink():
                remove(target)  # not whole, or it would have returned above
            made.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    say(f"{'just' if what == 'just' else 'libtorch'} is in {target}")


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ROOM:
        sys.exit(__doc__)
    what, target = sys.argv[1], Path(sys.argv[2]).absolute()
    try:
        check_machine(what)
        bring(what, target)
    except Failure as failure:
        say(failure)
        return 1
    except KeyboardInterrupt:
        say("interrupted; nothing was left behind, run it again to start over")
        return 130
    except OSError as error:
        where = error.filename or target
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say(f"the disk of {target.parent} is full: make room, or set XDG_CACHE_HOME to a folder on a larger disk")
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            say(f"{where} cannot be written ({error.strerror}): set XDG_CACHE_HOME to a folder of yours")
        else:
            say(f"{where}: {error.strerror or error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
