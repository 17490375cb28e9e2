# SPDX-License-Identifier: MIT
"""unwind.py -- let backtraces go on from the kernel into the user program.

The entry code, written in assembly, has no description for debuggers.  But it
marks its frame: rbp holds the address of the pt_regs it has saved, plus one
(arch/x86_64/entry/calling.h).  From there all registers of the interrupted
code, user or kernel, can be had.
"""
import gdb
from gdb.unwinder import Unwinder

from kernel import KERNEL_BASE

# Register, and its place in struct pt_regs in words.
PLACES = {"r15": 0, "r14": 1, "r13": 2, "r12": 3, "rbp": 4, "rbx": 5,
          "r11": 6, "r10": 7, "r9": 8, "r8": 9, "rax": 10, "rcx": 11,
          "rdx": 12, "rsi": 13, "rdi": 14, "rip": 16, "rsp": 19}
MASK = (1 << 64) - 1


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class EntryUnwinder(Unwinder):
    def __init__(self):
        super().__init__("lantern-entry")

    def __call__(self, frame):
        pc = int(frame.read_register("rip")) & MASK
        if pc < KERNEL_BASE:
            return None
        line = gdb.find_pc_line(pc)
        if not line.symtab or not line.symtab.filename.endswith(".S"):
            return None
        mark = int(frame.read_register("rbp")) & MASK
        if mark & 1 == 0 or mark < 0xFFFF800000000000:
            return None
        regs = mark - 1
        word = gdb.lookup_type("unsigned long").pointer()
        info = frame.create_unwind_info(
            FrameId(gdb.Value(regs), gdb.Value(pc)))
        for name, place in PLACES.items():
            value = gdb.Value(regs + 8 * place).cast(word).dereference()
            kind = frame.read_register(name).type
            info.add_saved_register(name, value.cast(kind))
        return info


def install():
    gdb.unwinder.register_unwinder(None, EntryUnwinder(), replace=True)
