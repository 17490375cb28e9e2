#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ksyms.py -- write the kernel's own symbol table as assembly.

usage: ksyms.py [--nm NM] OUT.S lantern0.elf

The image given is linked without a table.  The table lies behind the text, so
that it moves no function of .text; those of .init.text it moves as a block, and
the table counts their offsets as if the block began at _etext.  One link
before this one therefore tells all.  The format is explained in
include/kernel/kallsyms.h.

Names are made short by pairs: the two neighbouring bytes seen most often become
one byte that no name uses, and so on until all 256 are used.
"""
import argparse
import subprocess
from collections import Counter

MARK_EACH = 16          # kernel/core/kallsyms.c has these three, too
NAME_LENGTH = 128
ENDS = {"t": 0, "T": 1}
PAIRS_AT_ONCE = 8       # counting is slow: take the best few of each count


def functions(nm, image):
    """Return the image's functions, sorted: (offset, name, static or not)."""
    text = subprocess.run([nm, "-n", image], capture_output=True, text=True,
                          check=True).stdout
    symbols = [line.split() for line in text.splitlines()]
    symbols = [(int(s[0], 16), s[1], s[2]) for s in symbols if len(s) == 3]
    edge = {name: address for address, _, name in symbols
            if name in ("_text", "_etext", "_sinittext", "_einittext")}
    found = {}
    for address, letter, name in symbols:
        # Assembler labels are noise.
        if letter not in "tTwW" or name.startswith((".L", "__pfx_")):
            continue
        if edge["_text"] <= address < edge["_etext"]:
            offset = address - edge["_text"]
        elif edge["_sinittext"] <= address < edge["_einittext"]:
            offset = (address - edge["_sinittext"]
                      + edge["_etext"] - edge["_text"])
        else:
            continue
        if len(name) >= NAME_LENGTH:
            raise SystemExit(f"ksyms.py: {name}: the name is too long")
        found.setdefault((offset, name), "t" if letter == "t" else "T")
    return [(*key, letter) for key, letter in sorted(found.items())]


def best_pairs(text):
    """The most frequent pairs of bytes that have no byte in common."""
    counts = Counter(zip(text, text[1:]))
    ranked = sorted((-n, pair) for pair, n in counts.items() if min(pair) > 1)
    seen = set()
    for _, pair in ranked[:2 * PAIRS_AT_ONCE]:
        if seen.isdisjoint(pair):
            seen.update(pair)
            yield bytes(pair)


def compress(text):
    """Return the text with pairs replaced, and what each byte stands for."""
    meaning = {byte: bytes([byte]) for byte in text if byte > 1}
    unused = [byte for byte in range(2, 256) if byte not in meaning]
    # Every other name says enough about all of them.
    sample = b"\0".join(text.split(b"\0")[::2])
    while unused:
        taken = [(pair, unused.pop(0))
                 for pair, _ in zip(best_pairs(sample), list(unused))]
        if not taken:
            break
        for pair, byte in taken:
            meaning[byte] = meaning[pair[0]] + meaning[pair[1]]
            sample = sample.replace(pair, bytes([byte]))
            text = text.replace(pair, bytes([byte]))
    return text, [meaning.get(byte, b"") for byte in range(256)]


def step(distance):
    """A distance as bytes: sixteens where it can be, seven bits a byte."""
    value = distance * 2 + 1 if distance % 16 else distance // 16 * 2
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def split(text):
    """Cut the text behind each byte that ends a name."""
    start = 0
    for at, byte in enumerate(text):
        if byte < 2:
            yield text[start:at + 1]
            start = at + 1


def emit(out, table):
    text = b"".join(name.encode() + bytes([ENDS[letter]])
                    for _, name, letter in table)
    text, meaning = compress(text)
    entries, marks, last = [], [], 0
    for (offset, _, _), name in zip(table, split(text)):
        if len(entries) % MARK_EACH == 0:
            marks.append((last, sum(map(len, entries[-MARK_EACH:]))
                          + (marks[-1][1] if marks else 0)))
        entries.append(step(offset - last) + name)
        last = offset
    at, index = 0, []
    for token in meaning:
        index.append(at)
        at += len(token)

    write = lambda *lines: print(*lines, sep="\n", file=out)

    def start(name, align):
        write(f"\t.balign {align}", f"\t.globl {name}", f"{name}:")

    def data(kind, rows):
        write(*(f"\t{kind} " + ",".join(map(str, row)) for row in rows))

    write("/* Made by tools/ksyms.py; see include/kernel/kallsyms.h. */",
          '\t.section .rodata, "a"')
    start("kallsyms_count", 4)
    data(".long", [[len(table)]])
    start("kallsyms_marks", 4)
    data(".long", marks)
    start("kallsyms_token_index", 2)
    data(".short", [index + [at]])
    start("kallsyms_tokens", 1)
    data(".byte", [token for token in meaning if token])
    start("kallsyms_entries", 1)
    data(".byte", entries)
    write('\t.section .note.GNU-stack, "", @progbits')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", default="nm")
    parser.add_argument("out")
    parser.add_argument("image")
    args = parser.parse_args()
    with open(args.out, "w") as out:
        emit(out, functions(args.nm, args.image))


if __name__ == "__main__":
    main()
