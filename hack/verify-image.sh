#!/usr/bin/env bash
# Fails when two builds of the image differ, when buildah cannot push it, when its labels are incomplete, or when its program does not run by both of its
# names. The second build runs with another umask, another time zone and new files in dist. Needs what hack/image.sh needs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

if grep -E '^FROM ' Dockerfile | grep -vE '^FROM (scratch|[^ ]+@sha256:[0-9a-f]{64})( |$)'; then
  echo "the Dockerfile starts from an image that can change: name it by its digest" >&2
  exit 1
fi

hack/image.sh "$scratch/first.tar"
# Another umask, another time zone, new files in dist.
(umask 077 && rm -rf dist/linux-* && TZ=Asia/Tokyo hack/image.sh "$scratch/second.tar")

if ! cmp "$scratch/first.tar" "$scratch/second.tar"; then
  echo "the two archives differ: the image depends on the machine or on the time of the build" >&2
  exit 1
fi
echo "both builds gave the same bytes"

# As a user pushes it to a registry.
buildah=(buildah --storage-driver vfs --root "$scratch/storage" --runroot "$scratch/run")
"${buildah[@]}" push --quiet "$("${buildah[@]}" pull --quiet "oci-archive:$scratch/first.tar")" "dir:$scratch/pushed"
echo "the archive can be pulled, and pushed elsewhere"

# The content of the image is its compressed layers, one over the other.
mkdir "$scratch/layout" "$scratch/root"
tar --extract --file "$scratch/first.tar" --directory "$scratch/layout"
for blob in "$scratch"/layout/blobs/sha256/*; do
  ! gzip --test "$blob" 2>/dev/null || tar --extract --gzip --file "$blob" --directory "$scratch/root"
done

content="$(cd "$scratch/root" && find . -mindepth 1 -printf '%P %y %m\n' | LC_ALL=C sort)"
if [[ "$content" != $'metrics-server f 755\nplimsoll f 755' ]]; then
  echo "the image has other files than the program under its two names:" "$content" >&2
  exit 1
fi
if [[ ! "$scratch/root/metrics-server" -ef "$scratch/root/plimsoll" ]]; then
  echo "the two names in the image are two files: /metrics-server must be a hard link to /plimsoll" >&2
  exit 1
fi
if ! grep --quiet --recursive --fixed-strings '"Env":["PATH=/"]' "$scratch/layout/blobs"; then
  echo "the image's PATH is not /: a manifest that names the command without its folder fails" >&2
  exit 1
fi
for label in title description source licenses version revision; do
  if ! grep --quiet --recursive --extended-regexp "\"org.opencontainers.image.$label\":\"[^\"]+\"" "$scratch/layout/blobs"; then
    echo "the image does not have the label org.opencontainers.image.$label" >&2
    exit 1
  fi
done
for flag in --version --help; do
  for name in plimsoll metrics-server; do
    # By its path, and as the image's PATH finds it.
    "$scratch/root/$name" "$flag" >"$scratch/$name-by-path"
    env PATH="$scratch/root" "$name" "$flag" >"$scratch/$name"
    cmp "$scratch/$name-by-path" "$scratch/$name"
  done
  if ! diff "$scratch/plimsoll" "$scratch/metrics-server"; then
    echo "$flag depends on the name by which the program is called" >&2
    exit 1
  fi
done
echo "the program runs as /plimsoll and as /metrics-server, which are one file"
