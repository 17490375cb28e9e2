# SPDX-License-Identifier: MIT
"""disks.py -- what is written is there: round trips, power cuts, bad disks.

Every test ends with the host's e2fsck, which never saw the guest's kernel.
LANTERN_CUTS=N makes more power cuts than CI does; LANTERN_TEST_BOOT=linux asks
Debian's Linux the same questions.
"""
import hashlib
import os
import random
import re
import shutil
import subprocess
import threading
import time
import zlib

import guest
import images
import nbd
from guest import Guest
from images import assert_clean, make_ext2, scratch, succeed, tool
from machine import CannotRun

CUTS = int(os.environ.get("LANTERN_CUTS", "4"))

# A bit of everything that a file system can hold.
TREE = r"""
set -e
mount -t ext2 /dev/vdb /mnt
cd /mnt
mkdir -p a/b/c/d/e many
for n in 0 1 59 60 1023 1024 4096 12288 49152 49153 300000 4500000; do
	head -c $n /dev/urandom > size$n
done
dd if=/dev/urandom of=sparse bs=1k count=3 seek=2000 2>/dev/null
dd if=/dev/urandom of=sparse bs=1k count=3 seek=70000 conv=notrunc 2>/dev/null
i=0
while [ $i -lt 600 ]; do echo $i > many/a-rather-long-name-for-file-$i; i=$((i + 1)); done
i=0
while [ $i -lt 600 ]; do rm many/a-rather-long-name-for-file-$i; i=$((i + 3)); done
ln size300000 a/b/hard
ln -s size1024 short-link
ln -s /a/very/long/target/that/does/not/fit/into/the/sixty/bytes/of/an/inode long-link
mkfifo fifo; mknod null c 1 3; mknod disk b 254 17
chmod 4755 size59; chmod 1777 many; chmod 000 size60
chown 1000:1000 size1023; chown 0:70000 size1024
touch -d '2001-02-03 04:05:06' size0 a/b
echo more >> size4096
head -c 5000 size49152 > cut; dd if=/dev/null of=size49152 bs=1 seek=20000 2>/dev/null
mv a/b/c moved; mv size1 a/one
mkdir gone; rmdir gone; touch gone2; rm gone2
cd /
umount /mnt
"""

MANIFEST = r"""
set -e
mount -t ext2 -o ro /dev/vdb /mnt
cd /mnt
find . | sort > /tmp/names
while read -r f; do
	case $f in ./lost+found*) continue ;; esac
	stat -c '%N %f %u %g %s %h %b %Y %t:%T %i' "$f"
	if [ -f "$f" ] && [ ! -L "$f" ]; then sha256sum < "$f"; fi
done < /tmp/names
cd /
umount /mnt
"""


def round_trip(writer, reader, *options):
    with scratch() as folder:
        disk = make_ext2(folder, "d.img", "128M", *options)
        succeed(TREE, boot=writer, disks=[disk])
        assert_clean(disk)
        seen = {boot: succeed(MANIFEST, boot=boot, disks=[disk])
                for boot in (writer, reader)}
        assert seen[writer] == seen[reader], "the two see different trees"
        assert seen[writer].count("\n") > 400, seen[writer]
        assert_clean(disk)
        debugfs_agrees(disk, seen[writer])


def debugfs_agrees(disk, manifest):
    """A reader that is neither kernel: the inode numbers and the contents."""
    checked = 0
    lines = manifest.splitlines()
    for line, following in zip(lines, lines[1:] + [""]):
        found = re.match(r"(\./size\d+) .* (\d+)$", line)
        if not found:
            continue
        name, inode = found[1][1:], found[2]
        assert f"Inode: {inode} " in tool("debugfs", "-R", f"stat {name}", disk)
        data = subprocess.run(
            ["debugfs", "-R", f"cat {name}", disk], capture_output=True,
            check=True, env=dict(os.environ, PATH=images.PATH)).stdout
        done = subprocess.run(["sha256sum"], input=data, capture_output=True)
        assert done.stdout.decode() == following + "\n", name
        checked += 1
    assert checked >= 10, checked


def test_linux_reads_what_we_wrote():
    round_trip(images.BOOT, "linux")


def test_we_read_what_linux_wrote():
    round_trip("linux", images.BOOT)


def test_small_blocks_and_small_inodes():
    round_trip(images.BOOT, "linux", "-b", "1024", "-I", "128")


CYCLE = r"""
tell() { "$@" 2>&1 | grep -oE 'busy|No such device|Invalid argument|^0$'; }
mkdir -p /other
tell mount -t nonesuch /dev/vdb /mnt; tell mount -t ext2 /dev/vdc /mnt
mount -t ext2 -o ro /dev/vdb /mnt
tell mount -t ext2 /dev/vdb /other; umount /mnt
mount -t ext2 /dev/vdb /mnt
tell mount -t ext2 -o ro /dev/vdb /other
mount -t ext2 /dev/vdb /other && echo twice; umount /other
cd /mnt; tell umount /mnt; exec 3>/mnt/open; cd /; tell umount /mnt
tell mount -o remount,ro /mnt; exec 3>&-
mkdir -p /mnt/a/b; head -c 70000 /dev/urandom >/mnt/a/f; mv /mnt/a/f /mnt/a/b/g
rm /mnt/open; rmdir /mnt/lost+found; sha256sum </mnt/a/b/g; umount /mnt; tell umount /mnt
"""


def test_a_mount_cycle_on_each_kind_of_image():
    """AP093.  Linux mounts ext2 by ext4's code, as loose about a second mount."""
    kinds = ((), ("-O", "meta_bg,^resize_inode"), ("-b", "1024"))
    with scratch() as folder:
        disks = [make_ext2(folder, f"d{n}.img", "32M", *options)
                 for n, options in enumerate(kinds)]
        other = images.blank(folder, "blank.img", "16M")
        out = succeed("".join(CYCLE.replace("vdb", name)
                              for name in ("vdb", "vdd", "vde")),
                      disks=[disks[0], other, *disks[1:]]).splitlines()
        for n, disk in enumerate(disks):
            assert_clean(disk)
            said = out[10 * n:10 * n + 10]
            data = subprocess.run(
                ["debugfs", "-R", "cat /a/b/g", disk], capture_output=True,
                check=True, env=dict(os.environ, PATH=images.PATH)).stdout
            assert said == ["No such device", "Invalid argument", "busy",
                            "busy", "twice", "busy", "busy", "busy",
                            f"{hashlib.sha256(data).hexdigest()}  -",
                            "Invalid argument"], out


# -- each kind of disk --------------------------------------------------------------

COPY = r"""
set -e
mount -t ext2 /dev/%s /mnt
head -c 5000000 /dev/urandom > /tmp/f
cp /tmp/f /mnt/f; sync
umount /mnt
mount -t ext2 /dev/%s /mnt
cmp /tmp/f /mnt/f
umount /mnt
"""


def copy_through(options, name, **more):
    with scratch() as folder:
        disk = make_ext2(folder)
        succeed(COPY % (name, name), disks=[disk + options], **more)
        assert_clean(disk)


def test_virtio_disk():
    copy_through(",if=virtio,serial=LANTERN1", "vdb", smp=4)


def test_nvme_disk():
    copy_through(",if=nvme", "nvme0n1")


def test_ahci_disk():
    if images.BOOT == "linux":
        raise CannotRun("Debian's cloud kernel has no AHCI driver")
    copy_through(",if=ahci", "sda")


def test_partitions_are_found():
    for kind in (images.write_mbr, images.write_gpt):
        with scratch() as folder:
            disk = images.blank(folder)
            kind(disk, [(2048, 8 << 11), (32768, 16 << 11)])
            out = succeed("cat /proc/partitions", disks=[disk])
            for name, blocks in (("vdb1", 8192), ("vdb2", 16384)):
                assert re.search(rf"\s{blocks} {name}\n", out), f"{kind}: {out}"


def test_a_partition_says_its_number_name_and_id():
    for kind, wanted in ((images.write_mbr, ["PARTUUID=1a17e124-02"]),
                         (images.write_gpt, ["PARTNAME=part2", "PARTUUID="
                          "00000000-0000-0000-0000-000000000002"])):
        with scratch() as folder:
            disk = images.blank(folder)
            kind(disk, [(2048, 8 << 11), (32768, 16 << 11)])
            out = succeed("cd /sys/class/block/vdb2; cat partition uevent;"
                          "cat /sys/block/vdb/vdb2/start", disks=[disk])
            lines = out.split()
            assert lines[0] == "2" and lines[-1] == "32768", out
            if images.BOOT == "linux":      # 6.1 does not say the id
                wanted = [w for w in wanted if "PARTUUID" not in w]
            for word in wanted + ["PARTN=2", "DEVTYPE=partition"]:
                assert word in lines, f"{word}: {out}"


def test_a_root_by_its_partition_id():
    """A root with nothing but busybox, in the second partition."""
    if images.BOOT == "linux":
        raise CannotRun("init finds the root, by what our kernel says")
    with scratch() as folder:
        disk, tree = images.blank(folder), os.path.join(folder, "tree")
        os.makedirs(os.path.join(tree, "bin"))
        for name in "dev", "proc", "sys", "run", "tmp", "etc":
            os.mkdir(os.path.join(tree, name))
        shutil.copy(shutil.which("busybox"), os.path.join(tree, "bin"))
        for name in "sh", "grep":
            os.symlink("busybox", os.path.join(tree, "bin", name))
        images.write_mbr(disk, [(2048, 8 << 11), (32768, 16 << 11)])
        tool("mke2fs", "-q", "-F", "-t", "ext2", "-b", "1024", "-d", tree, "-E",
             f"offset={32768 * 512}", disk, "16384")
        out = succeed("grep ' / ' /proc/mounts", root=disk,
                      append="selftest=off root=PARTUUID=1A17E124-02")
        assert "/dev/vda2 / ext2" in out, out


def test_a_read_only_disk_stays_so():
    with scratch() as folder:
        disk = make_ext2(folder)
        before = os.path.getmtime(disk), open(disk, "rb").read()
        out = succeed("mount -t ext2 -o ro /dev/vdb /mnt && ls /mnt; umount /mnt;"
                      "dd if=/dev/zero of=/dev/vdb count=1 2>&1; true",
                      disks=[disk + ",ro"])
        assert "lost+found" in out and "0+0 records out" in out or \
            "ermitted" in out or "rror" in out, out
        assert (os.path.getmtime(disk), open(disk, "rb").read()) == before


# -- full -----------------------------------------------------------------------

def test_a_full_disk_refuses_and_recovers():
    with scratch() as folder:
        disk = make_ext2(folder, "d.img", "8M", "-m", "0")
        out = succeed(r"""
            mount -t ext2 /dev/vdb /mnt; cd /mnt
            for i in 1 2 3; do
                dd if=/dev/zero of=big bs=64k 2>&1 | grep -o 'No space.*'
                echo x > one-more 2>/dev/null; mkdir dir 2>/dev/null
                df /mnt | awk 'END { print "left", $4 }'
                rm -rf big one-more dir
            done
            head -c 3000000 /dev/zero > again && echo fits
            i=0; while true > n$i; do i=$((i + 1)); done 2>/dev/null
            df -i /mnt | awk 'END { print "inodes left", $4 }'
            rm -f n*; true > last && echo inode is back
            cd /; umount /mnt""", disks=[disk],
                      mem="256M" if images.BOOT == "linux" else "64M")
        assert out.count("No space left on device") == 3, out
        assert len(re.findall(r"left [0-4]\n", out)) == 4 and "fits" in out, out
        assert "inode is back" in out, out
        assert_clean(disk)


# -- bad disks ---------------------------------------------------------------------

def bad_sector(options, device):
    with scratch() as folder:
        disk, rules = make_ext2(folder), os.path.join(folder, "rules")
        tree = os.path.join(folder, "tree")
        os.mkdir(tree)
        for name in ("bad", "good"):
            with open(os.path.join(tree, name), "wb") as f:
                f.write(os.urandom(100000))
        tool("mke2fs", "-q", "-F", "-t", "ext2", "-b", "4096", "-d", tree, disk)
        block = int(tool("debugfs", "-R", "bmap bad 5", disk).split()[-1])
        with open(rules, "w") as f:
            f.write("".join(
                f'[inject-error]\nevent = "none"\niotype = "{kind}"\n'
                f'errno = "5"\nsector = "{block * 8 + n}"\n\n'
                for kind in ("read", "write") for n in range(8)))
        out = succeed(r"""
            mount -t ext2 /dev/%s /mnt
            cat /mnt/bad > /dev/null; echo status $?
            head -c 20000 /mnt/bad | wc -c
            md5sum < /mnt/good > /dev/null && echo good is good
            dd if=/dev/zero of=/mnt/bad bs=4k seek=5 count=1 conv=notrunc,fsync 2>/dev/null
            echo write $?
            echo new > /mnt/new; sync /mnt/new || echo sync failed
            umount /mnt; echo still here""" % device,
                      disks=[f"{disk},blkdebug={rules}{options}"])
        assert "status 1" in out and "good is good" in out, out
        assert "write 1" in out and "still here" in out, out


def test_a_bad_sector_fails_one_file():
    bad_sector("", "vdb")


def test_a_bad_sector_of_an_nvme_disk():
    bad_sector(",if=nvme", "nvme0n1")


def test_a_bad_sector_of_a_sata_disk():
    if images.BOOT == "linux":
        raise CannotRun("Debian's cloud kernel has no AHCI driver")
    bad_sector(",if=ahci", "sda")


def test_queued_commands_and_flushes_take_turns():
    """Flush must be alone, reads and writes need not: nobody waits for ever."""
    if images.BOOT == "linux":
        raise CannotRun("Debian's cloud kernel has no AHCI driver")
    with scratch() as folder:
        disk = make_ext2(folder)
        out = succeed(r"""
            mount -t ext2 /dev/sda /mnt
            for i in 1 2 3 4 5 6; do
                (dd if=/dev/urandom of=/mnt/f$i bs=64k count=40 conv=fsync \
                    2> /dev/null; md5sum < /mnt/f$i > /tmp/a$i) &
            done
            wait
            echo 3 > /proc/sys/vm/drop_caches
            for i in 1 2 3 4 5 6; do
                (md5sum < /mnt/f$i | cmp - /tmp/a$i && echo same) &
            done
            wait
            umount /mnt""", disks=[f"{disk},if=ahci"])
        assert out.count("same") == 6, out
        assert_clean(disk)


def test_of_many_queued_reads_the_bad_one_fails():
    if images.BOOT == "linux":
        raise CannotRun("Debian's cloud kernel has no AHCI driver")
    with scratch() as folder:
        disk, rules = make_ext2(folder), os.path.join(folder, "rules")
        with open(rules, "w") as f:
            f.write('[inject-error]\nevent = "none"\niotype = "read"\n'
                    'errno = "5"\nsector = "20000"\n')
        out = succeed(r"""
            for i in 0 1 2 3 4 5 6 7; do
                (dd if=/dev/sda of=/dev/null bs=4k iflag=direct count=500 \
                    skip=$((i * 500)) 2> /dev/null; echo part $i: $?) &
            done
            wait""", disks=[f"{disk},blkdebug={rules},if=ahci"])
        assert out.count(": 0") == 7 and "part 5: 1" in out, out


def test_a_slow_disk_is_waited_for():
    with scratch() as folder:
        disk, sock = make_ext2(folder), os.path.join(folder, "sock")
        with nbd.Disk(disk, sock) as server:
            told = []

            def heard(vm, text):
                if "ready" in text and not told:
                    told.append(time.monotonic())
                    server.hang()
                    end = time.monotonic() + 8
                    while time.monotonic() < end:
                        vm.monitor.human("info version")
                        time.sleep(0.5)
                    server.go_on()
            succeed("mount -t ext2 /dev/vdb /mnt; echo ready; sleep 1\n"
                    "head -c 1000000 /dev/zero > /mnt/f && sync && umount /mnt",
                    disks=[f"nbd:unix:{sock}"], on_output=heard)
            assert told
        assert_clean(disk)


SILENT = r"""
echo 5000 > /sys/block/%s/queue/io_timeout
mount -t ext2 /dev/%s /mnt; echo ready; i=0
until dmesg | grep -q resetting || [ $i -ge 1000 ]; do
	dd if=/dev/urandom of=/mnt/f bs=64k count=4 conv=fsync 2>/tmp/said ||
		cat /tmp/said; i=$((i + 1))
done
md5sum < /mnt/f; echo 1 > /proc/sys/vm/drop_caches; md5sum < /mnt/f
umount /mnt; echo lives
"""


def silence(options, name):
    """Until the device is reset, and then asked once more.  For ever cannot be
    shown: QEMU's own reset of a disk waits for what is under way, with the
    whole machine."""
    if images.BOOT == "linux":
        raise CannotRun("Linux has no time limit for a virtio disk")
    with scratch() as folder:
        disk, sock = make_ext2(folder), os.path.join(folder, "sock")
        with nbd.Disk(disk, sock) as server:
            def speak_again(vm):
                end = time.monotonic() + 60
                while time.monotonic() < end and \
                        b"resetting" not in vm.console.data:
                    time.sleep(0.1)
                told.append(b"resetting" in vm.console.data)
                server.go_on()

            def heard(vm, text):
                if "ready" in text and not told:
                    told.append("silent")
                    server.hang()
                    threading.Thread(target=speak_again, args=[vm]).start()
            told = []
            out = succeed(SILENT % (name, name), limit=200, on_output=heard,
                          disks=[f"nbd:unix:{sock}{options}"])
        assert "lives" in out and "error" not in out, out
        sums = re.findall(r"[0-9a-f]{32}", out)
        assert len(sums) == 2 and sums[0] == sums[1], out
        assert told == ["silent", True], told
        assert_clean(disk)


def test_a_silent_virtio_disk_is_reset():
    silence("", "vdb")


def test_a_silent_nvme_disk_is_reset():
    silence(",if=nvme", "nvme0n1")


def test_a_silent_sata_disk_is_reset():
    silence(",if=ahci", "sda")


DISCARD = r"""
for q in discard_max_bytes write_zeroes_max_bytes; do
	[ $(cat /sys/block/%s/queue/$q) -gt 0 ] || exit 1
done
BLOCK_DISK=%s /tests/blocks > /tmp/log || { cat /tmp/log; exit 1; }
md5sum < /dev/%s
"""


def discard(options, name):
    """DISCARD and WRITE_ZEROES reach the device, and do there what they say."""
    with scratch() as folder:
        disk = images.blank(folder)
        m = succeed(DISCARD % ((name,) * 3), disks=[disk + options])
        data = open(disk, "rb").read()
        assert hashlib.md5(data).hexdigest() in m, m
        for first, last, zero in ((0, 4, False), (4, 8, True), (8, 9, True),
                                  (9, 10, False), (10, 11, True),
                                  (11, 12, False), (12, 13, True)):
            part = data[first << 20:last << 20]
            assert (part.count(0) == len(part)) == zero, (first, last)
        # Holes: what was thrown away or punched.  (QEMU may make more.)
        used = os.stat(disk).st_blocks * 512 >> 20
        assert used <= 16 - 4 - 1, used


def test_what_is_discarded_is_a_hole_on_the_host():
    discard("", "vdb")


def test_what_is_discarded_on_an_nvme_disk():
    discard(",if=nvme", "nvme0n1")


def test_a_disk_grows_and_shrinks_while_in_use():
    with scratch() as folder:
        disk, said = images.blank(folder), []

        def heard(vm, text):
            for word, size in (("grow", 96), ("shrink", 32)):
                if word in text and word not in said:
                    said.append(word)
                    vm.monitor.command("block_resize", device="disk1",
                                       size=size << 20)
        out = succeed(r"""
            size() { i=0; while [ $(cat /sys/block/vdb/size) != $1 ]; do
                i=$((i + 1)); [ $i -lt 100 ] || return 1; sleep 0.1; done; }
            exec 3<>/dev/vdb
            size 131072 && echo grow && size 196608 || exit 1
            blockdev --getsize64 /dev/vdb
            echo the end | dd of=/dev/vdb bs=512 seek=196607 conv=fsync 2>/dev/null
            dd if=/dev/vdb bs=512 skip=196607 2>/dev/null
            echo shrink; size 65536 || exit 2
            dd if=/dev/vdb bs=512 skip=65535 2>/dev/null | wc -c
            dd if=/dev/zero of=/dev/vdb bs=512 seek=65536 count=1 2>&1 | tail -n 1
            """, disks=[disk], on_output=heard)
        assert "100663296" in out and "the end" in out and "\n512\n" in out, out
        assert "0+0 records out" in out or "No space" in out or \
            "0 bytes" in out, out
        assert os.path.getsize(disk) == 32 << 20


UNPLUG = r"""
mount -t ext2 /dev/vdb /mnt
(i=0; while [ $i -lt 100000 ]; do
	dd if=/dev/zero of=/mnt/f$((i %% 7)) bs=8k count=20 conv=fsync 2>/dev/null || break
	i=$((i + 1)); done; echo writer ended) &
(while dd if=/dev/%s of=/dev/null bs=64k count=32 2>/dev/null; do
	cat /mnt/f* > /dev/null 2>&1; echo 1 > /proc/sys/vm/drop_caches
done; echo reader ended) &
sleep 1; echo ready
i=0; while [ -e /sys/block/%s ] && [ $i -lt 60 ]; do sleep 1; i=$((i + 1)); done
wait
ls /sys/block/%s 2>&1
umount /mnt; echo umount $?
echo still here
"""


def unplug(options, name, **more):
    """Pull the disk while it is written and read: errors, and no more."""
    with scratch() as folder:
        disk = make_ext2(folder)
        pulled = []

        def heard(vm, text):
            if "ready" in text and not pulled:
                pulled.append(True)
                vm.monitor.command("device_del", id="dev-disk1")
        script = UNPLUG.replace("vdb", name) % ((name,) * 3)
        out = succeed(script, disks=[disk + options], on_output=heard, **more)
        assert "writer ended" in out and "reader ended" in out, out
        assert "still here" in out, out
        assert f"ls: /sys/block/{name}: No such file" in out, out


def test_a_virtio_disk_is_pulled_under_load():
    unplug("", "vdb", smp=4)


def test_an_nvme_disk_is_pulled_under_load():
    unplug(",if=nvme", "nvme0n1")


def test_a_disk_is_plugged_in():
    with scratch() as folder:
        disk, told = make_ext2(folder), []

        def heard(vm, text):
            if "ready" in text and not told:
                told.append(True)
                vm.monitor.human(f"drive_add 0 if=none,id=late,file={disk},"
                                 "format=raw")
                vm.monitor.command("device_add", driver="virtio-blk-pci",
                                   drive="late", bus="port1")
        succeed("echo ready; for i in $(seq 60); do [ -e /dev/vda ] && break;"
                "sleep 1; done; mount -t ext2 /dev/vda /mnt && echo x > /mnt/x && "
                "umount /mnt", on_output=heard, spare_ports=1)
        assert_clean(disk)
        assert "x" in tool("debugfs", "-R", "cat x", disk)


# -- the plug is pulled ------------------------------------------------------------

def cut_after(seconds, seed, disk, on_cut=lambda: None, **options):
    """Run the load for a while, then kill QEMU; return what it had said."""
    m = images.machine(disks=[disk], smp=2, **options)
    m.files["etc/lantern/script"] = (
        f"mount -t ext2 /dev/vdb /mnt && fsynced /mnt {seed} 3\n").encode()
    said = bytearray()
    with Guest(m, output=said.extend) as vm:
        end = None
        limit = time.monotonic() + 40
        while end is None or time.monotonic() < end:
            assert vm.pump(0.1), f"it went off\n{vm.tail()}"
            assert not vm.panicked() and b"failed" not in said, \
                f"{said[-300:]}\n{vm.tail()}"
            if end is None and b"kept" in said:
                end = time.monotonic() + seconds
            # Once something is kept the load runs: a busy host may be late.
            assert end is not None or time.monotonic() < limit, \
                f"no progress: {bytes(said[-200:])}\n{vm.tail()}\n{vm.where()}"
        on_cut()
        vm.process.kill()
        vm.process.wait()
        while vm.pump(0.2):
            pass
    return said.decode(errors="replace")


def promises(text):
    """name -> (size, crc), or None where a file must be absent; what was being
    changed at the end is not promised."""
    held = {}
    for line in text.splitlines()[:-1 if not text.endswith("\n") else None]:
        words = line.split()
        if len(words) == 2 and words[0] == "doing":
            held.pop(words[1], None)
        elif len(words) == 2 and words[0] == "gone":
            held[words[1]] = None
        elif len(words) == 4 and words[0] == "kept":
            held[words[1]] = (int(words[2]), int(words[3]))
    return held


def verify(disk, held, folder):
    images.repair(disk)
    tool("e2fsck", "-fn", disk)
    out = os.path.join(folder, "dump")
    os.mkdir(out)
    tool("debugfs", "-R", f"rdump / {out}", disk)
    for name, wanted in held.items():
        path = os.path.join(out, name)
        if wanted is None:
            assert not os.path.exists(path), f"{name} is back"
            continue
        assert os.path.exists(path), f"{name} was fsynced and is not there"
        with open(path, "rb") as f:
            data = f.read()
        assert (len(data), zlib.crc32(data)) == wanted, \
            f"{name}: {len(data)} bytes, {wanted[0]} were fsynced, or other ones"


def test_what_was_fsynced_outlives_the_machine():
    chance, checked = random.Random(1), 0
    for n in range(CUTS):
        with scratch() as folder:
            disk = make_ext2(folder, "d.img", "256M")
            held = promises(cut_after(chance.uniform(0.5, 4), n + 1, disk))
            verify(disk, held, folder)
            checked += len(held)
    assert checked > 3 * CUTS, f"only {checked} files were promised"


def test_what_was_fsynced_outlives_a_disk_cache():
    """The same on a disk that forgets, at the cut, any part of what no flush
    has covered."""
    chance, checked = random.Random(2), 0
    for n in range(CUTS):
        with scratch() as folder:
            disk = make_ext2(folder, "d.img", "256M")
            sock = os.path.join(folder, "sock")
            with nbd.Disk(disk, sock, seed=n) as server:
                text = cut_after(chance.uniform(0.5, 4), n + 100,
                                 f"nbd:unix:{sock}", server.cut)
                assert server.flushes, "nobody flushed the disk's cache"
            verify(disk, promises(text), folder)
            checked += len(promises(text))
    assert checked > 3 * CUTS, f"only {checked} files were promised"
