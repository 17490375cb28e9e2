# SPDX-License-Identifier: MIT
"""broken_rings.py -- a virtio disk writes nonsense into its used ring

The device is a thread of this process (tools/vhost_disk.py): it answers truly,
but for some sectors.  Nothing that it says of those is believed: the queue is
marked broken with one line, the device reset, the request asked once more; a
second lie is an I/O error.  What was not read is not shown to anybody.
"""
import hashlib
import os
import re

import images
import vhost_disk
from images import scratch
from machine import CannotRun

MEM = "128M"

SCRIPT = r"""
echo 1000 > /sys/block/vda/queue/io_timeout
r() { dd if=/dev/vda of=/tmp/got bs=4k iflag=direct count=1 skip=$1 2>/tmp/said
	echo "$2 $? $(wc -c </tmp/got) $(md5sum </tmp/got)"
	grep -o 'Input/output error' /tmp/said; true; }
"""


def sum_of(page):
    """Of what that page holds."""
    return hashlib.md5(b"".join(vhost_disk.Disk.sector(n) for n in range(
        8 * page, 8 * page + 8))).hexdigest()


def serve(lies, script, **more):
    """Run it with a disk that lies so; the output, the log, what was told."""
    if images.BOOT == "linux":
        raise CannotRun("Linux breaks the queue, but never resets the device")
    with scratch() as folder:
        sock = os.path.join(folder, "liar")
        with vhost_disk.Disk(sock) as disk:
            disk.lies = {8 * page: lie for page, lie in lies.items()}
            status, out, log = images.run(SCRIPT + script, mem=MEM,
                                          extra=disk.arguments(MEM), **more)
    assert disk.broken is None, disk.broken
    assert status == 0, f"{status}\n{out}\n{log[-3000:]}"
    for word in ("BUG:", "WARNING:", "Oops:"):
        assert word not in log, f"{word} in\n{log[-4000:]}"
    return out, log, disk.told


# What the log says of each, and how often in it.
SAID = {"ahead": "used index ran ahead to", "behind": "used index ran ahead to",
        "no_such_buffer": "returned what it does not have:",
        "never_offered": "returned what it does not have:",
        "huge_length": "says that it wrote",
        "twice": "returned what it does not have:", "silence": None}


def test_each_lie_is_an_error_and_the_disk_goes_on():
    lies, script, page = {}, "", 16
    for lie in SAID:
        once, always = page, page + 16
        lies[once], lies[always] = (lie, 1), (lie, 1000)
        script += f"r {once} {lie}-1; r {always} {lie}; r {page + 1} then\n"
        page += 32
    out, log, told = serve(lies, script)
    page = 16
    for lie, words in SAID.items():
        # Once: the same request is asked once more.
        assert f"{lie}-1 0 4096 {sum_of(page)}" in out, f"{lie}: {out}"
        assert f"then 0 4096 {sum_of(page + 1)}" in out, f"{lie}: {out}"
        if lie == "twice":              # the first time is the truth
            assert f"{lie} 0 4096 {sum_of(page + 16)}" in out, out
        else:
            assert re.search(rf"{lie} 1 0 .*\nInput/output error", out), out
        assert told.count(lie) >= 2, told
        page += 32
    broken = log.count("marked broken")
    assert broken >= 3 * 5 and log.count("resetting the device") >= broken, log
    for words in SAID.values():
        assert words is None or words in log, f"{words}: {log[-3000:]}"


def test_others_do_not_suffer_and_the_cache_keeps_nothing_false():
    """Four readers, and one page that is lied about, through the page cache."""
    script = r"""
        for i in 0 1 2 3; do
            (dd if=/dev/vda bs=64k count=4 skip=$((i * 4)) 2>/dev/null |
                md5sum | sed "s/^/part $i /") &
        done
        dd if=/dev/vda bs=4k skip=480 count=1 of=/tmp/got 2>/dev/null
        echo bad $? $(wc -c </tmp/got); wait
        dd if=/dev/vda bs=4k skip=480 count=1 2>/dev/null | wc -c
        grep -c 'lie!' /tmp/got; true"""
    # Page 480 is far behind all that the readers' read-ahead may ask for.
    out, log, told = serve({480: ("huge_length", 1000), 20: ("ahead", 1)},
                           script, smp=4)
    for part in range(4):
        wanted = hashlib.md5(b"".join(vhost_disk.Disk.sector(n) for n in range(
            512 * part, 512 * part + 512))).hexdigest()
        assert f"part {part} {wanted}" in out, out
    assert "bad 1 0" in out and out.split()[-2:] == ["0", "0"], out
    assert "huge_length" in told, told
