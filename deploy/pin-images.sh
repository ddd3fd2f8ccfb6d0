#!/usr/bin/env bash
# Pins the images of Dockerfile, deploy/ and .devcontainer/ by digest: NAME:TAG becomes NAME:TAG@sha256:…, and an older digest is replaced by the tag's present one.
#   deploy/pin-images.sh            asks the registries (docker buildx imagetools, skopeo or crane) and rewrites the files
#   deploy/pin-images.sh --check    changes nothing, asks nobody, and fails if an image is not pinned
# Run it before a release, and whenever the base images are to be updated; then build and test.
set -euo pipefail
cd "$(dirname "$0")/.."
check=
case ${1:-} in
    --check) check=yes ;;
    "") ;;
    *) echo "Usage: deploy/pin-images.sh [--check]" >&2; exit 2 ;;
esac

digest() { # NAME:TAG
    if docker buildx version > /dev/null 2>&1; then
        docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"
    elif command -v skopeo > /dev/null; then
        skopeo inspect --format '{{.Digest}}' "docker://$1"
    elif command -v crane > /dev/null; then
        crane digest "$1"
    else
        echo "Install docker with buildx, skopeo or crane: one of them must ask the registries." >&2
        return 1
    fi
}

# The bridge's own image is built here, and a stage of the Dockerfile is not an image: both have no tag.
files=(Dockerfile .devcontainer/devcontainer.json src/Slidebridge/Slidebridge.csproj)
while IFS= read -r file; do files+=("$file"); done < <(find deploy -type f \( -name '*.yaml' -o -name '*.yml' \) | sort)
before='^[[:space:]]*(FROM |"image": "|image: |<ContainerBaseImage[^>]*>)'
image='[a-z0-9./_-]+:[A-Za-z0-9._-]+'
pinned=0 missing=
for file in "${files[@]}"; do
    mapfile -t lines < "$file"
    for line in "${lines[@]}"; do
        [[ $line =~ $before($image)(@sha256:[0-9a-f]{64})? ]] || continue
        name=${BASH_REMATCH[2]} old=${BASH_REMATCH[3]}
        if [[ $check ]]; then
            [[ $old ]] || { echo "$file: $name is not pinned. Run deploy/pin-images.sh." >&2; missing=yes; }
            continue
        fi
        new=$(digest "$name")
        [[ $new =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "$name: '$new' is not a digest." >&2; exit 1; }
        if [[ $old != "@$new" ]]; then
            sed -i -E "s#($before)${name//./\\.}(@sha256:[0-9a-f]{64})?([^A-Za-z0-9._@-]|\$)#\1$name@$new\4#" "$file"
            echo "$file: $name@$new"
        fi
        pinned=$((pinned + 1))
    done
done
[[ ! $missing ]] || exit 1
[[ $check ]] || echo "$pinned images are pinned."
