# Recipes of the workspace. `./do RECIPE` does the same on a machine without `just` or libtorch.

set positional-arguments
set shell := ["bash", "-euo", "pipefail", "-c"]

# List the recipes.
_list:
    @"{{ just_executable() }}" --list --unsorted

# Bring libtorch (and just); `--cuda` for GPUs, `--cpu` to go back.
setup *ARGS:
    @scripts/setup "$@"

# Score 64 architectures of NAS-Bench-201 and write a report: a first look, a few minutes after the build.
quickstart *ARGS: setup
    @scripts/reproduce-nb201 --sample 64 --no-noise --name quickstart "$@"

# Score 1,000 architectures of NAS-Bench-201 on CIFAR-10 with seven proxies and write the report (`--full` for all, `--help`).
reproduce-nb201 *ARGS: setup
    @scripts/reproduce-nb201 "$@"

# Rebuild the report from the scores that are there; needs no libtorch.
report *ARGS:
    @cargo run --quiet -p report -- "$@"

# Run the tests.
test *ARGS: setup
    cargo test --workspace "$@"

# Format, spelling, clippy, rustdoc, licences; any complaint is an error.
lint: setup
    cargo fmt --all --check
    scripts/if-installed typos
    cargo clippy --workspace --all-targets -- --deny warnings
    RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps
    scripts/if-installed cargo-deny deny --log-level error check

# Re-score the 24 fixed architectures and recompute the committed correlations; compare with the committed figures.
regression: setup
    cargo test --workspace --test it regression -- --nocapture

# Measure speed and memory against plain PyTorch and SciPy (downloads 2 GB the first time, `--help`).
bench *ARGS: setup
    @scripts/bench "$@"

# All that CI checks.
ci: lint test regression

# Format the code.
format:
    cargo fmt --all
