#!/usr/bin/env bash
# Measures slidebridge.torch on this machine, in at most 8 minutes. Needs python3 with PyTorch, and a GPU; without a GPU it runs small models on the CPU.
#   bench/gpu/run.sh [FILE] [OUT]     FILE: what bench/gpu/prepare.sh made. OUT: folder for gpu-bench.json. PYTHON: another interpreter
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
file=${1:-$here/bin/gpu-bench.tar.xz}
out=$(realpath -m "${2:-$here/bin/out}")
python=${PYTHON:-python3}
"$python" -c 'import torch' || { echo "run.sh: PyTorch is missing for $python; set PYTHON to an interpreter that has it" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m tarfile -e "$file" "$work" # Not every machine has xz; Python reads it.
chmod +x "$work/gpu-bench/bridge/Slidebridge"
export DOTNET_EnableDiagnostics=0 LD_LIBRARY_PATH="$work/gpu-bench/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
mkdir -p "$out"
timeout 480 "$python" "$work/gpu-bench/bench.py" "$work/slides" --bridge "$work/gpu-bench/bridge/Slidebridge" --budget 450 2>&1 | tee "$out/gpu-bench.txt" || status=$?
cp "$work/slides/gpu-bench.json" "$out/" 2>/dev/null || true
exit "${status:-0}"
