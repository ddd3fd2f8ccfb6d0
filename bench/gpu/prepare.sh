#!/usr/bin/env bash
# Makes one file with all that bench/gpu/run.sh needs on a machine that has a GPU, Python and PyTorch, but neither .NET nor a network:
# the bridge with its runtime, libturbojpeg, and the bench. Needs the .NET SDK and libturbojpeg0.
#   bench/gpu/prepare.sh [FILE]      default: bench/gpu/bin/gpu-bench.tar.xz
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$here/bin"
file=$(realpath -m "${1:-$here/bin/gpu-bench.tar.xz}")
turbo=$(/sbin/ldconfig -p | awk '$1 == "libturbojpeg.so.0" && !found++ { print $NF }')
[ -n "$turbo" ] || { echo "prepare.sh: libturbojpeg.so.0 is missing (Debian: libturbojpeg0)" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not compiled ahead of time: that is 10 MB more to send, and only the start would be faster, which is not measured.
dotnet publish "$root/src/Slidebridge" --configuration Release --runtime linux-x64 --self-contained true --output "$work/gpu-bench/bridge" --nologo --verbosity quiet \
  -p:RestoreLockedMode=true -p:PublishReadyToRun=false -p:ValidateExecutableReferencesMatchSelfContained=false
# What a slide of JPEG tiles and a classifier in Python never load.
rm -f "$work"/gpu-bench/bridge/{libonnxruntime*,Magick.Native*,libmscordac*,libmscordbi*,createdump,*.pdb,*.xml}
# Its licences (IJG, BSD 3-clause, zlib) allow copies that bring the notice.
mkdir "$work/gpu-bench/lib"
cp -L "$turbo" "$work/gpu-bench/lib/libturbojpeg.so.0"
cp /usr/share/doc/libturbojpeg0/copyright "$work/gpu-bench/libturbojpeg.copyright" 2>/dev/null || echo "prepare.sh: the licence of libturbojpeg was not found; add it before you pass the file on" >&2
cp "$here"/*.py "$here/run.sh" "$work/gpu-bench/"
mkdir -p "$(dirname "$file")"
tar --create --directory "$work" gpu-bench | xz --threads=0 -6 > "$file"
ls -l "$file"
