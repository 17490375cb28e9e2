# SPDX-License-Identifier: MIT
"""blocks.py -- programs of tests/user that want a disk, given one.

LANTERN_TEST_BOOT=linux asks Debian's Linux.
"""
import re

import tap
from images import assert_clean, make_ext2, scratch, succeed


def run(program, *more):
    with scratch() as folder:
        disks = [make_ext2(folder, "d.img"), make_ext2(folder, "spoilt.img")]
        out = succeed("mount -t ext2 /dev/vdb /mnt\n"
                      f"TEST_DIR=/mnt BLOCK_DISK=vdc /tests/{program}\n"
                      + "\n".join(more) + "\numount /mnt", disks=disks, smp=4)
        assert_clean(disks[0])
    results = tap.parse(out, program)
    assert results and "not ok" not in out, out
    return out


def test_requests_merge_and_spread_over_queues():
    """AP100, AP101, AP102: each queue of the disk has been used."""
    out = run("blocks", "grep 'virtio2-req' /proc/interrupts")
    used = re.findall(r"^ *\d+: ([\d ]+) .*virtio2-req", out, re.M)
    assert len(used) == 4, out
    assert all(sum(map(int, line.split())) > 0 for line in used), out


def test_a_log_that_is_synced_writes_no_inode():
    """AP098."""
    assert "SKIP" not in run("bdb_log")


def test_files_on_a_disk_have_handles():
    assert "SKIP" not in run("handles")
