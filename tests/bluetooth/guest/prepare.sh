#!/usr/bin/env bash
# Makes a kernel with hci_vhci and an initrd for the guest in which the real bluetoothd is tested.
# usage: prepare.sh FOLDER    Needs apt (Debian), busybox-static, kmod, cpio. Installs nothing.
set -euo pipefail
folder=$(realpath -m "$1")
[ -s "$folder/initrd.gz" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ {print $2; exit}')
version=${package#linux-image-}
(cd "$work" && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb kernel)
cp "$work/kernel/boot/vmlinuz-$version" "$folder/vmlinuz"
depmod -b "$work/kernel" "$version"

root=$work/initrd
mkdir -p "$root"/{bin,proc,sys,dev,modules,host}
cp /bin/busybox "$root/bin/"
modules="virtio_pci 9pnet_virtio 9p virtio_rng crc16 cmac ecb ecdh_generic algif_hash algif_skcipher uhid bluetooth hci_vhci"
for module in $modules; do
  modprobe -d "$work/kernel" -S "$version" -D "$module" | awk '/^insmod/ {print $2}'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" "$root/modules/"
  basename "$file"
done >"$root/modules/order"

# The host's root, read only, becomes the guest's; what must be written to is in memory. /tmp may hold this clone.
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod /modules/$module || echo "insmod $module failed"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 root /host || exec $b poweroff -f
for folder in run var/lib/bluetooth; do $b mount -t tmpfs tmpfs /host/$folder; done
for folder in proc sys dev; do $b mount --move /$folder /host/$folder; done
exec $b switch_root /host /bin/sh "$($b sed -n 's/.*guest=\([^ ]*\).*/\1/p' /host/proc/cmdline)"
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$folder/initrd.gz.part"
mv "$folder/initrd.gz.part" "$folder/initrd.gz"
