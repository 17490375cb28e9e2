# SPDX-License-Identifier: MIT
"""guest.py -- run a machine.Machine and talk to what runs in it.

The guest has two serial ports.  On the first, ttyS0, is the console: firmware,
kernel log and, when a person is there, the shell.  On the second, ttyS1, are a
command's input and output and nothing else, so they can be had byte for byte.

Firmware may have written to both before, so the second one counts from the
line `lantern-begin` on.  Init is told what to do by files in /etc/lantern (see user/init/run.c) and
reports on the console, in lines of its own:

    lantern-run: console      the command's output comes here after all (the
                              guest has no second serial port)
    lantern-exit: N           the command ended with status N

A Guest is driven by pump(): nothing happens behind the caller's back.
"""
import ctypes
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import net
from machine import ROOT
from qmp import Monitor

PANIC = re.compile(rb"Kernel panic|kernel panic -|PANIC:", re.M)
BEGIN = b"lantern-begin\n"
RUN_HERE = re.compile(rb"^lantern-run: console\r?\n", re.M)
EXIT = re.compile(rb"lantern-exit: (\d+)\r?\n")

# What tools/vm exits with when the guest did not get as far as a status.
PANICKED, HUNG, RESET, NO_STATUS, CANNOT_RUN = 250, 251, 252, 253, 254
REASONS = {PANICKED: "the guest panicked", HUNG: "the guest hung (time limit)",
           RESET: "the guest was reset", NO_STATUS:
           "the guest went off without reporting a status"}


def die_with_parent():
    """In QEMU's process, before it is QEMU: nobody is left to stop it when we
    are killed.  PR_SET_PDEATHSIG is 1; only Linux has it."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


class Port:
    """One serial port: all it has said so far, and who else wants to hear."""

    def __init__(self, sock, listener=None):
        self.sock = sock
        self.data = bytearray()
        self.listener = listener
        self.open = True

    def fileno(self):
        return self.sock.fileno()

    def receive(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        self.open = bool(data)
        self.data += data
        if data and self.listener:
            self.listener(data)


class Guest:
    """A running machine.  Use it as a context manager: it is always stopped."""

    def __init__(self, machine, output=None, log=None):
        """output(bytes) hears ttyS1; log(bytes) hears ttyS0."""
        self.machine = machine
        self.scratch = tempfile.mkdtemp(prefix="lantern-vm-")
        self.process = None
        self.started = time.monotonic()
        self.output = output
        self.log = log
        self.here = None        # where the command's output starts on ttyS0
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def _listen(self, name):
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.path.join(self.scratch, name))
        server.listen(1)
        server.settimeout(20)
        return server

    def _start(self):
        args = self.machine.arguments(self.scratch)
        servers = [self._listen(n) for n in ("com1", "com2", "qmp")]
        for name in ("com1", "com2"):
            path = os.path.join(self.scratch, name)
            args += ["-chardev", f"socket,id={name},path={path}",
                     "-serial", f"chardev:{name}"]
        args += ["-qmp", f"unix:{self.scratch}/qmp"]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=self.errors,
            stderr=self.errors, start_new_session=True,
            preexec_fn=die_with_parent)
        socks = [self._accept(s) for s in servers]
        self.console = Port(socks[0], self._console_said)
        self.begun = False
        self.stdio = Port(socks[1], self._stdio_said)
        self.monitor = Monitor(socks[2])
        self.monitor.greet()
        if self.machine.forwards:
            net.widen_queues(self.process.pid, len(self.machine.forwards))
        for what in (self.console, self.stdio, self.monitor):
            self.selector.register(what, selectors.EVENT_READ)

    def _accept(self, server):
        server.settimeout(0.2)
        while self.process.poll() is None:
            try:
                return server.accept()[0]
            except socket.timeout:
                continue
            finally:
                server.settimeout(0.2)
        raise RuntimeError("QEMU did not start: " + self.qemu_errors())

    def qemu_errors(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def _console_said(self, data):
        if self.log:
            self.log(data)
        if self.here is None:
            found = RUN_HERE.search(self.console.data)
            if not found:
                return
            self.here = found.end()
        # Output on the console: pass it on, up to the line with the status.
        end = self.console.data.find(b"lantern-exit: ", self.here)
        stop = len(self.console.data) if end < 0 else end
        text = bytes(self.console.data[self.here:stop])
        self.here = max(stop, self.here)
        if self.output and text:
            self.output(text)

    def _stdio_said(self, data):
        if not self.begun:
            at = self.stdio.data.find(BEGIN)
            if at < 0:
                return
            self.begun = True
            data = bytes(self.stdio.data[at + len(BEGIN):])
        if self.output and data:
            self.output(data)

    def pump(self, timeout):
        """Take in what the guest says within `timeout` s; False once it is off."""
        if not self.selector.get_map():
            return False
        for key, _ in self.selector.select(max(timeout, 0)):
            port = key.fileobj
            port.receive()
            if not (port.open if isinstance(port, Port) else not port.closed):
                self.selector.unregister(port)
        return True

    # -- talking to it, for tests that type --------------------------------

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        self.console.sock.setblocking(True)
        self.console.sock.sendall(data)

    def expect(self, pattern, timeout=30, start=None):
        """Wait until the console matches `pattern` after `start` (a position,
        by default where the last expect ended); return the match."""
        if isinstance(pattern, str):
            pattern = pattern.encode()
        pattern = re.compile(pattern, re.M | re.S)
        at = getattr(self, "_expected", 0) if start is None else start
        deadline = time.monotonic() + timeout
        while True:
            found = pattern.search(self.console.data, at)
            if found:
                self._expected = found.end()
                return found
            left = deadline - time.monotonic()
            if left <= 0 or not self.pump(min(left, 0.5)):
                tail = bytes(self.console.data[at:])[-2000:]
                raise AssertionError(
                    f"no {pattern.pattern!r} within {timeout} s; the console "
                    f"says:\n{tail.decode(errors='replace')}")

    def status(self):
        """The status that init has reported, or None."""
        found = EXIT.search(self.console.data)
        return int(found[1]) if found else None

    def panicked(self):
        return bool(PANIC.search(self.console.data))

    # -- the end -------------------------------------------------------------

    def wait(self, timeout=None, grace=10):
        """Run until the guest is off, dead or out of time; return its status
        (0..255), or one of REASONS."""
        deadline = time.monotonic() + timeout if timeout else None
        dying = False
        while self.pump(0.25 if deadline is None else
                        min(0.25, deadline - time.monotonic())):
            now = time.monotonic()
            if not dying and self.panicked():
                dying, deadline = True, now + 2     # let it finish its report
            elif not dying and self.status() is not None:
                dying, deadline = True, now + grace
            if deadline is not None and now >= deadline:
                break
        return self._verdict()

    def _verdict(self):
        if self.panicked():
            return PANICKED
        status = self.status()
        if status is not None:
            return status
        reason = self.monitor.shutdown_reason()
        if reason == "guest-reset":
            return RESET
        if self.monitor.closed and not reason and self.process.wait(5):
            raise RuntimeError("QEMU ended: " + self.qemu_errors())
        if reason or self.monitor.closed:
            return NO_STATUS
        return HUNG

    def is_off(self):
        return self.monitor.closed or bool(self.monitor.shutdown_reason())

    def where(self):
        """A line for each CPU, and for each task that should run or be let go:
        the functions that it is in.  Without GDB, the innermost of each CPU."""
        if self.monitor.closed:
            return []
        if self.machine.boot != "linux" and shutil.which("gdb"):
            lines = self._ask_gdb()
            if lines:
                return lines
        dump = self.monitor.human("info registers -a")
        ips = re.findall(r"RIP=([0-9a-f]+)", dump)
        return [f"CPU {n}: {ip} {self._symbol(int(ip, 16))}"
                for n, ip in enumerate(ips)]

    def _ask_gdb(self):
        path = os.path.join(self.scratch, "gdb")
        self.monitor.human(f"gdbserver unix:{path},server=on,wait=off")
        try:
            said = subprocess.run(
                ["gdb", "-nx", "-batch", "-ex", f"target remote {path}", "-x",
                 os.path.join(ROOT, "tools/gdb/where.py"),
                 self.machine.path("lantern.elf")],
                capture_output=True, text=True, timeout=60).stdout
        except subprocess.TimeoutExpired:
            return []
        return re.findall(r"^WHERE (.*)$", said, re.M)

    def _symbol(self, address):
        try:
            with open(self.machine.path("System.map")) as f:
                best = ""
                for line in f:
                    at, _, name = line.split()[:3]
                    if int(at, 16) > address:
                        break
                    best = name
                return best if address >> 47 else "(user)"
        except Exception:       # no map, or a Linux guest
            return ""

    def tail(self, lines=25):
        text = bytes(self.console.data).decode(errors="replace")
        return "\n".join(text.replace("\r", "").splitlines()[-lines:])

    def stop(self):
        if self.process and self.process.poll() is None:
            if self.is_off():
                try:
                    self.process.wait(2)
                except subprocess.TimeoutExpired:
                    pass
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
        self.selector.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
