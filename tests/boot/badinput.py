# SPDX-License-Identifier: MIT
"""badinput.py -- machines that are given what nobody should give them."""
import os
import re
import tempfile

import guest
from guest import Guest
from machine import ROOT, Machine

COMPLAINTS = r"BUG|WARNING|Oops|Call Trace"


def boot(data=None, limit=20, **machine):
    """Boot with these bytes as the archive; return (status, log)."""
    with tempfile.NamedTemporaryFile() as f:
        if data is not None:
            f.write(data)
            f.flush()
            machine["initrd"] = f.name
        with Guest(Machine(boot="kernel", **machine)) as vm:
            status = vm.wait(limit)
            return status, bytes(vm.console.data).decode(errors="replace")


def whole_archive():
    with open(os.path.join(ROOT, "build/initramfs.cpio"), "rb") as f:
        return bytearray(f.read())


def spoilt(offset, text, entry=3):
    """The archive with text at this offset of the n-th header, and its name."""
    data, at = whole_archive(), 0
    for _ in range(entry):
        at = data.index(b"070701", at + 6)
    name = data[at + 110:data.index(b"\0", at + 110)].decode()
    data[at + offset:at + offset + len(text)] = text
    return bytes(data), name


def previous(entry=3):
    return spoilt(0, b"", entry - 1)[1]


def test_a_spoilt_header_is_named():
    kinds = {"no cpio header": (0, b"0707xx"), "bad number": (94, b"zzzzzzzz"),
             "bad name length": (94, b"ffffffff"), "cut short": (54, b"ffffffff")}
    for words, (offset, text) in kinds.items():
        data, name = spoilt(offset, text)
        status, log = boot(data, append="selftest=off")
        assert status == guest.PANICKED, f"{words}: {status}\n{log}"
        said = re.search(rf'initramfs: .*{words}.*entry "(.*)"', log)
        assert said, f"no {words!r} in\n{log}"
        assert said.group(1) in (name, previous()), f"{said.group(0)}: {name}"
        assert not re.search("BUG|WARNING|Oops", log), log


def test_noise_for_an_archive():
    for data in (b"", b"x", bytes(range(256)) * 500, b"070701" * 5000,
                 b"\x1f\x8b\x08" + b"\xff" * 5000):
        status, log = boot(data, append="selftest=off")
        assert status == guest.PANICKED, f"{data[:8]}: {status}\n{log}"
        assert re.search(r"No working init found", log), log


def test_init_that_is_not_there():
    for path in ("/no/such/init", "/etc", "/dev/null"):
        status, log = boot(append=f"selftest=off init={path}")
        assert status == guest.PANICKED, f"{path}: {status}\n{log}"
        assert f"Requested init {path} failed" in log, log


def survives(command, limit=120, **machine):
    """After the command the shell still works, and nothing was reported."""
    m = Machine(boot="kernel", **machine)
    m.files["etc/lantern/script"] = f"{command}\necho still here\n".encode()
    output = bytearray()
    with Guest(m, output=output.extend) as vm:
        status = vm.wait(limit)
        log = bytes(vm.console.data).decode(errors="replace")
    text = output.decode(errors="replace")
    assert status == 0, f"status {status}\n{text}\n{log[-3000:]}"
    assert "still here" in text, f"{text}\n{log[-3000:]}"
    said = re.search(COMPLAINTS, log.split("boot: starting init")[-1])
    assert not said, log[-3000:]


def test_tasks_until_no_more_are_given():
    survives("(i=0; while [ $i -lt 5000 ]; do sleep 1000 & i=$((i + 1)); done) "
             ">/dev/null 2>&1\nkillall -9 sleep; sleep 1", mem="64M",
             smp=2)


def test_pipelines_in_32_megabytes():
    survives("seq 1 20000 | sort -rn | md5sum; ls -lR /proc/self /etc /bin | "
             "gzip | gunzip | wc -l; dd if=/dev/zero of=/tmp/f bs=1k count=40k",
             mem="32M", smp=2)


def test_memory_hogs_in_64_megabytes():
    survives("for i in 1 2 3; do tail -c 1000m /dev/zero >/dev/null 2>&1 & "
             "done; wait; dd if=/dev/zero of=/tmp/f bs=1M 2>/dev/null; "
             "rm /tmp/f; seq 1 1000 | wc -l", mem="64M", smp=2)
