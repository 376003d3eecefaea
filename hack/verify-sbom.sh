#!/usr/bin/env bash
# Fails unless the bill of materials that hack/sbom.sh writes has the modules of the binary and no others, each with the version of go.mod and the hash of go.sum.
#
#   hack/verify-sbom.sh [BINARY]
#
# BINARY is built here unless it is given.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

binary="${1:-$scratch/plimsoll}"
[[ $# -gt 0 ]] || hack/build.sh "$binary"
hack/sbom.sh "$binary" "$scratch/sbom.json" >/dev/null

# The modules that the linker has recorded, as "module version hash". One that is replaced is followed by what replaces it.
go version -m "$binary" | awk '
  $1 == "dep" { if (line != "") print line; line = $2 " " $3 " " $4 }
  $1 == "=>" { line = $2 " " $3 " " $4 }
  END { print line }' | LC_ALL=C sort >"$scratch/built"

# The components of the document, as "module version". Its lines are indented by the depth.
awk '
  /^  "components": \[/ { inside = 1 }
  /^  \]/ { inside = 0 }
  inside && /^      "name": / { name = $2 }
  inside && /^      "version": / { gsub(/[",]/, "", name); version = $2; gsub(/[",]/, "", version); print name, version }
' "$scratch/sbom.json" | grep -v '^std ' | LC_ALL=C sort >"$scratch/listed"

failed=0
if ! diff <(cut -d ' ' -f 1,2 "$scratch/built") "$scratch/listed"; then
  echo "the binary (<) and its bill of materials (>) have different modules" >&2
  failed=1
fi
while read -r module version hash; do
  if ! grep -qE "^(require )?[[:space:]]*$module $version( |\$)" go.mod; then
    echo "the binary has $module $version, which go.mod does not require" >&2
    failed=1
  fi
  if ! grep -qxF "$module $version $hash" go.sum; then
    echo "the binary has $module $version with the hash $hash, which go.sum does not have" >&2
    failed=1
  fi
done <"$scratch/built"
[[ "$failed" -gt 0 ]] || echo "$(wc -l <"$scratch/listed") modules"
exit "$failed"
