#!/bin/bash
# Fill the shelf: what the labs install, kept on the server, so that a lab needs
# no network.
#
#   build.sh DIRECTORY      as root, on a provisioned Debian 13 with a network
#
# Leaves DIRECTORY/debs (an apt repository) and DIRECTORY/wheels. A certificate
# authority beside this script as ca.crt is trusted for the downloads.
set -Eeuo pipefail
trap 'echo "shelf/build.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shelf=${1:?usage: build.sh DIRECTORY}
export DEBIAN_FRONTEND=noninteractive

mkdir -p "$shelf/debs/partial" "$shelf/wheels"
apt-get update --quiet=2
while read -r line; do
    echo "shelf: $line"
    # shellcheck disable=SC2086
    apt-get install --quiet=2 --yes --no-install-recommends --download-only \
        -o Dir::Cache::archives="$shelf/debs" $line >/dev/null
done < <(grep -v '^#' "$here/debs.txt")
rm -rf "$shelf/debs/partial" "$shelf/debs/lock"

# The index says Debian's name and suite, since that is what the files are:
# apt's own rules about origins then hold for the shelf too.
cd "$shelf/debs"
apt-ftparchive packages . >Packages
apt-ftparchive -o APT::FTPArchive::Release::Origin=Debian \
    -o APT::FTPArchive::Release::Label=Debian \
    -o APT::FTPArchive::Release::Suite=stable \
    -o APT::FTPArchive::Release::Codename=trixie \
    release . >Release.new
mv Release.new Release

echo "shelf: Python packages"
apt-get install --quiet=2 --yes --no-install-recommends python3-pip >/dev/null
[ ! -s "$here/ca.crt" ] || export PIP_CERT=$here/ca.crt
python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir \
    --only-binary :all: --require-hashes \
    --dest "$shelf/wheels" --requirement "$here/wheels.txt"
