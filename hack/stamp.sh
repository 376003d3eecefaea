#!/usr/bin/env bash
# Prints the linker flags that stamp the version, the commit and its time into a binary. make build and hack/image.sh use them.
#
# Environment:
#   VERSION   the version to stamp (default: from git describe)
#   SOURCE_DATE_EPOCH  the time to stamp, in Unix seconds (default: that of the commit)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

revision="$(git rev-parse --verify --quiet HEAD || echo unknown)"
version="${VERSION:-$(git describe --tags --match 'v*' --dirty 2>/dev/null || echo v0.0.0-dev)}"
epoch="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
tree=clean
[[ -z "$(git status --porcelain 2>/dev/null)" ]] || tree=dirty

package=k8s.io/component-base/version
echo "-X $package.gitVersion=$version -X $package.gitCommit=$revision -X $package.gitTreeState=$tree" \
  "-X $package.buildDate=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
