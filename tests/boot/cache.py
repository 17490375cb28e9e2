# SPDX-License-Identifier: MIT
"""cache.py -- the page cache and writeback, seen from the disk's side.

The disk is a file of the host: what the guest has written is there, what it
has only promised to write is not.
"""
import os
import tempfile
import time

import guest
from guest import Guest
from machine import Machine

MIB = 1 << 20


def run(script, disk, limit=90, watch=None, **machine):
    """Boot with the disk as /dev/vdb, run the script; its output."""
    m = Machine(boot="kernel", disks=[disk], append="selftest=off", **machine)
    m.files["etc/lantern/cmd"] = script.encode()
    output = bytearray()
    with Guest(m, output=output.extend) as vm:
        end = time.monotonic() + limit
        while watch and time.monotonic() < end and not vm.is_off():
            vm.pump(0.2)
            watch(bytes(output))
        status = vm.wait(limit)
    text = output.decode(errors="replace")
    assert status == 0, f"status {status} {guest.REASONS.get(status)}\n{text}"
    return text


def disk_of(data):
    f = tempfile.NamedTemporaryFile(suffix=".img")
    f.write(data)
    f.flush()
    return f


def first_bytes(path, n=6):
    with open(path, "rb") as f:
        return f.read(n)


def test_a_write_reaches_the_disk_by_itself():
    seen = {}
    script = """
exec 3<>/dev/vdb
echo 100 > /proc/sys/vm/dirty_writeback_centisecs
echo 500 > /proc/sys/vm/dirty_expire_centisecs
printf mmap! 1>&3
echo written
sleep 2
echo early
sleep 6
echo late
"""
    with disk_of(bytes(4 * MIB)) as disk:
        def watch(output):
            for word in (b"early", b"late"):
                if word in output and word not in seen:
                    seen[word] = first_bytes(disk.name, 5)
        run(script, disk.name, watch=watch)
    assert seen.get(b"early") == bytes(5), seen
    assert seen.get(b"late") == b"mmap!", seen


def test_what_is_in_memory_is_not_read_again():
    data = os.urandom(8 * MIB)
    script = """
exec 3<>/dev/vdb
reads() { cat /dev/vdb > /dev/null; awk '{ print "sectors", $3 }' /sys/block/vdb/stat; }
reads; reads
echo 1 > /proc/sys/vm/drop_caches
reads
awk '{ print "requests", $1 }' /sys/block/vdb/stat
"""
    with disk_of(data) as disk:
        text = run(script, disk.name)
    words = text.split()
    first, second, third = (int(words[i]) for i in (1, 3, 5))
    assert first >= 8 * MIB // 512, text
    assert second == first, text
    assert third - second >= 8 * MIB // 512, text
    # Read-ahead makes large requests of it: 128 KiB each, at least 64.
    assert int(words[7]) < 2 * (8 * MIB >> 16), text


def test_memory_smaller_than_what_is_written():
    script = """
exec 3<>/dev/vdb
dd if=/dev/zero bs=1M count=48 2>/dev/null | tr '\\0' x | dd of=/dev/vdb bs=64k 2>/dev/null
awk '/^(Dirty|Writeback):/ { s += $2 } END { print "dirty", s }' /proc/meminfo
sync
awk '/^(Dirty|Writeback):/ { s += $2 } END { print "dirty", s }' /proc/meminfo
"""
    with disk_of(bytes(48 * MIB)) as disk:
        text = run(script, disk.name, mem="32M", smp=2)
        words = text.split()
        assert int(words[1]) < 10000 and int(words[3]) == 0, text
        with open(disk.name, "rb") as f:
            assert f.read() == b"x" * (48 * MIB)


def test_a_write_that_fails_is_told_to_who_waits():
    script = """
exec 3<>/dev/vdb
put() { dd if=/dev/zero of=/dev/vdb bs=4k count=1 seek=$1 conv=notrunc$2 2>/dev/null; echo $?; }
put 256 ,fsync; put 512 ,fsync; put 256; sync; put 512 ,fsync
awk '/^(Dirty|Writeback):/ { s += $2 } END { print "dirty", s }' /proc/meminfo
"""
    with disk_of(bytes(4 * MIB)) as disk, tempfile.NamedTemporaryFile("w") as bad:
        bad.write('[inject-error]\nevent = "pwritev"\nerrno = "5"\n'
                  'sector = "2048"\n')
        bad.flush()
        text = run(script, f"{disk.name},blkdebug={bad.name}")
    # The third write met its error when nobody waited: told at the next open's
    # fsync, for nobody had heard of it.
    assert text.split() == ["1", "0", "0", "1", "dirty", "0"], text
