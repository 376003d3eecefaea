#!/usr/bin/env bash
# Looks up the server's binary in the database of known vulnerabilities of Go, by the functions that the binary contains. Fails (3) where there is one.
#
#   hack/vulncheck.sh [--required]
#
# The database is the public one; where it cannot be reached, the Go module that it is made from, in its newest version that can be had. Where neither can
# be had, the script says so and succeeds, with --required it fails. Environment:
#   VULNDB   another database, and no other, such as file:///srv/vulndb
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

hack/build.sh "$scratch/plimsoll"
govulncheck="$(go -C hack/tools/vuln tool -n govulncheck)"

# check ends the script when the database could be read: 0 is none found, 3 some.
check() {
  local status=0
  "$govulncheck" -mode binary "$@" "$scratch/plimsoll" 2>"$scratch/error" || status=$?
  [[ "$status" != 0 && "$status" != 3 ]] || exit "$status"
  cat "$scratch/error" >&2
}

if [[ -n "${VULNDB:-}" ]]; then
  check -db "$VULNDB"
else
  check
  if folder="$(cd "$scratch" && go mod download -json golang.org/x/vulndb@latest | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" && [[ -n "$folder" ]]; then
    echo "using ${folder##*/} instead" >&2
    check -db "file://$folder/data/osv"
  fi
fi

echo "NOT RUN: govulncheck, because no database of vulnerabilities can be reached. The lines above say why; VULNDB names another one." >&2
[[ "${1:-}" != --required ]]
