#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mkiso.py -- make the bootable image (GRUB, BIOS and UEFI).

usage: mkiso.py OUT.iso lantern.elf initramfs.cpio.gz

The image carries two empty slots, run.cfg and run.cpio.  tools/vm fills them
in its own copy of the image to hand a kernel command line and a command to the
guest; nothing has to be rebuilt for that.  Files of an ISO 9660 image lie in
one piece, so a slot is found by the marker at its start (see iso_slots.py).
"""
import os
import shutil
import subprocess
import sys
import tempfile

import iso_slots

GRUB_CFG = """\
set timeout=0
set default=0
set gfxmode=1024x768x32,1024x768,auto
insmod all_video
set gfxpayload=keep
set args="console=tty0 console=ttyS0 selftest=quick"
set run=""
source /boot/run.cfg
menuentry "Lantern" {
	multiboot2 /boot/lantern.elf $args
	module2 --nounzip /boot/initramfs.cpio.gz initramfs
	if [ -n "$run" ]; then
		module2 --nounzip /boot/run.cpio run
	fi
	boot
}
"""


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def mkrescue():
    for name in ("grub-mkrescue", "grub2-mkrescue", "i686-elf-grub-mkrescue"):
        if shutil.which(name):
            return name
    sys.exit("mkiso: no grub-mkrescue; run tools/setup")


def main(out, kernel, initramfs):
    with tempfile.TemporaryDirectory() as tree:
        boot = os.path.join(tree, "boot")
        os.makedirs(os.path.join(boot, "grub"))
        subprocess.run(["strip", "--strip-debug", "-o",
                        os.path.join(boot, "lantern.elf"), kernel], check=True)
        shutil.copy(initramfs, os.path.join(boot, "initramfs.cpio.gz"))
        write(os.path.join(boot, "run.cfg"), iso_slots.empty_config())
        write(os.path.join(boot, "run.cpio"), iso_slots.empty_archive())
        write(os.path.join(boot, "grub", "grub.cfg"), GRUB_CFG.encode())
        # No fonts, themes or translations: the menu is never seen.
        made = subprocess.run(
            [mkrescue(), "-o", out, "--fonts=", "--themes=", "--locales=",
             "--compress=no", tree], capture_output=True, text=True)
    if made.returncode or not os.path.exists(out):
        sys.exit(f"mkiso: grub-mkrescue failed:\n{made.stderr}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
