#!/usr/bin/env bash
# Runs each fuzz test of the tree for a while, one after the other. Fuzz tests are found by their names.
#
#   hack/fuzz.sh [DURATION]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

git grep --untracked --line-number --only-matching --extended-regexp '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go' |
  sed -E 's#^(.*)/[^/]*:[0-9]+:func (Fuzz[A-Za-z0-9_]*)\($#./\1 \2#' | sort -u |
  while read -r package name; do
    go test "$package" -run '^$' -fuzz "^$name\$" -fuzztime "${1:-1m}" </dev/null
  done
