# Recipes of the workspace. `./do RECIPE` does the same on a machine without `just` or libtorch.

set positional-arguments
set shell := ["bash", "-euo", "pipefail", "-c"]

# List the recipes.
_list:
    @"{{ just_executable() }}" --list --unsorted

# Bring libtorch (and just); `--cuda` for GPUs, `--cpu` to go back.
setup *ARGS:
    @scripts/setup "$@"

# A first look in minutes, without a download: every proxy on 512 small networks that were trained on handwritten digits.
quickstart *ARGS: setup
    @scripts/quickstart "$@"

# Score 1,000 architectures of NAS-Bench-201 with every proxy and write the report (`--full`: all 15,625 with the cheap ones; `--help`).
reproduce-nb201 *ARGS: setup
    @scripts/reproduce nb201 "$@"

# Score 240 cells of NAS-Bench-101 on CIFAR-10 and write the report (`--help`).
reproduce-nb101 *ARGS: setup
    @scripts/reproduce nb101 "$@"

# Score 1,000 architectures of NATS-Bench's size space on three datasets and write the report.
reproduce-nats-sss *ARGS: setup
    @scripts/reproduce nats-sss "$@"

# Score 120 architectures of TransNAS-Bench-101 Micro on seven tasks and write the report (`--batch random` without images).
reproduce-tnb101 *ARGS: setup
    @scripts/reproduce tnb101 "$@"

# Search with ZiCo for a small network under a budget: evolution against random search, five seeds, in under ten minutes (`--help`).
search-demo *ARGS: setup
    @scripts/search demo "$@"

# Table 8's protocol: search NAS-Bench-201 with ZiCo, five seeds, and look the accuracies up (`--help`).
search-nb201 *ARGS: setup
    @scripts/search nb201 "$@"

# The paper's experiments with its theorems on MNIST, report in reports/theory (minutes; `--help`).
theory *ARGS: setup
    cargo run --quiet -p zico -- theory "$@"

# One page over all reports.
index *ARGS:
    cargo run --quiet -p zico -- report --index "$@"

# Rebuild the report from the scores that are there; needs no libtorch.
report *ARGS:
    cargo run -p report -- "$@"

# Run the tests (`just test -p report` those of one crate).
test *ARGS: setup
    cargo test "$@"

# Make the file of a new proxy and list it (`just new-proxy my_proxy`; `--check` makes one, lets clippy look at it and takes it away).
new-proxy *ARGS: setup
    @scripts/new_proxy "$@"

# Check format, spelling, clippy, rustdoc and licences; any complaint is an error.
lint: setup
    cargo fmt --all --check
    scripts/if-installed typos
    cargo clippy --workspace --all-targets -- --deny warnings
    RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps
    scripts/if-installed cargo-deny --log-level error check licenses bans sources

# Re-score 24 architectures, recompute the committed correlations, compare both with the committed figures.
regression: setup
    cargo test --workspace --test it regression -- --nocapture

# Measure speed and memory against plain PyTorch and SciPy (2 GB to download the first time; `--help`).
bench *ARGS: setup
    @scripts/bench "$@"

# Trainings per minute against a plain PyTorch loop (`--help`).
bench-train *ARGS: setup
    @scripts/bench_train "$@"

# All that CI checks.
ci: lint test quickstart regression
    @scripts/new_proxy --check

# Format the code.
format:
    cargo fmt --all
