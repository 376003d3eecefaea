#!/usr/bin/env bash
# Runs suites of tests. Which packages belong to a suite follows from where they are, so that a new package is tested without being named anywhere;
# hack/verify-tested.sh proves that no test file is left out.
#
#   hack/test.sh [--files] SUITE...
#
# With --files the test files are printed that the suites compile, instead of being run. The suites are:
#   plain        tests that the race detector cannot run: files with the build constraint !race
#   unit         everything that is not below test/integration, test/engines, test/clients or test/e2e, with the race detector
#   integration  what needs a real control plane: everything below test/integration but the next two. WATCH_MINUTES in the environment is how long
#                informers are compared with lists; 2 by default.
#   faults       kubelets, clients and the world misbehave: everything below test/integration/faults. FULL=1 in the environment is the full form,
#                CONTINUE=1 and MINUTES divide it into pieces: docs/reliability.md
#   engines      real engines that Plimsoll writes to and reads from: everything below test/engines. FULL=1 in the environment is the full form.
#   clients      real clients that read the API: everything below test/clients. FULL=1 in the environment is the full form.
#   soak         random faults for half an hour: test/integration/soak. SEED, NODES, PODS, MINUTES and RESOLUTION in the environment change it.
#   e2e          what needs a real node, and root: everything below test/e2e
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

light() { go list ./... | grep -vE '/test/(integration|engines|clients|e2e)(/|$)'; }

# Leaves out, where a full run is continued, the packages whose table has rows. Package faults does so attack by attack.
unmeasured() {
  local package
  while read -r package; do
    [[ "${CONTINUE:-}" == 1 && -s "${PLIMSOLL_REPORT:-}/${package##*/}.jsonl" ]] || echo "$package"
  done
}

packages() {
  case "$1" in
    plain) git ls-files --cached --others --exclude-standard -- '*_test.go' | xargs grep -l '^//go:build !race$' | xargs -n 1 dirname | sort -u | sed 's#^#./#' ;;
    unit) light ;;
    integration) go list ./test/integration/... | grep -vE '/test/integration/(faults|soak)(/|$)' ;;
    faults) go list ./test/integration/faults/... | unmeasured ;;
    engines) echo ./test/engines/... ;;
    clients) echo ./test/clients/... ;;
    soak) echo ./test/integration/soak/... ;;
    e2e) echo ./test/e2e/... ;;
    *)
      echo "there is no suite $1" >&2
      exit 2
      ;;
  esac
}

# The flags of go test. Without the race detector they are those of hack/build.sh, so that a package is compiled once for the tests, the server and the
# control plane. The cache of go test does not know of the programs that integration and e2e build and run: without -count=1 it would repeat
# old results.
flags() {
  case "$1" in
    unit) echo -race ;;
    plain) echo "$shipped" ;;
    integration)
      local limit=15m
      [[ -z "${WATCH_MINUTES:-}" ]] || limit=60m
      echo "$shipped -count=1 -p 1 -timeout $limit"
      ;;
    faults)
      local limit=15m
      [[ "${FULL:-}" != 1 ]] || limit="3h -v"
      echo "$shipped -count=1 -p 1 -timeout $limit"
      ;;
    engines) echo "$shipped -count=1 -p 2 -timeout 60m -v" ;;
    clients) echo "$shipped -count=1 -p 1 -timeout 60m -v" ;;
    soak) echo "$shipped -count=1 -p 1 -timeout 90m -v" ;;
    e2e) echo "$shipped -count=1 -p 1 -timeout 30m -v" ;;
  esac
}
shipped="-trimpath -tags=grpcnotrace"

# The test files that a suite compiles.
files() {
  local race=()
  [[ "$1" != unit ]] || race=(-race)
  # shellcheck disable=SC2046 # each word is a package
  go list "${race[@]}" -f '{{$dir := .Dir}}{{range .TestGoFiles}}{{$dir}}/{{.}}
{{end}}{{range .XTestGoFiles}}{{$dir}}/{{.}}
{{end}}' $(packages "$1") | sed "/^$/d; s#^$PWD/##"
}

run() {
  local cgo=0
  [[ "$1" != unit ]] || cgo=1 # The race detector is written in C.
  # shellcheck disable=SC2046 # each word is a flag or a package
  CGO_ENABLED="$cgo" go test $(flags "$1") $(packages "$1")
}

action=run
if [[ "${1:-}" == --files ]]; then
  action=files
  shift
fi
for suite in "$@"; do
  "$action" "$suite"
done
