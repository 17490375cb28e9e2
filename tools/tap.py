# SPDX-License-Identifier: MIT
"""tap.py -- read test results in TAP (programs) and KTAP (kernel) form.

Every result is one of PASS, FAIL and SKIP (could not run).  What is missing is
a failure too: a plan that is not fulfilled, a program that dies half-way.
"""
import re
from dataclasses import dataclass

PASS, FAIL, SKIP = "pass", "FAIL", "skip"
COULD_NOT_RUN = 77      # a test program's exit status: nothing to say here


@dataclass
class Result:
    name: str
    value: str
    detail: str = ""


# A kernel line may carry a time stamp.
STAMP = r"^(?:<\d+>)?(?:\[\s*\d+\.\d+\]\s*)?\s*"
# Behind a # stands a directive, or any remark (the kernel's: microseconds).
LINE = re.compile(STAMP + r"(ok|not ok)\s+(\d+)\s*(?:-\s*)?([^#]*?)\s*"
                  r"(?:#\s*(?:(SKIP|TO"r"DO)\b)?\s*(.*))?$", re.I)
PLAN = re.compile(STAMP + r"1\.\.(\d+)\s*(?:#\s*SKIP\b\s*(.*))?$", re.I)
BAIL = re.compile(STAMP + r"Bail out!\s*(.*)$")


def around_gap(text, plan, seen):
    """The lines behind the last result before the first that is missing."""
    missing = [n for n in range(1, plan + 1) if n not in seen]
    if not missing:
        return ""
    lines = text.replace("\r", "").splitlines()
    last = [i for i, line in enumerate(lines) if (found := LINE.match(line)) and
            int(found[2]) < missing[0]]
    at = last[-1] if last else 0
    return f"without {missing[:10]}; after it came\n" + \
        "\n".join(lines[at:at + 12])


def parse(text, prefix):
    """Read TAP or KTAP; return the results, the plan's breach among them."""
    results, plan, notes, seen = [], None, [], set()
    for line in text.replace("\r", "").splitlines():
        found = LINE.match(line)
        if found:
            good, number, name, directive, why = found.groups()
            value = PASS if good == "ok" else FAIL
            seen.add(int(number))
            if directive:
                value = SKIP
            detail = (directive and why) or "\n".join(notes)
            results.append(Result(f"{prefix}.{name or number}", value,
                                  "" if value == PASS else detail))
            notes = []
            continue
        found = PLAN.match(line)
        if found:
            plan = int(found[1])
            if plan == 0:
                results.append(Result(prefix, SKIP, found[2] or ""))
                plan = 1
            continue
        found = BAIL.match(line)
        if found:
            results.append(Result(f"{prefix}.bail-out", FAIL, found[1]))
        elif re.match(STAMP + "#", line):
            notes.append(line.strip())
    if plan is None and results and not any(r.value == FAIL for r in results):
        results.append(Result(f"{prefix}.plan", FAIL, "no plan (1..N)"))
    elif plan is not None and len(results) < plan:
        results.append(Result(f"{prefix}.plan", FAIL,
                              f"{len(results)} results of {plan}\n" +
                              around_gap(text, plan, seen)))
    return results


def program(text, status, prefix):
    """The results of one program: its TAP lines and how it ended."""
    results = parse(text, prefix)
    if status == COULD_NOT_RUN:
        return results or [Result(prefix, SKIP, text.strip()[-300:])]
    if not results:
        value = PASS if status == 0 else FAIL
        return [Result(prefix, value, text.strip()[-2000:] if status else "")]
    if status and not any(r.value == FAIL for r in results):
        results.append(Result(f"{prefix}.exit", FAIL, f"exit status {status}\n"
                              + text.strip()[-1000:]))
    return results
