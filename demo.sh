#!/usr/bin/env bash
# Sets up and shows the whole loop on this machine: ./demo.sh [--once] [--slide FILE] [--classifier NAME]
set -euo pipefail
exec "$(cd "$(dirname "$0")" && pwd)/slidebridge" demo "$@"
