# SPDX-License-Identifier: MIT
"""root.py -- Debian's own programs, from an ext2 root on disk.

They need build/root.img (`make root`).  LANTERN_STRESS=S runs each stress-ng
stressor for S seconds; LANTERN_TEST_BOOT=linux asks Debian's Linux.
"""
import os
import re
import time

import images
from guest import Guest
from images import assert_clean, root_image, scratch, succeed
from machine import CannotRun

STRESS = os.environ.get("LANTERN_STRESS", "1")
STRESSORS = ("hdd iomix dir dentry chdir rename link symlink seek sync-file mmap "
             "mremap mmapfork vm brk stack readahead fallocate flock lockf xattr "
             "access chmod open get getdent").split()
PROMPT = r"root@lantern:\S*# $"
ESC, ENTER = "\x1b", "\r"


def on_root(script, limit=240, **options):
    """Run a script on a root whose changes are forgotten."""
    options.setdefault("root", root_image())
    options.setdefault("snapshot", True)
    return succeed(script, limit, **options)


def private_copy(folder):
    path = os.path.join(folder, "root.img")
    images.tool("cp", "--sparse=always", root_image(), path)
    return path


def test_it_is_debian_from_disk():
    out = on_root("cat /etc/debian_version; findmnt -n -o SOURCE,FSTYPE /;"
                  "dpkg -l | grep -c ^ii; dpkg -S /bin/bash; dpkg -V && echo whole;"
                  "ls -l /usr/bin/su /etc/shadow; su user -c id; df -i / | tail -n 1")
    assert re.search(r"^12\.\d+\n/dev/vda +ext2\n\d{3}\nbash: ", out), out
    assert "\nwhole\n" in out and "-rwsr-xr-x 1 root root" in out, out
    assert "-rw-r----- 1 root shadow" in out, out
    assert "uid=1000(user) gid=1000(user)" in out, out


def test_gcc_compiles_and_the_program_runs():
    out = on_root(r"""
        cd /root
        printf '#include <stdio.h>\nint main(void) { puts("hello"); }\n' > hello.c
        gcc -O2 -Wall hello.c && ./a.out && gcc -g -static hello.c -o s && ./s""")
    assert out == "hello\nhello\n", out


def test_zlib_is_built_by_make_and_passes_its_tests():
    out = on_root("cd /root && tar xf /usr/src/zlib-1.2.13.tar.bz2 && cd zlib-* && "
                  "cat *.[ch] test/*.c | wc -l && CFLAGS=-O1 ./configure > /dev/null && "
                  "make -j2 > make.log 2>&1 && make test", limit=500)
    assert int(out.split("\n")[0]) >= 10000, out
    for kind in ("zlib test OK", "zlib shared test OK", "zlib 64-bit test OK"):
        assert kind in out, out


PYTHON = r"""
import concurrent.futures, hashlib, json, multiprocessing, os, queue, re
import sqlite3, subprocess, tempfile, threading, zlib
db = sqlite3.connect('/root/test.db')
db.execute('create table t (a integer primary key, b text)')
with db:
    db.executemany('insert into t (b) values (?)', ((str(i),) for i in range(5000)))
print(db.execute('select count(*), sum(b) from t').fetchone())
print(db.execute('pragma integrity_check').fetchone())
total, lock = 0, threading.Lock()
def add():
    global total
    for _ in range(2000):
        with lock:
            total += 1
workers = [threading.Thread(target=add) for _ in range(8)]
[w.start() for w in workers]; [w.join() for w in workers]
print(total, json.loads(json.dumps({'a': [1, 2.5, None]})))
print(hashlib.sha256(b'lantern').hexdigest()[:16])
def square(x): return x * x
if __name__ == '__main__':
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(5)))
    print(subprocess.run(['sort', '-n'], input='3\n1\n2\n', text=True,
                         capture_output=True).stdout.split())
    with tempfile.TemporaryDirectory() as d:
        for i in range(200):
            open(os.path.join(d, str(i)), 'w').write('x' * i)
        print(sum(os.path.getsize(e.path) for e in os.scandir(d)))
"""


def test_python_with_its_libraries():
    out = on_root("python3 /run/test.py", files={"run/test.py": PYTHON.encode()})
    for line in ("(5000, 12497500)", "('ok',)", "16000 {'a': [1, 2.5, None]}",
                 "[0, 1, 4, 9, 16]", "['1', '2', '3']", "19900"):
        assert line in out, out


def test_sqlite_keeps_its_tables():
    out = on_root("cd /root; sqlite3 a.db 'create table t(x); insert into t "
                  "values (1), (2), (39);'; sync; echo 3 > /proc/sys/vm/drop_caches;"
                  "sqlite3 a.db 'select sum(x) from t; pragma integrity_check'")
    assert out == "42\nok\n", out


def test_the_tools_tell_the_truth():
    with scratch() as folder:
        disk = images.make_ext2(folder, "d.img", "32M")
        out = on_root("lsblk -bno NAME,SIZE,TYPE; df -i /; findmnt -n /proc;"
                      "iostat -d vda | grep vda; lspci; free -m; ps -e | wc -l;"
                      "stat -f -c '%T %s' /; lscpu | grep '^CPU(s)'",
                      disks=[disk])
    assert re.search(r"vda +2147483648 disk\nvdb +33554432 disk", out), out
    assert re.search(r"/dev/vda +131072 +\d{4,} +\d+ +\d+% /\n", out), out
    assert re.search(r"/proc +proc +proc", out), out
    assert re.search(r"vda +[\d.]+ +[1-9]\d*\.", out), out
    assert "PCI bridge" in out and "SCSI storage controller" in out, out
    assert re.search(r"ext2/ext3 4096\nCPU\(s\): +2\n", out), out


def test_less_and_vim_at_a_terminal():
    m = images.machine(root=root_image(), snapshot=True)
    with Guest(m) as vm:
        def press(*keys):
            for key in keys:
                vm.send(key)
                end = time.monotonic() + 0.5
                while time.monotonic() < end:
                    vm.pump(0.1)

        def line(text, wanted=""):
            vm.send(text + ENTER)
            vm.expect(r"\n", 30)
            if wanted:
                vm.expect(wanted, 30)
            vm.expect(PROMPT, 30)
        vm.expect(PROMPT, 120)
        vm.send("vim /root/letter" + ENTER)
        vm.expect(r"letter.*\[New\]", 60)
        press("i", "Dear reader,", ENTER, "helo.", ESC, "hil", ESC, "yyp",
              ":wq", ENTER)
        vm.expect(PROMPT, 30)
        line("cat /root/letter", r"Dear reader,\r\nhello\.\r\nhello\.\r\n")
        vm.send("seq 1 1000 | less" + ENTER)
        press("G")
        vm.expect(r"1000", 20)
        press("q")
        vm.expect(PROMPT, 20)
        vm.send("sleep 300" + ENTER)
        press("", "\x1a")
        vm.expect(r"Stopped", 10)
        line("jobs", r"Stopped +sleep 300")
        line("kill %1; wait; echo $BASH_VERSION", r"5\.2")


def test_sixty_four_megabytes_are_enough():
    if images.BOOT == "linux":
        raise CannotRun("Debian's Linux needs more only to unpack itself")
    out = on_root("free -m | grep Mem; ls -lR /usr/lib > /dev/null; "
                  "find / -xdev | wc -l; python3 -c 'print(6 * 7)'; bash -c 'echo ok'",
                  mem="64M")
    assert "42\nok\n" in out, out


def test_the_boot_image_finds_it_too():
    """The way of `make run`: GRUB, then the root on disk, on both firmwares."""
    if images.BOOT == "linux":
        raise CannotRun("GRUB boots only our own image")
    for firmware in ("bios", "uefi"):
        out = on_root("findmnt -n -o SOURCE /; echo $BASH_VERSION", boot="iso",
                      firmware=firmware, limit=120)
        assert re.match(r"/dev/vda\n5\.", out), out


def test_a_root_by_label_or_uuid():
    uuid = re.search(r"UUID: +(\S+)", images.tool("dumpe2fs", "-h", root_image()))
    for name in ("LABEL=lantern-root", f"UUID={uuid[1]}"):
        out = on_root("findmnt -n -o SOURCE /", append=f"selftest=off root={name}")
        assert out == "/dev/vda\n", out


def test_a_root_that_is_not_there_is_named():
    status, _, log = images.run("true", append="selftest=off root=/dev/vdz")
    assert status == 125 and "root=/dev/vdz: no such disk" in log, \
        f"{status}\n{log[-2000:]}"


def test_the_root_is_clean_after_power_off():
    with scratch() as folder:
        disk = private_copy(folder)
        on_root("cp -r /usr/lib/python3.11/json /root/; rm /root/json/tool.py;"
                "sleep 1000 & echo > /root/last", root=disk, snapshot=False)
        assert_clean(disk)
        assert "Size: 1\n" in images.tool("debugfs", "-R", "stat /root/last", disk)


def test_an_unclean_root_is_checked_at_boot():
    with scratch() as folder:
        disk = private_copy(folder)
        m = images.machine(root=disk)
        m.files["etc/lantern/cmd"] = (
            b"echo kept > /root/kept; sync; echo ready;"
            b"while true; do echo x > /root/$RANDOM; done")
        said = bytearray()
        with Guest(m, output=said.extend) as vm:
            end = time.monotonic() + 120
            while b"ready" not in said and time.monotonic() < end:
                vm.pump(0.2)
            vm.pump(1)
            vm.process.kill()
            vm.process.wait()
        status, out, log = images.run("cat /root/kept", root=disk)
        assert (status, out) == (0, "kept\n"), f"{status} {out}\n{log[-2000:]}"
        assert "/dev/vda was not unmounted: checking it" in log, log[-3000:]
        assert_clean(disk)


def test_stress_ng_finds_nothing():
    """All of the issue's stressors, one after the other, with --verify."""
    lines = "\n".join(
        f"stress-ng --{s} 4 --verify -t {STRESS} --temp-path /root/s > /run/log 2>&1"
        f" || {{ echo {s}: $?; grep -E 'fail|error' /run/log | head -n 5; }}"
        for s in STRESSORS)
    out = on_root(f"mkdir /root/s\n{lines}\necho end", smp=4, mem="512M",
                  limit=600 + 60 * int(STRESS))
    assert out == "end\n", out
