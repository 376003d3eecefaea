#!/usr/bin/env bash
# Writes the bill of materials of a binary, in CycloneDX 1.6: the Go modules that it was built from, with their versions and hashes, and the Go library. They
# come from the binary itself. The same binary gives the same bytes.
#
#   hack/sbom.sh BINARY OUTPUT
#
# Environment: VERSION, the version of the binary (default: from git describe).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version="${VERSION:-$(git describe --tags --match 'v*' --dirty 2>/dev/null || echo v0.0.0-dev)}"

mkdir -p "$(dirname "$2")"
"$(go -C hack/tools/sbom tool -n cyclonedx-gomod)" bin -json -output-version 1.6 -std -noserial -notimestamp -version "$version" -output "$2" "$1"
echo "wrote $2"
