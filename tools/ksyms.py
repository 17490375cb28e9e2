#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ksyms.py -- write the kernel's own symbol table as assembly.

usage: ksyms.py [--nm NM] OUT.S [lantern.elf]

Without an image the table is empty: the first link uses that.  The format is
explained in include/kernel/kallsyms.h.  The table names functions only.  Their
number does not depend on where they lie, so the table's size is settled after
one link and the addresses after two.
"""
import argparse
import subprocess

MARK_EACH = 16          # kernel/core/kallsyms.c has it, too


def functions(nm, image):
    """Return the image's functions as a sorted list of (address, letter+name)."""
    text = subprocess.run([nm, "-n", image], capture_output=True, text=True,
                          check=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) != 3 or words[1] not in "tTwW":
            continue
        address, letter, name = int(words[0], 16), words[1], words[2]
        # The boot code runs at low addresses; assembler labels are noise.
        if address < 0xFFFFFFFF80000000 or name.startswith((".L", "__pfx_")):
            continue
        letter = "t" if letter == "t" else "T"
        found.setdefault((address, name), letter)
    return [(address, letter + name)
            for (address, name), letter in sorted(found.items())]


def emit(out, table):
    base = table[0][0] if table else 0
    write = lambda *lines: print(*lines, sep="\n", file=out)

    def start(name, align):
        write(f"\t.balign {align}", f"\t.globl {name}", f"{name}:")

    write("/* Made by tools/ksyms.py; see include/kernel/kallsyms.h. */",
          '\t.section .rodata, "a"')
    start("kallsyms_base", 8)
    write(f"\t.quad {base:#x}")
    start("kallsyms_count", 4)
    write(f"\t.long {len(table)}")
    start("kallsyms_offsets", 4)
    for address, _ in table:
        write(f"\t.long {address - base:#x}")
    start("kallsyms_marks", 4)
    at = 0
    for i, (_, name) in enumerate(table):
        if i % MARK_EACH == 0:
            write(f"\t.long {at}")
        at += len(name) + 1
    start("kallsyms_names", 1)
    for _, name in table:
        write(f'\t.asciz "{name}"')
    write("\t.byte 0", '\t.section .note.GNU-stack, "", @progbits')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", default="nm")
    parser.add_argument("out")
    parser.add_argument("image", nargs="?")
    args = parser.parse_args()
    table = functions(args.nm, args.image) if args.image else []
    with open(args.out, "w") as out:
        emit(out, table)


if __name__ == "__main__":
    main()
