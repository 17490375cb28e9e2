# SPDX-License-Identifier: MIT
"""where.py -- where everybody is, in a line each: for guests that hang.

    gdb -batch -ex 'target remote SOCKET' -x tools/gdb/where.py KERNEL

First the CPUs, innermost function first; then the tasks that wait and are not
to be disturbed (D), and those that are ready but do not run (R).
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kernel

DEPTH = 14      # of a chain of calls


def running(thread):
    """The functions that a CPU is in."""
    thread.switch()
    frame, names = gdb.newest_frame(), []
    while frame and len(names) < DEPTH:
        names.append(frame.name() or f"{frame.pc():#x}")
        frame = frame.older()
    return names


def sleeping(task):
    """The functions that a task waits in, by its saved frame pointers."""
    low, sp = int(task["stack"]), int(task["thread"]["sp"])
    frame, ip = kernel.read_word(sp + 40), kernel.read_word(sp + 48)
    names = []
    while len(names) < DEPTH:
        names.append(kernel.function_at(ip).split("+")[0])
        if not low <= frame < low + kernel.THREAD_SIZE - 16 or frame & 1:
            break
        frame, ip = kernel.read_word(frame), kernel.read_word(frame + 8)
    return names


def tell(who, names):
    print(f"WHERE {who}: {' < '.join(names)}")


for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
    try:
        tell(f"CPU {thread.num - 1}", running(thread))
    except gdb.error as problem:
        tell(f"CPU {thread.num - 1}", [str(problem)])
for task in kernel.tasks():
    letter = kernel.state_letter(task)
    if letter in "DR" and not int(task["on_cpu"]):
        tell(f"{letter} {int(task['pid'])} {kernel.text(task['comm'])}",
             sleeping(task))
