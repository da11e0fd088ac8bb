#!/bin/bash
# Make the lab server's Vagrant boxes: Debian 13 from Debian's packages, provisioned.
#
#   build.sh SOURCES OUT VERSION
#
# SOURCES is a directory that holds what server/Dockerfile is given (provision.sh,
# files, shelf, project) and box/, this directory. Leaves in OUT a box for libvirt
# and one for VirtualBox. Needs no root, no loop device and no mount; what it needs,
# `server/host-setup.sh box` installs. Lines of progress begin with "box: ".
set -Eeuo pipefail
trap 'echo "box/build.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR
PATH=$PATH:/usr/sbin:/sbin
sources=$(cd "${1:?usage: build.sh SOURCES OUT VERSION}" && pwd)
out=$(mkdir -p "${2:?}" && cd "$2" && pwd)
version=${3:?}
here=$sources/box

gigabytes=8
disk_id=6f626f78 # "obox": kernel and fstab find the disk by it, on any hypervisor
work=$(mktemp -d "${TMPDIR:-/tmp}/open-box.XXXXXX")
# What an unprivileged build extracted belongs to others: removed as it was made.
trap 'as_builder rm -rf "$work/root"; rm -rf "$work"' EXIT
chmod 755 "$work" # the builder of an unprivileged build is somebody else

# Run a command where the files of the server may belong to anybody: as root, or
# as root of a user namespace.
as_builder() {
    if [ "$(id -u)" = 0 ]; then "$@"; else mmdebstrap --unshare-helper "$@"; fi
}

# The new system sees of this computer's environment what leads out of a company.
network=()
for name in http_proxy https_proxy no_proxy PIP_INDEX_URL; do
    [ -z "${!name:-}" ] || network+=("$name='${!name}'")
done
inside="env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin ${network[*]:-}"

echo "box: Debian 13 from its packages"
packages=$(grep -hv '^#' "$here/packages.txt" | paste -sd,)
tar -C "$here/root" --owner=0 --group=0 --mode=u+rwX,go=rX -cf "$work/overlay.tar" .
# The initramfs is made once, at the end: it must know the overlay's settings.
mmdebstrap --variant=apt --quiet --skip=cleanup/apt/lists --aptopt='Apt::Install-Recommends "false"' \
    --include="$packages" \
    --essential-hook="mkdir -p \"\$1/opt/build\"" \
    --essential-hook="tar-in $work/overlay.tar /" \
    --customize-hook='chroot "$1" apt modernize-sources --assume-yes >/dev/null 2>&1' \
    --customize-hook="sync-in $sources /opt/build" \
    --customize-hook="$inside chroot \"\$1\" /opt/build/box/inside.sh" \
    trixie "$work/root.tar"

echo "box: the disk"
mkdir "$work/root"
as_builder tar -C "$work/root" --numeric-owner --xattrs --exclude='./dev/*' -xf "$work/root.tar"
truncate -s "${gigabytes}G" "$work/disk.raw"
printf 'label-id: 0x%s\n2048,,L,*\n' "$disk_id" | sfdisk --quiet --label dos "$work/disk.raw"
# Without what GRUB 2.06 can't read. The file is all zeros, so nothing need be cleared.
chmod 666 "$work/disk.raw"
as_builder mke2fs -q -t ext4 -L root -O ^metadata_csum_seed,^orphan_file \
    -E offset=1048576,assume_storage_prezeroed=1 \
    -d "$work/root" "$work/disk.raw" "$((gigabytes * 1024 - 1))M"
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$work/core.img" \
    biosdisk part_msdos ext2 linux normal
dd if=/usr/lib/grub/i386-pc/boot.img of="$work/disk.raw" bs=1 count=440 conv=notrunc status=none
dd if="$work/core.img" of="$work/disk.raw" bs=512 seek=1 conv=notrunc status=none

echo "box: for libvirt"
mkdir "$work/libvirt" "$work/virtualbox"
qemu-img convert -f raw -O qcow2 "$work/disk.raw" "$work/libvirt/box.img"
printf '{"provider":"libvirt","format":"qcow2","virtual_size":%d}\n' "$gigabytes" >"$work/libvirt/metadata.json"
cp "$here/info.json" "$work/libvirt/"
tar -C "$work/libvirt" -cf - metadata.json info.json box.img | gzip -6 >"$out/open-box-$version-libvirt.box"

echo "box: for VirtualBox (untested)"
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized "$work/disk.raw" "$work/virtualbox/disk.vmdk"
sed -e "s/@SIZE@/$(stat -c %s "$work/virtualbox/disk.vmdk")/" \
    -e "s/@CAPACITY@/$((gigabytes * 1024 * 1024 * 1024))/" "$here/virtualbox.ovf" >"$work/virtualbox/box.ovf"
echo '{"provider":"virtualbox"}' >"$work/virtualbox/metadata.json"
cp "$here/info.json" "$work/virtualbox/"
# Its disk is compressed already.
tar -C "$work/virtualbox" -cf - metadata.json info.json box.ovf disk.vmdk | gzip -1 >"$out/open-box-$version-virtualbox.box"
