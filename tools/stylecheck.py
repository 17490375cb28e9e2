#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stylecheck.py -- the part of the house style that a program can check.

usage: stylecheck.py [FILE...]      (default: every file under version control)

Errors, one per line as FILE:LINE: TEXT; status 1 if there is any.
"""
import os
import re
import subprocess
import sys

KERNEL = ("boot/", "arch/", "kernel/", "mm/", "fs/", "net/", "drivers/")
CODE = KERNEL + ("include/", "user/", "tests/")
PORTABLE = KERNEL[2:] + ("include/",)
MAX_FILE = 850          # 600 is the rule; CAVEATS.md lists what is over
MAX_HEADER = 1000
MAX_FUNCTION = 60
MAX_COLUMNS = 100       # 80 is the rule; what is a little over reads worse cut
THEORY_FROM = 120
# Spelled so that this file does not find itself.
MARKS = re.compile(r"\b(TO" "DO|FIX" "ME|XX" "X|HA" "CK)\b")
ASM = re.compile(r"(^|[^\w])(asm|__asm__)(\s+volatile|\s+__volatile__)?"
                 r"\s*\((?!\"\")")      # an empty one is a compiler barrier
REFERENCE = re.compile(r"`([\w./-]+/[\w.-]+\.(?:c|h|S|py|md|ld))(?::([A-Za-z_]\w*))?(?:\(\))?`")


class Report:
    def __init__(self):
        self.problems = []

    def add(self, path, line, text):
        self.problems.append(f"{path}:{line}: {text}")


def columns(line):
    return len(line.expandtabs(8))


def check_spdx(path, lines, report):
    head = lines[:2] if lines and lines[0].startswith("#!") else lines[:1]
    if not any("SPDX-License-Identifier: MIT" in line for line in head):
        report.add(path, 1, "no SPDX line at the top")


def check_lines(path, lines, report):
    is_c = path.endswith((".c", ".h"))
    for n, line in enumerate(lines, 1):
        if line != line.rstrip():
            report.add(path, n, "space at the end of the line")
        if MARKS.search(line):
            report.add(path, n, "a mark of unfinished work")
        if is_c and columns(line) > MAX_COLUMNS:
            report.add(path, n, f"{columns(line)} columns wide")
        if path.endswith(".c") and line.startswith("extern "):
            report.add(path, n, "extern in a .c file: declare it in a header")
        if is_c and path.startswith(PORTABLE) and ASM.search(line) and \
                not path.startswith("include/arch/"):
            report.add(path, n, "inline assembly outside arch/ and boot/")


def functions(lines):
    """Yield (first line, last line, name, signature line) of each function.

    Kernel brace style: a function's braces, and nothing else's, stand alone
    in the first column."""
    start = None
    for n, line in enumerate(lines, 1):
        if line == "{":
            start = n
        elif line == "}" and start:
            head = start - 1
            while head > 1 and lines[head - 1][:1] in ("\t", " "):
                head -= 1
            name = re.search(r"(\w+)\s*\(", lines[head - 1])
            yield start, n, name[1] if name else "?", head
            start = None


def check_functions(path, lines, report):
    for start, end, name, head in functions(lines):
        length = end - head + 1
        around = "\n".join(lines[max(head - 15, 0):end])
        if length > MAX_FUNCTION and "long on purpose" not in around:
            report.add(path, head, f"{name} is {length} lines long")
        for n in range(start, end):
            if re.match(r"\s*#\s*if", lines[n - 1]):
                report.add(path, n, f"#if inside {name}")


def check_theory(path, lines, report):
    if path.endswith("_test.c"):
        return          # its theory stands in the file it tests
    if len(lines) > THEORY_FROM and not any(
            line.startswith(" *") for line in lines[:25]):
        report.add(path, 1, "a long file without a theory comment")


def check_code(path, lines, report):
    check_spdx(path, lines, report)
    check_lines(path, lines, report)
    limit = MAX_HEADER if path.endswith(".h") else MAX_FILE
    if path.endswith((".c", ".h", ".S")) and len(lines) > limit:
        report.add(path, len(lines), f"{len(lines)} lines; {limit} is much")
    if path.endswith(".c") and path.startswith(CODE):
        check_functions(path, lines, report)
    if path.endswith(".c") and path.startswith(KERNEL):
        check_theory(path, lines, report)


def check_references(path, lines, report):
    """`path/file.c:function` in the docs must name what exists."""
    for n, line in enumerate(lines, 1):
        for match in REFERENCE.finditer(line):
            target, name = match.groups()
            if target.startswith(("build/", "/", "x/")) or "NAME" in target:
                continue
            beside = os.path.join(os.path.dirname(path), target)
            real = next((t for t in (target, beside, "include/" + target)
                         if os.path.exists(t)), None)
            if real is None:
                report.add(path, n, f"{target} does not exist")
            elif name:
                with open(real, errors="replace") as f:
                    if not re.search(rf"\b{name}\b", f.read()):
                        report.add(path, n, f"no {name} in {target}")


def check_links(path, lines, report):
    for n, line in enumerate(lines, 1):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
            beside = os.path.join(os.path.dirname(path), target)
            if "://" not in target and not os.path.exists(beside):
                report.add(path, n, f"link to {target}: no such file")


def check_folders(files, report):
    folders = {os.path.dirname(f) for f in files
               if f.endswith((".c", ".S", ".py")) and "/" in f}
    for folder in sorted(folders):
        readme = os.path.join(folder, "README.md")
        if not os.path.exists(readme):
            report.add(folder, 1, "no README.md")
        elif sum(1 for _ in open(readme)) > 20:
            report.add(readme, 21, "a folder's README has at most 20 lines")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"],
                         capture_output=True, text=True)
    if out.returncode:      # a tree without its history
        return [os.path.relpath(os.path.join(folder, f)) for folder, _, files
                in os.walk(".") if "/build" not in folder for f in files]
    return [f for f in out.stdout.splitlines() if os.path.exists(f)]


def main(argv):
    report = Report()
    files = argv or tracked()
    for path in files:
        is_script = path.startswith("tools/") and "." not in path
        if not (path.endswith((".c", ".h", ".S", ".py", ".md")) or is_script):
            continue
        with open(path, errors="replace") as f:
            lines = f.read().splitlines()
        if path.endswith(".md"):
            check_references(path, lines, report)
            check_links(path, lines, report)
        else:
            check_code(path, lines, report)
    if not argv:
        check_folders(files, report)
    print(*report.problems, sep="\n", end="\n" if report.problems else "")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
