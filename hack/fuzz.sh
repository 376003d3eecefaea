#!/usr/bin/env bash
# Runs each fuzz test of the tree for a while, one after the other. Fuzz tests are found by their names.
#
#   hack/fuzz.sh [DURATION [PATTERN]]
#
# PATTERN is a regular expression of names, FuzzServed for example. FUZZ_PARALLEL is how many inputs are tried at once: as many as there are cores by
# default. What is found stays in the testdata of the package, and the test fails until it is fixed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# An input that reaches new code is tried once and not shortened: that took most of the time. One that fails is shortened by hand.
flags=(-fuzzminimizetime 1x)
[[ -z "${FUZZ_PARALLEL:-}" ]] || flags+=(-parallel "$FUZZ_PARALLEL")

# The end of the time may overtake an input that is being tried: Go then reports "context deadline exceeded", and has found nothing.
fuzz() {
  local log
  log="$(mktemp)"
  go test "$1" -vet=off -timeout 0 -run '^$' -fuzz "^$2\$" -fuzztime "$3" "${flags[@]}" </dev/null 2>&1 | tee "$log" ||
    { grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"; }
  rm "$log"
}

git grep --untracked --line-number --only-matching --extended-regexp '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go' |
  sed -E 's#^(.*)/[^/]*:[0-9]+:func (Fuzz[A-Za-z0-9_]*)\($#./\1 \2#' | sort -u |
  while read -r package name; do
    [[ "$name" =~ ${2:-.} ]] || continue
    fuzz "$package" "$name" "${1:-1m}"
  done
