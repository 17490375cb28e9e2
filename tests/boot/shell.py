# SPDX-License-Identifier: MIT
"""shell.py -- a person at the console: what the shell needs of the kernel."""
import time

from guest import Guest
from machine import Machine

PROMPT = r"root@lantern:\S*# (\x1b\[6n)?$"
ESC, ENTER = "\x1b", "\r"


class Person:
    """Somebody who types at the console of a fresh machine."""

    def __init__(self, **machine):
        self.guest = Guest(Machine(**machine))

    def __enter__(self):
        self.guest.__enter__()
        self.guest.expect(PROMPT, timeout=60)
        return self

    def __exit__(self, *unused):
        self.guest.stop()

    def press(self, *keys):
        """Press keys with the pauses that people make."""
        for key in keys:
            self.guest.send(key)
            time.sleep(0.3)

    def run(self, line, wanted="", timeout=30):
        """Type a line; wait for the wanted output, then for the prompt."""
        self.guest.send(line + ENTER)
        self.guest.expect(r"\n", timeout)
        found = self.guest.expect(wanted, timeout) if wanted else None
        self.guest.expect(PROMPT, timeout)
        return found


def test_pipelines_and_redirection():
    with Person() as me:
        me.run("echo one two three | tr ' ' '\\n' | sort | head -n 1",
               r"^one\r\n")
        me.run("echo text > /tmp/f; echo more >> /tmp/f; wc -l < /tmp/f",
               r"^2\r\n")
        me.run("cat /no/such 2> /tmp/e; cat /tmp/e", r"No such file")
        me.run("echo $((6 * 7)) `uname -m`", r"^42 x86_64\r\n")


def test_ctrl_c_interrupts():
    with Person() as me:
        me.guest.send("sleep 100" + ENTER)
        me.press("", "\x03")
        me.guest.expect(PROMPT, 5)
        me.run("echo status $?", r"status 130")
        me.guest.send("cat" + ENTER)
        me.press("", "\x03")
        me.guest.expect(PROMPT, 5)


def test_jobs_stop_and_go_on():
    with Person() as me:
        me.guest.send("sleep 300" + ENTER)
        me.press("", "\x1a")
        me.guest.expect(r"Stopped", 5)
        me.guest.expect(PROMPT)
        me.run("jobs", r"Stopped.*sleep 300")
        me.run("bg", r"sleep 300")
        me.run("jobs", r"Running.*sleep 300")
        me.guest.send("fg" + ENTER)
        me.press("", "\x03")
        me.guest.expect(PROMPT, 5)
        me.run("jobs; echo none", r"^none")
        me.run("sleep 400 & kill -9 $!; wait $!; echo $?", r"^137\r\n")


def test_vi_edits_and_saves():
    with Person() as me:
        me.guest.send("vi /tmp/letter" + ENTER)
        time.sleep(1)
        me.press("i", "Dear reader,", ENTER, "hello.", ESC, ":wq", ENTER)
        me.guest.expect(PROMPT)
        me.run("cat /tmp/letter", r"Dear reader,\r\nhello\.\r\n")


def test_top_updates():
    with Person() as me:
        me.guest.send("top -d 1" + ENTER)
        for _ in range(3):
            me.guest.expect(r"Mem:.*COMMAND", 10)
        me.press("q")
        me.guest.expect(PROMPT)


def test_completion_and_history():
    with Person() as me:
        me.run("mkdir /tmp/longname; touch /tmp/longname/file")
        me.guest.send("ls /tmp/longn")
        me.press("\t", ENTER)
        me.guest.expect(r"file\r\n")
        me.guest.expect(PROMPT)
        me.run("echo first-line", r"^first-line")
        me.guest.send(ESC + "[A")
        me.press("", ENTER)
        me.guest.expect(r"^first-line")
        me.guest.expect(PROMPT)


def test_a_shell_that_ends_comes_back():
    with Person() as me:
        me.guest.send("exit" + ENTER)
        me.guest.expect(r"switches off", 10)
        me.guest.expect(PROMPT)
        me.run("echo again", r"^again")


def test_busybox_sees_the_system():
    with Person() as me:
        me.run("ps", r"PID\s+USER.*\n\s+1\s+root.*\[kthreadd\]")
        me.run("free | head -n 2", r"Mem:\s+\d+\s+\d+")
        me.run("mount", r"proc on /proc type proc")
        me.run("df /tmp", r"tmpfs")
        me.run("uptime", r"up .*load average")
        me.run("pidof sh", r"^\d+")
        me.run("dmesg | head -n 3", r"^.*\n")
