#!/usr/bin/env bash
# Makes the pictures in docs/images again: ./docs/screenshots.sh [SLIDE]. Needs Chromium (apt-get install chromium).
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Slidebridge.Bench -c Release --nologo -v quiet -p:RestoreLockedMode=true
dotnet bench/Slidebridge.Bench/bin/Release/net10.0/Slidebridge.Bench.dll screenshots --slide "${1:-../shared/data/svs/CMU-1-Small-Region.svs}" --out docs/images
