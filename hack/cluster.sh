#!/usr/bin/env bash
# Builds the command test/cmd/cluster into bin/ and becomes it. The first build takes minutes, and prints its progress.
#
#   hack/cluster.sh ARGUMENT...
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# The flags are those of the server and the parts of the control plane, so that common packages are compiled once.
export CGO_ENABLED=0
flags=(-trimpath -tags grpcnotrace)

packages="$(go list "${flags[@]}" -deps -f '{{if .Stale}}{{.ImportPath}}{{end}}' ./test/cmd/cluster | wc -l)"
if ((packages >= 100)); then
  echo "building the command for this, $packages packages, once"
  # What the control plane is built from is fetched meanwhile, where it will be built. Ctrl-C does not reach a process in the background: the fetch is
  # ended with this script, and before the command takes the script's place, which fetches itself what is missing.
  case "${1:-}" in
    demo | up | bench | parts)
      go -C test/framework/parts/controlplane list -deps tool >/dev/null 2>&1 &
      trap 'kill "$!" 2>/dev/null || true' EXIT
      ;;
  esac
  compiled=0
  go build "${flags[@]}" -v -o bin/cluster ./test/cmd/cluster 2>&1 | while read -r line; do
    if [[ "$line" == *[\ :]* ]]; then
      echo "$line"
    elif ((++compiled % 100 == 0)); then
      echo "$compiled of $packages packages are compiled"
    fi
  done
  [[ -z "${!:-}" ]] || kill "$!" 2>/dev/null || true
else
  go build "${flags[@]}" -o bin/cluster ./test/cmd/cluster
fi
exec bin/cluster "$@"
