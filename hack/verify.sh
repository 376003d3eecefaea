#!/usr/bin/env bash
# Runs every check that is not a test of behaviour. All of them run; the names of those that failed come last.
#
#   hack/verify.sh [STEP...]
#
# Works offline once the module cache is filled. The manifests are rendered too where $KUBECTL or a kubectl is found.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# The folders of all Go modules: nested ones hold what only tools and tests require.
modules() {
  git ls-files --cached --others --exclude-standard -- go.mod '*/go.mod' | xargs -n 1 dirname
}

format() {
  local files
  files="$(git ls-files --cached --others --exclude-standard -- '*.go' | xargs gofmt -s -l)" || return 1
  [[ -z "$files" ]] || { printf 'not formatted, run gofmt -s -w on:\n%s\n' "$files" >&2; return 1; }
}

vet() { go vet ./...; }

lint() {
  local linter
  linter="$(go -C hack/tools/lint tool -n golangci-lint)" && "$linter" run ./...
}

tidy() {
  local dir failed=0
  while read -r dir; do
    go -C "$dir" mod tidy -diff || { echo "run go mod tidy in $dir" >&2; failed=1; }
  done < <(modules)
  return "$failed"
}

openapi() { hack/verify-openapi.sh; }
flags() { go test ./cmd/plimsoll/app/...; }
manifests() { go test ./manifests; }
links() { hack/verify-links.sh; }
dependencies() { hack/verify-dependencies.sh; }
linked() { hack/verify-linked.sh; }
imports() { hack/verify-imports.sh; }
tested() { hack/verify-tested.sh; }
sbom() { hack/verify-sbom.sh; }

steps=("$@")
[[ $# -gt 0 ]] || steps=(format vet lint tidy openapi flags manifests links dependencies linked imports tested sbom)

failed=()
for step in "${steps[@]}"; do
  if ! declare -F "$step" >/dev/null; then
    echo "there is no step $step" >&2
    exit 2
  fi
  echo "== $step"
  "$step" || failed+=("$step")
done

if [[ ${#failed[@]} -gt 0 ]]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
echo "all passed"
