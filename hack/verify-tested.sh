#!/usr/bin/env bash
# Fails when a test file is compiled by no suite that a target of the Makefile runs: a folder whose name the go command ignores, a module of its own,
# a build constraint that no suite meets.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The suites that the Makefile calls.
suites="$(make --dry-run --no-print-directory test test-faults test-engines test-clients soak e2e | sed -n 's#^hack/test.sh ##p')"
[[ -n "$suites" ]] || { echo "no target of the Makefile calls hack/test.sh for a suite" >&2; exit 1; }

# shellcheck disable=SC2086 # each word is a suite
tested="$(hack/test.sh --files $suites | LC_ALL=C sort -u)"
present="$(git ls-files --cached --others --exclude-standard -- '*_test.go' |
  while read -r file; do [[ ! -e "$file" ]] || echo "$file"; done | LC_ALL=C sort -u)"

untested="$(LC_ALL=C comm -13 <(echo "$tested") <(echo "$present"))"
if [[ -n "$untested" ]]; then
  printf 'no suite of hack/test.sh that the Makefile runs compiles:\n%s\n' "$untested" >&2
  exit 1
fi
