#!/usr/bin/env bash
# Fails when docs/dependencies.md and the direct requirements of the Go modules here differ.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
page=docs/dependencies.md

# The direct requirements of a module: lines without "// indirect", and the modules of its tools.
direct() {
  awk '
    $1 == "tool" && $2 != "(" { tools[$2] }
    $1 == ")" { block = "" }
    block == "tool" { tools[$1] }
    $2 == "(" { block = $1 }
    $1 == "require" && $2 != "(" { version($2, /\/\/ indirect/) }
    block == "require" && NF > 1 && $1 != "require" { version($1, /\/\/ indirect/) }
    function version(module, indirect) { if (indirect) others[module]; else print module }
    # The module of a tool is the longest requirement that its path begins with.
    END { for (t in tools) { best = ""; for (m in others) if ((t == m || index(t, m "/") == 1) && length(m) > length(best)) best = m; if (best != "") print best } }
  ' "$1"
}

required="$(git ls-files --cached --others --exclude-standard -- go.mod '*/go.mod' |
  while read -r file; do direct "$file"; done | sort -u)"
# shellcheck disable=SC2016 # the backquotes are those of the page
described="$(sed -n 's/^| `\([^`]*\)` .*/\1/p' "$page" | sort -u)"

if ! diff <(echo "$described") <(echo "$required"); then
  echo "$page (<) and the go.mod files (>) differ: give every direct requirement one row with the reason for it" >&2
  exit 1
fi
