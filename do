#!/usr/bin/env bash
# ./do RECIPE [ARGUMENTS]: sets up what is missing (libtorch, just) and runs the recipe. ./do alone lists the recipes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scripts/setup
cache=${XDG_CACHE_HOME:-}
[[ $cache == /* ]] || cache=$HOME/.cache
PATH=$PATH:$cache/zico/tools/bin exec just "$@"
