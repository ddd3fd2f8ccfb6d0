#!/usr/bin/env bash
# Renews what the pages borrow: takes the package from the npm registry, checks the registry's own checksum, and writes assets/vendor/vendored.tsv.
#   ./vendor.sh openseadragon 6.1.1
# Nobody needs npm to build or run Slidebridge: only this script asks the registry.
set -euo pipefail
cd "$(dirname "$0")/assets/vendor"
name=${1:?"Usage: vendor.sh PACKAGE VERSION"} version=${2:?"Usage: vendor.sh PACKAGE VERSION"}
case $name in
    openseadragon) licence=BSD-3-Clause files=(build/openseadragon/openseadragon.min.js LICENSE.txt) ;;
    *) echo "vendor.sh: '$name' is not borrowed; add its licence and files to this script." >&2; exit 2 ;;
esac
registry=${NPM_REGISTRY:-https://registry.npmjs.org}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl -fsSL "$registry/$name/$version" -o "$work/package.json"
read -r url integrity < <(python3 -c 'import json,sys; d=json.load(open(sys.argv[1]))["dist"]; print(d["tarball"], d["integrity"])' "$work/package.json")
curl -fsSL "$url" -o "$work/package.tgz"
[[ "sha512-$(openssl dgst -sha512 -binary "$work/package.tgz" | base64 -w0)" == "$integrity" ]] || { echo "vendor.sh: the package is not the one that the registry describes." >&2; exit 1; }
tar xzf "$work/package.tgz" -C "$work"
rm -rf "./$name" && mkdir "$name"
{ grep -v "^$name	" vendored.tsv || true; } > "$work/vendored.tsv"
for file in "${files[@]}"; do
    kept=$name/$(basename "$file")
    install -m 644 "$work/package/$file" "$kept"
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$licence" "$kept" "$(sha256sum "$kept" | cut -d' ' -f1)" "$name-$version.tgz: package/$file" >> "$work/vendored.tsv"
done
cat "$work/vendored.tsv" > vendored.tsv
