#!/usr/bin/env bash
# Prints "digest=sha256:..." of the image the Dockerfile builds on, so that a build names exactly what it stood on.
# Needs docker with buildx and the registry.
set -euo pipefail
image=$(sed -n 's/^ARG RUST_IMAGE=//p' "$(dirname "$0")/../Dockerfile")
digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "no digest for $image: $digest" >&2; exit 1; }
echo "digest=$digest"
