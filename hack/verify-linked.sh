#!/usr/bin/env bash
# Fails when something in the server calls methods by names that are made at run time, as text/template does. The linker then has to
# keep every exported method of every type: the binary is half as large again, and so is what of it is resident. The request traces
# of grpc are one such thing, hence the tag in hack/build.sh.
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
  echo "the functions above keep every method in the binary: see which new import brings them, and do without it" >&2
  exit 1
fi
