# SPDX-License-Identifier: MIT
"""ext2.py -- volumes that mke2fs made, used in the guest, judged by e2fsck.

LANTERN_OPS=N makes the storms of operations longer, LANTERN_BUILD=build/debug
takes the debug build, LANTERN_MUTANTS=N tries more damaged volumes.
"""
import os
import random
import re
import shutil
import subprocess
import tempfile

from guest import Guest
from machine import CannotRun, Machine

COMPLAINTS = r"BUG|WARNING|Oops|Call Trace|lockdep"
MUTANTS = int(os.environ.get("LANTERN_MUTANTS", "60"))
OPS = int(os.environ.get("LANTERN_OPS", "2400"))
SEED = os.environ.get("LANTERN_SEED", "1")
BUILD = os.environ.get("LANTERN_BUILD", "build")
MIB = 1 << 20


def tool(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    if not path:
        raise CannotRun(f"no {name} here")
    return path


def make(path, size, *options):
    """An empty volume of that many MiB."""
    with open(path, "wb") as f:
        f.truncate(size * MIB)
    subprocess.run([tool("mke2fs"), "-q", "-F", "-t", "ext2", *options, path],
                   check=True, capture_output=True)


def check(path):
    """e2fsck finds nothing to mend."""
    done = subprocess.run([tool("e2fsck"), "-fn", path], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def debugfs(path, command):
    return subprocess.run([tool("debugfs"), "-R", command, path],
                          capture_output=True, text=True).stdout


def run(script, disks, limit=240, build=BUILD, **machine):
    """What the lines print in the guest, and the kernel's log."""
    m = Machine(boot="kernel", disks=disks, build=build, append="selftest=off",
                **machine)
    m.files["etc/lantern/script"] = ("mkdir -p /m\n" + script).encode()
    output = bytearray()
    with Guest(m, output=output.extend) as vm:
        status = vm.wait(limit)
        log = bytes(vm.console.data).decode(errors="replace")
    text = output.decode(errors="replace")
    assert status == 0, f"{status}\n{text[-1500:]}\n{log[-3000:]}"
    assert not re.search(COMPLAINTS, log), log[-4000:]
    return text, log


KINDS = (("-b", "1024", "-I", "128"), ("-b", "1024", "-I", "256"),
         ("-b", "2048"), ("-b", "4096"), ("-b", "4096", "-O", "^filetype"),
         ("-b", "1024", "-O", "meta_bg,^resize_inode"))


def test_each_kind_of_volume_is_used_and_stays_clean():
    with tempfile.TemporaryDirectory() as scratch:
        disks = []
        for n, options in enumerate(KINDS):
            disks.append(os.path.join(scratch, f"disk{n}"))
            make(disks[-1], 64, *options)
        script = "set -e\n"
        for n in range(len(KINDS)):
            script += (f"mount -t ext2 /dev/vd{'bcdefgh'[n]} /m\n"
                       "TEST_DIR=/m /tests/diskfs >/log || { cat /log; exit 1; }\n"
                       "cp -a /bin /m; rm -rf /m/diskfs*; umount /m\n")
        run(script, disks, smp=4)
        for disk in disks:
            check(disk)


def test_inodes_are_where_debugfs_finds_them():
    """AP094: contents, modes and numbers agree."""
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 200, "-g", "8192", "-b", "1024")
        text, _ = run("mount -t ext2 /dev/vdb /m && cd /m\n"
                      "for i in 1 2 3 4 5 6 7; do mkdir d$i\n"
                      "for j in 1 2 3; do echo $i$j >d$i/f$j; done; done\n"
                      "ls -i /m/*/*; cd /; umount /m\n", [disk])
        check(disk)
        found = re.findall(r"(\d+) /m/(d(\d)/f(\d))", text)
        assert len(found) == 21, text
        for ino, path, i, j in found:
            assert f"Inode: {ino} " in debugfs(disk, f"stat {path}")
            assert debugfs(disk, f"cat <{ino}>").strip() == i + j
            where = debugfs(disk, f"imap <{ino}>")
            group = (int(ino) - 1) // int(re.search(
                r"Inodes per group:\s*(\d+)", debugfs(disk, "stats"))[1])
            assert f"block group {group}" in where, where


def test_full_volumes_say_so_and_recover():
    with tempfile.TemporaryDirectory() as scratch:
        few, small = (os.path.join(scratch, n) for n in ("few", "small"))
        make(few, 8, "-N", "64")
        make(small, 4)
        text, _ = run(
            "mount -t ext2 /dev/vdb /m; cd /m\n"
            "i=0; while echo >f$i; do i=$((i+1)); done 2>/err; cat /err\n"
            "df -i /m; rm -f f1; echo >g || echo no-room-after-rm\n"
            "cd /; umount /m\n"
            "mount -t ext2 /dev/vdc /m; dd if=/dev/zero of=/m/big bs=4k\n"
            "df /m; rm /m/big; df /m; dd if=/dev/zero of=/m/b2 bs=1k count=99 "
            "|| echo no-room-after-rm; umount /m\n", [few, small])
        assert len(re.findall("No space left", text)) == 2, text
        assert "no-room-after-rm" not in text, text
        check(few)
        check(small)


def test_what_is_not_understood_is_refused_by_name():
    with tempfile.TemporaryDirectory() as scratch:
        disks = []
        for n, feature in enumerate(("extents", "metadata_csum", "64bit")):
            disks.append(os.path.join(scratch, f"disk{n}"))
            make(disks[-1], 8)
            subprocess.run([tool("debugfs"), "-w", "-R", f"feature {feature}",
                            disks[-1]], check=True, capture_output=True)
        text, log = run("for d in b c d; do mount -t ext2 /dev/vd$d /m && "
                        "echo mounted $d && umount /m; done\n"
                        "mount -t ext2 -o ro /dev/vdc /m && echo read-only ok\n"
                        "umount /m; true\n", disks)
        assert "mounted" not in text and "read-only ok" in text, text
        for feature in ("extents", "metadata_csum", "64bit"):
            assert re.search(rf"unsupported optional features \(.*{feature}",
                             log), log[-2000:]


def test_the_clean_flag_and_the_counts_are_kept():
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 16)
        run("mount -t ext2 /dev/vdb /m; touch /m/a; mount -o remount,ro /m\n"
            "touch /m/b && exit 1; mount -o remount,rw /m && touch /m/b\n"
            "umount /m; mount -t ext2 -o ro /dev/vdb /m; umount /m\n", [disk])
        stats = debugfs(disk, "stats")
        assert re.search(r"Filesystem state:\s+clean", stats), stats
        assert re.search(r"Mount count:\s+2", stats), stats
        check(disk)


def test_errors_are_noted_and_obeyed():
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 16)
        # The root directory's first entry gets an impossible length.
        block = int(re.search(r"\d+", debugfs(disk, "blocks <2>"))[0])
        with open(disk, "r+b") as f:
            f.seek(block * 1024 + 4)
            f.write(b"\x07\x00")
        text, log = run("mount -t ext2 -o errors=remount-ro /dev/vdb /m\n"
                        "ls /m; touch /m/x; grep /m /proc/mounts; umount /m\n",
                        [disk])
        assert "remounting filesystem read-only" in log, log[-2000:]
        assert re.search(r"EXT2-fs \(vdb\): error: .*directory 2", log)
        assert re.search(r" /m ext2 ro", text), text
        assert re.search(r"Filesystem state:.*errors", debugfs(disk, "stats"))


def mutate(image, seed):
    rnd, data = random.Random(seed), bytearray(image)
    for _ in range(rnd.randint(1, 40)):
        at = rnd.choice((rnd.randrange(1024, 64 * 1024),
                         rnd.randrange(len(data))))
        data[at] = rnd.choice((rnd.randrange(256), data[at] ^ 1, 0, 255))
    return bytes(data)


USE = """\
dd if=/dev/vdb of=/dev/vdc bs=1M skip=%d count=1 2>/dev/null
if mount -t ext2 /dev/vdc /m 2>/dev/null; then
	find /m 2>/dev/null | head -500 >/dev/null
	head -c 20000 /m/dir/* >/dev/null 2>&1
	echo new >/m/new 2>/dev/null; mkdir /m/nd 2>/dev/null
	cp /bin/busybox /m/nd/bb 2>/dev/null; rm -rf /m/dir 2>/dev/null
	mv /m/new /m/nd/ 2>/dev/null; rm -f /m/holes 2>/dev/null; sync
	umount /m || exit 1
	echo mounted
fi
"""


def test_mutated_volumes_harm_nothing():
    """LANTERN_MUTANTS=500 for the whole campaign."""
    with tempfile.TemporaryDirectory() as scratch:
        one, many, spare = (os.path.join(scratch, n)
                            for n in ("one", "many", "spare"))
        tree = os.path.join(scratch, "tree", "dir")
        os.makedirs(tree)
        for n in range(40):
            with open(os.path.join(tree, f"file{n}"), "wb") as f:
                f.write(os.urandom(n * 211))
        os.symlink("x" * 80, os.path.join(tree, "link"))
        make(one, 1, "-b", "1024", "-d", os.path.join(scratch, "tree"))
        with open(one, "rb") as f:
            image = f.read()
        with open(many, "wb") as f:
            for seed in range(MUTANTS):
                f.write(mutate(image, seed))
        with open(spare, "wb") as f:
            f.truncate(MIB)
        script = "".join(USE % n for n in range(MUTANTS)) + "echo end\n"
        text, _ = run(script, [many, spare], limit=60 + 3 * MUTANTS)
        assert text.count("mounted") > MUTANTS // 2, text[-1000:]
        assert "end" in text


def test_two_growing_files_lie_in_long_runs():
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 64)
        run("mount -t ext2 /dev/vdb /m; cd /m; i=0\n"
            "while [ $i -lt 300 ]; do head -c 8192 /bin/busybox >>a\n"
            "head -c 8192 /bin/busybox >>b; i=$((i+1)); done\n"
            "cd /; umount /m\n", [disk])
        check(disk)
        for name in ("a", "b"):
            blocks = [int(b) for b in debugfs(disk, f"blocks {name}").split()]
            runs = sum(y != x + 1 for x, y in zip(blocks, blocks[1:])) + 1
            assert len(blocks) > 2400 and runs < 400, f"{runs} runs"


def test_each_allocation_fails_in_turn():
    """tests/user/each_alloc.c on a disk; the debug build can let them fail."""
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 64)
        text, _ = run("mount -t ext2 /dev/vdb /m\n"
                      "TEST_DIR=/m /tests/each_alloc; s=$?; umount /m; exit $s\n",
                      [disk], build="build/debug")
        assert re.search(r"unlink, cold: \d\d sites", text), text
        check(disk)


def storm(mem, *options):
    """tests/user/fs_storm.c on a disk: four processes on four CPUs, each with
    a model of its own tree; then e2fsck."""
    with tempfile.TemporaryDirectory() as scratch:
        disk = os.path.join(scratch, "disk")
        make(disk, 128, *options)
        text, _ = run("mount -t ext2 /dev/vdb /m\n"
                      f"TEST_DIR=/m STORM_OPS={OPS} STORM_SEED={SEED} "
                      "/tests/fs_storm; s=$?; umount /m; exit $s\n", [disk],
                      limit=90 + OPS // 40, smp=4, mem=mem)
        assert f"# {OPS} operations" in text, text
        check(disk)


def test_a_storm_of_operations_leaves_what_its_model_has():
    storm("256M")


def test_a_storm_in_little_memory():
    storm("48M", "-b", "1024")
