# SPDX-License-Identifier: MIT
"""commands.py -- what tools/vm, make run and make debug promise."""
import os
import subprocess
import sys

from machine import ROOT

VM = [sys.executable, os.path.join(ROOT, "tools/vm"), "--timeout", "90"]


def call(args, text="", limit=180):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(args, input=text, capture_output=True, text=True,
                          cwd=ROOT, timeout=limit, env=env)


def test_vm_returns_the_commands_status():
    done = call(VM + ["--cmd", "echo out; exit 7"])
    assert done.returncode == 7, done
    assert done.stdout == "out\n", done


def test_vm_runs_the_lines_of_standard_input():
    done = call(VM, "echo first\nx=2\necho second $x\nexit 3\n")
    assert done.returncode == 3, done
    assert done.stdout == "first\nsecond 2\n", done


def make_run(line):
    """make run CMD=line, with the compiler that `make test` was given."""
    words = ["make", "-s", "run", f"CMD={line}", "VMFLAGS=--timeout 90"]
    if os.environ.get("LANTERN_CC"):
        words.append("CC=" + os.environ["LANTERN_CC"])
    return call(words)


def test_make_run():
    done = make_run("""echo "$HOME" '$(x)' \\"q\\" 50% #hash""")
    assert done.returncode == 0, done
    assert done.stdout == """/root $(x) "q" 50%\n""", done
    done = make_run("exit 7")       # not at the same time: one build folder
    assert done.returncode == 2 and "Error 7" in done.stderr, done


def test_vm_says_panic():
    done = call(VM + ["--append", "rdinit=/none init=/none", "--cmd", "true"])
    assert done.returncode == 250, done
    assert "panic" in done.stderr, done


def test_vm_says_hung():
    done = call(VM + ["--kernel", "--timeout", "10", "--cmd", "sleep 1000"])
    assert done.returncode == 251, done
    assert "hung" in done.stderr and "CPU 0" in done.stderr, done


def test_vm_says_reset():
    done = call(VM + ["--kernel", "--cmd", "reboot -f; sleep 60"])
    assert done.returncode == 252, done


def test_vm_says_what_is_missing():
    done = call(VM + ["--kernel", "/no/such/file", "--cmd", "true"])
    assert done.returncode == 254 and "vm:" in done.stderr, done


def test_debugger_stops_in_copy_process():
    gdb = ("-batch -ex 'break copy_process' -ex continue -ex 'delete' "
           "-ex bt -ex lantern-ps -ex kill")
    done = call(VM + ["--debug", "--gdb-args", gdb])
    assert "copy_process" in done.stdout, done.stdout + done.stderr
    assert "swapper" in done.stdout, done.stdout + done.stderr
