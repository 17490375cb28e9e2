# SPDX-License-Identifier: MIT
"""lantern.py -- GDB commands for Lantern: lantern-ps, -dmesg, -pt, -vmas ..."""
import os
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import kernel       # noqa: E402  (the path has to be set first)


class Command(gdb.Command):
    """A command whose class has `name` and run(words); the docstring helps."""

    name = ""

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        try:
            self.run(gdb.string_to_argv(argument))
        except gdb.MemoryError as problem:
            raise gdb.GdbError(f"the structure leads nowhere: {problem}")


class Prefix(gdb.Command):
    """Commands that know the kernel: lantern-ps, lantern-bt PID, lantern-dmesg,
lantern-pt ADDRESS, lantern-vmas PID, lantern-buddy, lantern-user."""

    def __init__(self):
        super().__init__("lantern", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        gdb.execute("help lantern")


class Ps(Command):
    """List all tasks: state, CPU (* running there now), parent, what it does."""

    name = "lantern-ps"

    def run(self, words):
        print(f"{'PID':>6} {'PPID':>6} S CPU  {'TASK':<18} COMMAND")
        for t in kernel.tasks():
            running = "*" if int(t["on_cpu"]) else " "
            parent = int(t["real_parent"]["pid"]) if int(t["real_parent"]) else 0
            name = kernel.text(t["comm"])
            if not int(t["mm"]):
                name = f"[{name}]"
            print(f"{int(t['pid']):>6} {parent:>6} {kernel.state_letter(t)} "
                  f"{int(t['cpu']):>3}{running} {int(t):#018x} {name}")


class Backtrace(Command):
    """lantern-bt PID: where a task sleeps, by its saved frame pointers."""

    name = "lantern-bt"

    def run(self, words):
        if len(words) != 1:
            raise gdb.GdbError("usage: lantern-bt PID")
        task = kernel.task_of(int(words[0]))
        if int(task["on_cpu"]):
            raise gdb.GdbError("it runs now: select its CPU's thread, then bt")
        low = int(task["stack"])
        sp = int(task["thread"]["sp"])
        # __switch_to_asm pushed rbp, rbx, r12..r15; above them its caller.
        frame, ip = kernel.read_word(sp + 40), kernel.read_word(sp + 48)
        for n in range(40):
            print(f"#{n:<2} {ip:#018x} {kernel.function_at(ip)}")
            if not low <= frame < low + kernel.THREAD_SIZE - 16 or frame & 1:
                break
            frame, ip = kernel.read_word(frame), kernel.read_word(frame + 8)


class Dmesg(Command):
    """lantern-dmesg [N]: the kernel log (its last N records) from memory."""

    name = "lantern-dmesg"

    def run(self, words):
        descs, texts = kernel.symbol("descs"), kernel.symbol("texts")
        first, after = int(kernel.symbol("first")), int(kernel.symbol("next"))
        if words:
            first = max(first, after - int(words[0]))
        slots, size = descs.type.range()[1] + 1, texts.type.sizeof
        base, memory = int(texts.address), gdb.selected_inferior()
        for seq in range(first, after):
            d = descs[seq % slots]
            data = bytes(memory.read_memory(base + int(d["pos"]) % size,
                                            int(d["len"]) or 1))
            line = data[:int(d["len"])].decode("utf-8", "replace").rstrip("\n")
            print(f"[{int(d['ts_nsec']) / 1e9:12.6f}] {line}")


PT_BITS = ((0, "P"), (1, "W"), (2, "U"), (5, "A"), (6, "D"), (7, "S"),
           (8, "G"), (63, "NX"))
LEVELS = (("PGD", 39), ("PUD", 30), ("PMD", 21), ("PTE", 12))
FRAME = 0x000FFFFFFFFFF000


class PageTable(Command):
    """lantern-pt ADDRESS [PID]: walk the page tables, level by level.

Bits: Present Writable User Accessed Dirty (page-)Size Global No-eXecute."""

    name = "lantern-pt"

    def run(self, words):
        if not words:
            raise gdb.GdbError("usage: lantern-pt ADDRESS [PID]")
        address = int(gdb.parse_and_eval(words[0])) & ((1 << 64) - 1)
        table = self.root(words)
        print(f"table at {table:#x}")
        for level, shift in LEVELS:
            index = address >> shift & 511
            entry = kernel.read_physical(table + 8 * index)
            bits = " ".join(name if entry >> bit & 1 else "-" * len(name)
                            for bit, name in PT_BITS)
            print(f"{level}[{index:3}] = {entry:#018x}  {bits}")
            if not entry & 1:
                print("not mapped")
                return
            table = entry & FRAME
            if shift == 12 or (entry >> 7 & 1 and shift < 39):
                inside = address & ((1 << shift) - 1)
                frame = table & ~((1 << shift) - 1)
                print(f"physical {frame + inside:#x} "
                      f"({1 << shift >> 10} KiB page)")
                return

    def root(self, words):
        if len(words) > 1:
            mm = kernel.task_of(int(words[1]))["mm"]
            if not int(mm):
                raise gdb.GdbError("a kernel thread has no address space")
            return int(mm["pgd"]) - kernel.PAGE_OFFSET
        return int(gdb.parse_and_eval("$cr3")) & FRAME


class Vmas(Command):
    """lantern-vmas PID: the areas of a process, as in /proc/PID/maps."""

    name = "lantern-vmas"

    def run(self, words):
        task = kernel.task_of(int(words[0])) if words else kernel.current()
        mm = task["mm"]
        if not int(mm):
            raise gdb.GdbError("a kernel thread has no areas")
        for vma in kernel.list_entries(mm["mmap"], "struct vm_area_struct",
                                       "vm_list"):
            flags = int(vma["vm_flags"])
            rwx = "".join(c if flags & bit else "-"
                          for c, bit in (("r", 1), ("w", 2), ("x", 4)))
            print(f"{int(vma['vm_start']):012x}-{int(vma['vm_end']):012x} "
                  f"{rwx}{'s' if flags & 8 else 'p'} "
                  f"{int(vma['vm_pgoff']) * kernel.PAGE:08x} "
                  f"{kernel.file_name(vma['vm_file'])}")


class Buddy(Command):
    """Free blocks of each zone by order, counted from the lists themselves."""

    name = "lantern-buddy"

    def run(self, words):
        zones = kernel.symbol("contig_page_data")["node_zones"]
        for n in range(zones.type.range()[1] + 1):
            zone = zones[n]
            if not int(zone["present_pages"]):
                continue
            areas = zone["free_area"]
            counts, pages = [], 0
            for order in range(areas.type.range()[1] + 1):
                blocks = sum(1 for _ in kernel.list_entries(
                    areas[order]["free_list"], "struct page", "lru"))
                counts.append(blocks)
                pages += blocks << order
            print(f"{zone['name'].string():<8} "
                  + " ".join(f"{c:>5}" for c in counts))
            print(f"         {pages} pages in the lists, nr_free_pages "
                  f"{int(zone['nr_free_pages'])}, managed "
                  f"{int(zone['managed_pages'])}")


class User(Command):
    """lantern-user [PID]: load the symbols of the program that a task runs."""

    name = "lantern-user"

    def run(self, words):
        task = kernel.task_of(int(words[0])) if words else kernel.current()
        if not int(task["mm"]):
            raise gdb.GdbError("a kernel thread runs no program")
        name = kernel.file_name(task["mm"]["exe_file"])
        for folder in ("user", "tests/user", "tests"):
            for path in (f"{folder}/{name}", f"{folder}/{name}/{name}"):
                full = os.path.join(ROOT, "build", path)
                if os.path.isfile(full):
                    gdb.execute(f"add-symbol-file {full}")
                    return
        print(f"{name}: no file with symbols for it in build/")


def main():
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute("set print pretty on")
    gdb.execute(f"directory {ROOT}")
    Prefix()
    for command in (Ps, Backtrace, Dmesg, PageTable, Vmas, Buddy, User):
        command()


main()
