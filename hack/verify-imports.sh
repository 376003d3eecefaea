#!/usr/bin/env bash
# Fails where an import goes against the direction that hack/imports.txt gives, and where docs/architecture.md does not have a package of that table.
#
#   hack/verify-imports.sh [TABLE]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
table="${1:-hack/imports.txt}"

go list -f '{{range .Imports}}{{$.ImportPath}} product {{.}}
{{end}}{{range .TestImports}}{{$.ImportPath}} test {{.}}
{{end}}{{range .XTestImports}}{{$.ImportPath}} test {{.}}
{{end}}{{range .Deps}}{{$.ImportPath}} indirect {{.}}
{{end}}{{.ImportPath}} product {{.ImportPath}}' ./... |
  awk -v table="$table" -v module="$(go list -m)/" '
  # covers reports whether a name of the table stands for a package.
  function covers(name, pkg) {
    if (name !~ /\/\.\.\.$/) return name == pkg
    sub(/\.\.\.$/, "", name)
    return index(pkg "/", name) == 1
  }
  # row returns the name of the line about a package: its own, or the longest that covers it.
  function row(pkg,   name, best) {
    if (pkg in allowed) return pkg
    for (name in allowed) if (covers(name, pkg) && length(name) > length(best)) best = name
    return best
  }
  function complain(text) { print text; failed = 1 }

  BEGIN {
    while ((getline line < table) > 0) {
      if (line ~ /^ *(#|$)/) continue
      if (split(line, definition, / = /) == 2) { defined[definition[1]] = definition[2]; continue }
      name = line; sub(/:.*/, "", name); sub(/^[^:]*:/, "", line)
      split(line, sides, /!/); split(sides[1], own, /~/)
      allowed[name] = own[1]; tests[name] = own[2]; denied[name] = sides[2]
      for (word in defined) sub(word, defined[word], denied[name])
      delete sides; delete own
    }
  }
  NF == 3 {
    pkg = $1; imported = $3
    sub(module, "", pkg)
    name = row(pkg)
    if (name == "") { if (!(pkg in unknown)) complain(pkg " has no line in " table); unknown[pkg]; next }
    if (index(imported, module) == 1) {
      sub(module, "", imported)
      if (imported == pkg) next
      if ($2 == "indirect") {
        n = split(denied[name], list, " ")
        for (i = 1; i <= n; i++) if (covers(list[i], imported)) complain(pkg " depends on " imported ", which " table " forbids")
        next
      }
      n = split($2 == "test" ? allowed[name] " " tests[name] : allowed[name], list, " ")
      for (i = 1; i <= n; i++) if (covers(list[i], imported)) next
      complain(pkg " imports " imported ", which " table " does not allow")
    } else if ($2 == "product") {
      n = split(denied[name], list, " ")
      for (i = 1; i <= n; i++) if (index(imported, list[i]) == 1) complain(pkg " imports " imported ", which " table " forbids")
    }
  }
  END { exit failed }' >&2

missing="$(sed -n 's#^\(pkg/[a-z]*\)[:/].*#\1#p' "$table" | while read -r package; do
  grep -q "^| \`$package\` |" docs/architecture.md || echo "$package"
done)"
if [[ -n "$missing" ]]; then
  # shellcheck disable=SC2086 # one line for all
  echo "docs/architecture.md has no row for" $missing >&2
  exit 1
fi
