#!/usr/bin/env bash
# Builds the server with the flags of a release.
#
#   hack/build.sh OUTPUT [FLAG...]
#
# The flags are further ones of go build. Environment: GOOS, GOARCH, and MAIN, the package to build (default: ./cmd/plimsoll).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# The tag excludes code that would keep all methods in the binary: hack/verify-linked.sh.
CGO_ENABLED=0 exec go build -trimpath -tags grpcnotrace -o "$1" "${@:2}" "${MAIN:-./cmd/plimsoll}"
