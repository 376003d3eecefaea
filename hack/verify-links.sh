#!/usr/bin/env bash
# Fails when a Markdown page links to a file or a heading of this repository that does not exist, or names a test that the linked file does not have.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The anchors of a page, as code hosts make them: lower case, no punctuation, dashes for spaces.
anchors() {
  sed -n 's/^##* *//p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

failed=0
while read -r page; do
  while read -r link; do
    path="${link%%#*}"
    file="$page"
    [[ -z "$path" ]] || file="$(dirname "$page")/$path"
    if [[ ! -e "$file" ]]; then
      echo "$page links to $link, which does not exist" >&2
      failed=1
    elif [[ "$link" == *#* ]] && ! anchors "$file" | grep -qxF -- "${link#*#}"; then
      echo "$page links to $link, but the page has no such heading" >&2
      failed=1
    fi
  done < <(grep -oE '\]\([^)[:space:]]+' "$page" | cut -c3- | grep -vE '^[a-z]+:' || true)
  while IFS=' ' read -r name path; do
    if ! grep -qE "^func $name\\(" "$(dirname "$page")/$path"; then
      echo "$page links to $path for $name, which that file does not have" >&2
      failed=1
    fi
  done < <(grep -oE '\[`(Test|Fuzz)[A-Za-z0-9_]+`\]\([^)]+' "$page" | sed 's/^\[`//; s/`\](/ /' || true)
done < <(git ls-files --cached --others --exclude-standard -- '*.md')
exit "$failed"
