#!/usr/bin/env bash
# Fails when a test file is compiled by no suite that `make test` or `make e2e` runs: a folder whose name the go command ignores, a module of its own,
# a build constraint that no suite meets.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The suites that the Makefile calls.
suites="$(make --dry-run --no-print-directory test e2e | sed -n 's#^hack/test.sh ##p')"
[[ -n "$suites" ]] || { echo "make test and make e2e call hack/test.sh for no suite" >&2; exit 1; }

# shellcheck disable=SC2086 # each word is a suite
tested="$(hack/test.sh --files $suites | LC_ALL=C sort -u)"
present="$(git ls-files --cached --others --exclude-standard -- '*_test.go' |
  while read -r file; do [[ ! -e "$file" ]] || echo "$file"; done | LC_ALL=C sort -u)"

untested="$(LC_ALL=C comm -13 <(echo "$tested") <(echo "$present"))"
if [[ -n "$untested" ]]; then
  printf 'neither make test nor make e2e compiles:\n%s\n' "$untested" >&2
  exit 1
fi
