# SPDX-License-Identifier: MIT
"""images.py -- disk images and guests for the tests of disks

The host's own e2fsprogs are the judge: mke2fs makes an image, e2fsck -fn says
whether it is consistent, debugfs reads it without either kernel.
LANTERN_TEST_BOOT=linux runs the same tests on Debian's Linux.
"""
import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
import uuid
import zlib

import guest
from guest import Guest
from machine import CannotRun, Machine, ROOT

BOOT = os.environ.get("LANTERN_TEST_BOOT", "kernel")
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def tool(*command, check=True, **options):
    """Run one of e2fsprogs' (or another) program; return its output."""
    if not shutil.which(command[0], path=PATH):
        raise CannotRun(f"no {command[0]}: run tools/setup")
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=dict(os.environ, PATH=PATH), **options)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n"
                             + done.stdout[-3000:])
    return done.stdout


@contextlib.contextmanager
def scratch():
    """A folder for one test's images."""
    with tempfile.TemporaryDirectory(prefix="lantern-disks-") as folder:
        yield folder


def blank(folder, name="disk.img", size="64M"):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.truncate(int(size[:-1]) << {"K": 10, "M": 20, "G": 30}[size[-1]])
    return path


def make_ext2(folder, name="disk.img", size="64M", *options):
    path = blank(folder, name, size)
    tool("mke2fs", "-q", "-F", "-t", "ext2", *options, path)
    return path


def write_mbr(path, parts):
    """A DOS partition table; parts are (first sector, sectors)."""
    entries = b"".join(struct.pack("<B3xB3xII", 0, 0x83, first, count)
                       for first, count in parts)
    with open(path, "r+b") as f:
        f.seek(440)
        f.write(struct.pack("<IH", 0x1A17E124, 0) + entries.ljust(64, b"\0")
                + b"\x55\xAA")


def write_gpt(path, parts):
    """A GUID partition table, main and backup."""
    linux = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4").bytes_le
    entries = b"".join(
        linux + uuid.UUID(int=n + 1).bytes_le
        + struct.pack("<QQQ", first, first + count - 1, 0)
        + f"part{n + 1}".encode("utf-16-le").ljust(72, b"\0")
        for n, (first, count) in enumerate(parts)).ljust(128 * 128, b"\0")
    last = os.path.getsize(path) // 512 - 1

    def header(here, other, table):
        def pack(crc):
            return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92,
                               crc, 0, here, other, 34, last - 33,
                               uuid.UUID(int=99).bytes_le, table, 128, 128,
                               zlib.crc32(entries))
        return pack(zlib.crc32(pack(0))).ljust(512, b"\0")
    with open(path, "r+b") as f:
        f.seek(446)
        f.write(struct.pack("<B3xB3xII", 0, 0xEE, 1, last).ljust(64, b"\0")
                + b"\x55\xAA" + header(1, last, 2) + entries)
        f.seek((last - 32) * 512)
        f.write(entries + header(last, 1, last - 32))


def assert_clean(path):
    """e2fsck finds nothing to say, and the disk was unmounted."""
    tool("e2fsck", "-fn", path)
    assert "clean" in state(path), f"{path}: state is {state(path)}"


def state(path):
    for line in tool("dumpe2fs", "-h", path).splitlines():
        if line.startswith("Filesystem state:"):
            return line.partition(":")[2].strip()
    return "?"


def repair(path):
    """What a boot does: e2fsck -p.  More than 1 means a person is needed."""
    done = subprocess.run(["e2fsck", "-p", path], capture_output=True,
                          text=True, env=dict(os.environ, PATH=PATH))
    assert done.returncode < 4, f"e2fsck -p: {done.returncode}\n{done.stdout}"
    return done.stdout


def root_image():
    path = os.path.join(ROOT, "build", "root.img")
    if not os.path.exists(path):
        raise CannotRun("no build/root.img: make root")
    return path


def machine(**options):
    options.setdefault("boot", BOOT)
    if options["boot"] != "linux":
        options.setdefault("append", "selftest=off")
    return Machine(**options)


def run(script, limit=120, on_output=None, **options):
    """Run a script in a guest; return (status, output, log).

    on_output(guest, text so far) is called when the guest has said more.
    """
    m = machine(**options)
    m.files["etc/lantern/script"] = script.encode()
    output = bytearray()
    with Guest(m) as vm:
        def heard(data):
            output.extend(data)
            if on_output:
                on_output(vm, output.decode(errors="replace"))
        vm.output = heard
        status = vm.wait(limit)
        log = bytes(vm.console.data).decode(errors="replace")
        if status in guest.REASONS:
            log = "\n".join([guest.REASONS[status], vm.tail(), *vm.where()])
    return status, output.decode(errors="replace"), log


def succeed(script, limit=120, **options):
    """Run a script that must succeed, in a kernel that must not complain."""
    status, output, log = run(script, limit, **options)
    assert status == 0, f"status {status}\n{output[-2000:]}\n{log[-3000:]}"
    for word in ("BUG:", "WARNING:", "Oops:"):
        assert word not in log, f"{word} in\n{log[-4000:]}"
    return output
