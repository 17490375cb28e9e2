# SPDX-License-Identifier: MIT
"""iso_slots.py -- the two blanks on the boot image that a run fills in.

run.cfg is GRUB script that may set `args` (the kernel's command line) and
`run`; run.cpio is a second initramfs, loaded only when `run` is not empty.
Both are padded to a fixed size and found by their markers.
"""
CONFIG_MARK = b"# lantern-run-slot: config\n"
ARCHIVE_MARK = b"lantern-run-slot: archive\n"
CONFIG_SIZE = 8 << 10
ARCHIVE_SIZE = 4 << 20


def empty_config():
    return CONFIG_MARK.ljust(CONFIG_SIZE, b"\n")


def empty_archive():
    return ARCHIVE_MARK.ljust(ARCHIVE_SIZE, b"\0")


def grub_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def _fill(image, mark, size, data, pad):
    at = image.find(mark)
    if at < 0:
        raise ValueError("the image has no slot for it; make it again")
    if len(data) > size:
        raise ValueError(f"{len(data)} bytes do not fit the slot of {size}")
    image[at:at + size] = data.ljust(size, pad)


def fill(image, args, archive):
    """Write command line and cpio archive (may be empty) into a bytearray."""
    config = f"set args={grub_quote(args)}\n".encode()
    if archive:
        config += b"set run=yes\n"
        _fill(image, ARCHIVE_MARK, ARCHIVE_SIZE, archive, b"\0")
    _fill(image, CONFIG_MARK, CONFIG_SIZE, config, b"\n")
