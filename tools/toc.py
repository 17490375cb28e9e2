#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""toc.py -- write the table of contents in docs/README.md.

usage: toc.py [--check]

Every docs/NN-name.md is a chapter; its first line is its title.  The list
stands between the two markers; --check only says whether it is up to date.
"""
import glob
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(ROOT, "docs/README.md")
BEGIN, END = "<!-- chapters -->\n", "<!-- end of chapters -->\n"


def title(path):
    with open(path) as f:
        return f.readline().lstrip("# ").strip() or os.path.basename(path)


def contents():
    lines = []
    paths = glob.glob(os.path.join(ROOT, "docs/[0-9][0-9]*-*.md"))
    for path in sorted(paths, key=lambda p: int(
            os.path.basename(p).split("-")[0])):
        name = os.path.basename(path)
        lines.append(f"- {name.split('-')[0]} [{title(path)}]({name})\n")
    return "".join(lines)


def main():
    with open(README) as f:
        text = f.read()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    new = head + BEGIN + contents() + END + tail
    if new == text:
        return 0
    if "--check" in sys.argv:
        print("docs/README.md: chapters missing: run tools/toc.py")
        return 1
    with open(README, "w") as f:
        f.write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
