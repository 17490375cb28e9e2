# SPDX-License-Identifier: MIT
"""qmp.py -- the few words of QEMU's machine protocol that we speak.

QEMU connects to us, so no byte is lost.  Events are kept as they come; a
command waits for its own answer.
"""
import json


class Monitor:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.events = []
        self.closed = False

    def fileno(self):
        return self.sock.fileno()

    def receive(self):
        """Take in what has arrived; return the replies (not the events)."""
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        self.closed = not data
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        replies = []
        for line in lines:
            if line.strip():
                message = json.loads(line)
                kept = self.events if "event" in message else replies
                kept.append(message)
        return replies

    def command(self, name, /, timeout=5, **arguments):
        """Run one command; return its value, or None if QEMU is gone."""
        request = {"execute": name}
        if arguments:
            request["arguments"] = arguments
        self.sock.settimeout(timeout)
        try:
            self.sock.sendall(json.dumps(request).encode() + b"\n")
            while not self.closed:
                for reply in self.receive():
                    if "return" in reply or "error" in reply:
                        return reply.get("return")
        except OSError:
            pass
        return None

    def greet(self):
        self.command("qmp_capabilities")

    def human(self, line):
        """Run a line of the human monitor; return what it prints."""
        return self.command("human-monitor-command",
                            **{"command-line": line}) or ""

    def shutdown_reason(self):
        """Why the guest went down (guest-shutdown, guest-reset...), or None."""
        for event in self.events:
            if event["event"] == "SHUTDOWN":
                return event["data"].get("reason", "unknown")
        return None
