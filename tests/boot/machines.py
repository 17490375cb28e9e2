# SPDX-License-Identifier: MIT
"""machines.py -- small and large computers, and how they end."""
import os
import re
import subprocess
import time

import cpio
import guest
from guest import Guest
from machine import ROOT, Machine


def run(command, limit=120, **machine):
    """Boot, run a command; return (status, output, log)."""
    m = Machine(**machine)
    m.files["etc/lantern/cmd"] = command.encode()
    output = bytearray()
    with Guest(m, output=output.extend) as vm:
        status = vm.wait(limit)
        log = bytes(vm.console.data).decode(errors="replace")
        if status in guest.REASONS:
            log = "\n".join([guest.REASONS[status], vm.tail(), *vm.where()])
    return status, output.decode(errors="replace"), log


def check(command, wanted, **machine):
    status, output, log = run(command, **machine)
    assert status == 0, f"status {status}\n{output}\n{log}"
    assert re.search(wanted, output), f"no {wanted!r} in:\n{output}"


def test_32_megabytes():
    check("free | grep Mem; ls /bin | wc -l; seq 1 1000 | wc -l", r"1000",
          mem="32M", boot="kernel", smp=1)


def test_8_gigabytes():
    # The host need not have it: what is not touched is not there.
    check("grep MemTotal /proc/meminfo", r"MemTotal:\s+(7|8)\d{6} kB",
          mem="8G", smp=2)


def test_16_processors():
    # Far more than the host has: locks must not wait for the host's turn.
    check("grep -c ^processor /proc/cpuinfo; dmesg | grep call_function_from",
          r"^16\s.* ok \d+ call_function_from_all_cpus_at_once", smp=16,
          mem="512M", append="selftest=call_function")


def test_locks_with_a_queue():
    # As on a real machine, where the CPUs that wait do run.
    check("for i in 1 2 3 4 5 6 7 8; do seq 1 20000 | sort -rn | md5sum & done;"
          " wait; dmesg | grep loses_no", r" ok \d+ queued_spinlock_loses_no",
          smp=2, append="qspinlock=on selftest=queued", boot="kernel")


def test_a_plain_old_processor():
    # No XSAVE: FPU images are FXSAVE's, also in signal frames.
    check("for i in 1 2 3 4; do /tests/abi >/tmp/abi && echo fine; done",
          r"^(fine\s+){4}$", cpu="qemu64", boot="kernel")


def test_uefi_and_the_command_line():
    check("cat /proc/cmdline", r"quick one=1 two=2$", firmware="uefi",
          append="one=1 two=2")


def test_status_is_exact():
    for n in (0, 1, 7, 255):
        status, _, log = run(f"exit {n}", boot="kernel")
        assert status == n, f"{status}, not {n}\n{log}"


def test_output_is_exact():
    script = "awk 'BEGIN { for (i = 0; i < 5000; i++) print i, \"line\" }'"
    status, output, log = run(script, boot="kernel")
    assert status == 0, log
    assert output == "".join(f"{i} line\n" for i in range(5000))


def test_sorting_agrees_with_the_host():
    line = "seq 1 100000 | sort -rn | md5sum"
    wanted = subprocess.run(line, shell=True, capture_output=True, text=True)
    check(line, re.escape(wanted.stdout.split()[0]), smp=4)


def test_forks_and_jobs_on_four_processors():
    check("i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done; "
          "i=0; while [ $i -lt 200 ]; do sleep 0.2 & i=$((i+1)); done; "
          "wait; echo done", r"done", smp=4)


def test_memory_hog_does_not_take_the_machine():
    check("(tail -c 1000m /dev/zero >/dev/null) 2>/dev/null; echo still here",
          r"still here", mem="128M", boot="kernel")


def archive_of(path):
    with open(os.path.join(ROOT, "build", path), "rb") as f:
        return f.read()


def check_initrd(data, *wanted):
    """Boot with these bytes as initramfs; the console must say all of it."""
    path = os.path.join(ROOT, "build", f"bad-initrd-{os.getpid()}-{id(data)}")
    with open(path, "wb") as f:
        f.write(data)
    try:
        with Guest(Machine(boot="kernel", initrd=path,
                           append="selftest=off")) as vm:
            for text in wanted:
                vm.expect(text, 30)
    finally:
        os.unlink(path)


def test_truncated_initramfs_is_named():
    check_initrd(archive_of("initramfs.cpio")[:300000],
                 r'initramfs: .*short.*entry "\S+"', r"/bin/sh: No such file")


def test_corrupt_initramfs_is_named():
    data = bytearray(archive_of("initramfs.cpio.gz"))
    data[len(data) // 2] ^= 0xFF
    check_initrd(bytes(data), r"initramfs: ")


def test_no_init_is_said():
    archive = cpio.Archive()
    archive.file("readme", b"nothing to run here\n")
    check_initrd(archive.finish(), r"panic.*[Nn]o (working )?init")


def test_poweroff_halt_and_reboot():
    wanted = {"poweroff": "guest-shutdown", "reboot": "guest-reset"}
    for command, reason in wanted.items():
        with Guest(Machine(boot="kernel")) as vm:
            vm.expect(r"root@lantern:\S*# ", 60)
            vm.send(command + "\r")
            vm.wait(20)
            seen = vm.monitor.shutdown_reason()
            assert seen == reason, f"{command}: {seen}\n{vm.tail()}"


def test_the_image_is_small():
    out = subprocess.run(["size", os.path.join(ROOT, "build/lantern.elf")],
                         capture_output=True, text=True, check=True).stdout
    text, data = map(int, out.splitlines()[1].split()[:2])
    assert text + data < 2 << 20, f"{text} + {data} bytes"


def test_idle_costs_little():
    m = Machine(boot="kernel")
    with Guest(m) as vm:
        vm.expect(r"root@lantern:\S*# ", 60)

        def used():
            with open(f"/proc/{vm.process.pid}/stat") as f:
                words = f.read().rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        vm.pump(3)
        before = used()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            vm.pump(1)
        share = (used() - before) / 10
        assert share < 0.03, f"an idle guest uses {share:.1%} of a core"
