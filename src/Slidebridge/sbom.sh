#!/usr/bin/env bash
# Writes the software bill of materials of the program (CycloneDX, JSON): each NuGet package that it ships, with version, hash and licence. src/Slidebridge/sbom.sh [FILE]
set -euo pipefail
[ $# -le 1 ] || { echo "usage: $0 [FILE]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
file=$(realpath -m "${1:-$here/bin/slidebridge.cdx.json}")
cd "$here"
dotnet tool restore >/dev/null
version=$(dotnet msbuild -nologo -t:MinVer -getProperty:Version)
dotnet CycloneDX Slidebridge.csproj --output "$(dirname "$file")" --filename "$(basename "$file")" --output-format Json --exclude-dev --set-name slidebridge --set-version "$version" >/dev/null
echo "$file"
