#!/usr/bin/env bash
# Builds the container image and writes it as an OCI archive. The same commit gives the same bytes.
#
#   hack/image.sh [ARCHIVE]
#
# ARCHIVE is dist/plimsoll-linux-$GOARCH.tar unless it is given. Environment:
#   GOARCH    the architecture to build for (default: this machine's)
#   VERSION   the version to stamp (default: from git describe)
#   MAIN      the package to build (default: ./cmd/plimsoll)
#   SOURCE_DATE_EPOCH  the one time in the image, in Unix seconds (default: that of the commit)
#
# Needs go and Debian's buildah. Nothing is pulled, no engine runs, and buildah's own storage is left alone.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v buildah >/dev/null; then
  echo "buildah is missing; install it with: sudo apt-get install --no-install-recommends buildah" >&2
  exit 1
fi

arch="${GOARCH:-$(go env GOARCH)}"
archive="$(realpath -m "${1:-dist/plimsoll-linux-$arch.tar}")"
revision="$(git rev-parse --verify --quiet HEAD || echo unknown)"
version="${VERSION:-$(git describe --tags --match 'v*' --dirty 2>/dev/null || echo v0.0.0-dev)}"
epoch="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"

echo "building plimsoll $version for linux/$arch"
GOOS=linux GOARCH="$arch" hack/build.sh "dist/linux-$arch/plimsoll" -buildvcs=false -ldflags "-s -w -buildid= $(hack/stamp.sh)"
ln -f "dist/linux-$arch/plimsoll" "dist/linux-$arch/metrics-server"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
buildah=(buildah --storage-driver vfs --root "$scratch/root" --runroot "$scratch/run")

echo "building the image"
image="$("${buildah[@]}" build --quiet --isolation chroot --format oci --identity-label=false --timestamp "$epoch" \
  --platform "linux/$arch" --build-arg VERSION="$version" --build-arg REVISION="$revision" .)"

# Pushed as a directory and packed here, because an archive that buildah packs contains the time of day.
"${buildah[@]}" push --quiet --format oci --digestfile "$scratch/digest" "$image" "oci:$scratch/layout:$version"
mkdir -p "$(dirname "$archive")"
tar --create --file "$archive" --directory "$scratch/layout" --sort=name --mtime="@$epoch" \
  --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX .

echo "wrote $archive"
echo "digest $(<"$scratch/digest")"
