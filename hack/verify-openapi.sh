#!/usr/bin/env bash
# Fails when the OpenAPI definitions in the tree are not the ones that hack/update-openapi.sh writes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
file=pkg/apiserver/openapi/zz_generated.openapi.go
fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT

hack/update-openapi.sh "$fresh/$(basename "$file")"
if ! diff -u "$file" "$fresh/$(basename "$file")"; then
  echo "$file is out of date: run hack/update-openapi.sh and commit the result." >&2
  exit 1
fi
