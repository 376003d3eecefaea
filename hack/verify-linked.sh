#!/usr/bin/env bash
# Fails when the server has code that calls methods by names that are known only at run time, as text/template does. The linker then has to
# keep every exported method of every type: the binary and its resident part are half as large again. The request traces
# of grpc are such code, hence the tag in hack/build.sh.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

output="$(mktemp)"
trap 'rm -f "$output"' EXIT

if ! hack/build.sh /dev/null -ldflags -dumpdep >"$output" 2>&1; then
  tail -n 20 "$output" >&2
  exit 1
fi
callers="$(sed -n 's/ <[A-Za-z<>]*ReflectMethod>.*//p' "$output" | sort -u)"

if [[ -n "$callers" ]]; then
  echo "$callers"
  echo "the functions above keep every method in the binary: find the new import that has them, and remove it" >&2
  exit 1
fi
