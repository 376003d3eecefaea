#!/usr/bin/env bash
# Writes the OpenAPI definitions of every type that Plimsoll serves.
#
#   hack/update-openapi.sh [FILE]
#
# FILE is pkg/apiserver/openapi/zz_generated.openapi.go unless it is given. Works offline once the module cache is filled.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
file="${1:-pkg/apiserver/openapi/zz_generated.openapi.go}"

# The tool is built from its own module but runs here: the types come from the versions that the server is built with.
generator="$(go -C hack/tools tool -n openapi-gen)"
"$generator" \
  --output-dir "$(dirname "$file")" \
  --output-file "$(basename "$file")" \
  --output-pkg github.com/plimsoll/plimsoll/pkg/apiserver/openapi \
  --report-filename /dev/null \
  k8s.io/metrics/pkg/apis/metrics/v1 \
  k8s.io/metrics/pkg/apis/metrics/v1beta1 \
  k8s.io/apimachinery/pkg/apis/meta/v1 \
  k8s.io/apimachinery/pkg/api/resource \
  k8s.io/apimachinery/pkg/runtime \
  k8s.io/apimachinery/pkg/version
