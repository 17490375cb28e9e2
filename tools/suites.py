# SPDX-License-Identifier: MIT
"""suites.py -- what tests there are, and how each is run.

    host.NAME           tests/host/NAME.c: kernel files as a Unix process
    linux.user          tests/user/ on Linux: a test that it fails is wrong
    boot.FIRM.smpN.KIND the kernel's self-tests, then tests/user/, in a guest
                        booted by GRUB; KIND is plain or debug
    shares.smpN.KIND    those of them that measure shares of CPUs
    machine.FILE.NAME   test_NAME() in tests/boot/FILE.py

A case has a name and a run() that returns a list of tap.Result.
"""
import glob
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import traceback
from dataclasses import dataclass
from typing import Callable

import guest
import tap
from guest import Guest
from machine import ROOT, CannotRun, Machine
from tap import FAIL, PASS, SKIP, Result


class CouldNotRun(Exception):
    """A test that cannot be tried here; its text says why."""


@dataclass
class Case:
    name: str
    run: Callable
    first: int = 1          # long ones start early: lower numbers first
    alone: int = 0          # it measures time on so many cores of its own


# -- tests/user: in the guest ---------------------------------------------------

SHARE_PROGRAMS = ["nice_test"]  # measure shares of CPUs
# They take seconds, and ask nothing of the firmware: in boots by BIOS only.
STORMS = ["badexec", "bridge", "file_storm", "fs_storm", "fuzz", "ipip",
          "leaks", "limits", "policies", "qdisc", "rlimits", "routes", "rseqs",
          "servers", "signals", "tcp", "tcp_memory", "tcp_script", "threads",
          "time_discipline", "udplite", "walk_storm", "wild"]
LONG_BOOT = "bios.smp4.debug"   # where what storms does so for longer
LONG = "export LEAK_TIMES=800 WALK_MS=2000\n"

USER_SCRIPT = """\
for t in %s; do
	[ -x "$t" ] || continue
	case " %s " in *" ${t##*/} "*) continue;; esac
	echo "=== ${t##*/}"
	(cd /tmp && timeout -s KILL 120 "$t" 2>&1 </dev/null)
	echo "=== status $?"
done
echo "=== end"
"""


def split_programs(text, prefix):
    """Cut the output of USER_SCRIPT into the results of the programs."""
    results, name, lines = [], None, []
    for line in text.replace("\r", "").splitlines():
        if not line.startswith("=== "):
            lines.append(line)
        elif line == "=== end":
            return results
        elif line.startswith("=== status "):
            results += tap.program("\n".join(lines), int(line.split()[2]),
                                   f"{prefix}.{name}")
            name = None
        else:
            name, lines = line[4:], []
    return results + [Result(f"{prefix}.{name or 'end'}", FAIL,
                             "the run ended here\n" + "\n".join(lines[-20:]))]


def ktap_part(log):
    """The kernel log from the first KTAP header on."""
    at = log.find("KTAP version")
    return log[at:] if at >= 0 else ""


def kernel_results(log, prefix):
    part = ktap_part(log)
    if not part:
        return [Result(f"{prefix}.selftest", FAIL, "no KTAP in the kernel log")]
    results = tap.parse(part, f"{prefix}.selftest")
    return results or [Result(f"{prefix}.selftest", FAIL, "KTAP without results")]


def run_guest(machine, script, limit):
    """Run a script; return (status or a guest.REASONS key, output, Guest)."""
    machine.files["etc/lantern/script"] = script.encode()
    output = bytearray()
    with Guest(machine, output=output.extend) as run:
        code = run.wait(limit)
        return code, output.decode(errors="replace"), run, run.where() \
            if code == guest.HUNG else []


def user_script(programs=None, skip=()):
    """The lines that run programs of tests/user, or all but some."""
    names = [f"/tests/{p}" for p in programs] if programs else ["/tests/*"]
    return USER_SCRIPT % (" ".join(names), " ".join(skip))


def boot_cases(firmware, smp, kind):
    """
    One boot runs everything but what measures shares of CPUs: that gets a boot
    of its own, for it wants the host's cores to itself.  Shares and storms have
    one firmware: nothing of that is left when tasks share CPUs or storm.
    """
    bios = firmware == "bios"
    words = f"{firmware}.smp{smp}.{kind}"
    long = words == LONG_BOOT
    skip = SHARE_PROGRAMS + ([] if bios else STORMS)
    cases = [boot_case(f"boot.{words}", firmware, smp, kind,
                       "stress" + long * " selftest_seconds=5",
                       long * LONG + user_script(skip=skip))]
    if bios:
        cases.append(boot_case(f"shares.smp{smp}.{kind}", firmware, smp, kind,
                               "shares", user_script(SHARE_PROGRAMS),
                               alone=min(smp, 2)))
    return cases


def boot_case(prefix, firmware, smp, kind, selftests, script, alone=0):
    def run():
        machine = Machine(build="build/debug" if kind == "debug" else "build",
                          firmware=firmware, smp=smp,
                          append=f"selftest={selftests}")
        code, text, vm, where = run_guest(machine, script, 600)
        log = vm.console.data.decode(errors="replace")
        results = kernel_results(log, prefix)
        results += split_programs(text, prefix)
        if code != 0:
            why = guest.REASONS.get(code, f"status {code}")
            results.append(Result(f"{prefix}.run", FAIL, "\n".join(
                [why, vm.tail(), *where])))
        if not vm.is_off():
            results.append(Result(f"{prefix}.power-off", FAIL,
                                  "still on after poweroff\n" + vm.tail()))
        return results
    return Case(prefix, run, 0 if kind == "debug" else 1, alone)


def linux_user():
    def run():
        machine = Machine(boot="linux")
        code, text, vm, _ = run_guest(machine, user_script(), 600)
        results = split_programs(text, "linux.user")
        if code != 0:
            results.append(Result("linux.user", FAIL, vm.tail()))
        return results
    return Case("linux.user", run)


# -- tests/host: kernel files as Unix processes ---------------------------------

HOST_FLAGS = ("-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all "
              "-fno-omit-frame-pointer -no-pie -fno-pie").split()
KERNEL_FLAGS = ("-std=gnu17 -ffreestanding -fno-builtin -fwrapv "
                "-fno-strict-aliasing -Itests/host -Iinclude -Iinclude/uapi -I. "
                "-D__KERNEL__ -D__LANTERN__ -DLANTERN_HOST -Wall "
                "-Wno-unused-parameter").split()
HEADER = r"/\*\s*%s:(.*?)\*/"
FUZZ_SECONDS = 6


def host_recipe(path, kind="host-test"):
    """Read `host-test: FILES... -- FLAGS...`; return (files, flags)."""
    with open(path) as f:
        found = re.search(HEADER % kind, f.read(4000), re.S)
    if not found:
        return None
    words = found[1].replace("*", " ").split()
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1:]


def build_host_test(name, path, cc="gcc"):
    recipe = host_recipe(path)
    out = f"build/host/{name}"
    os.makedirs(out, exist_ok=True)
    objects = []
    for n, source in enumerate([path] + recipe[0]):
        objects.append(f"{out}/{n}.o")
        compile_(cc, *HOST_FLAGS, *KERNEL_FLAGS, *recipe[1], "-c", source,
                 "-o", objects[-1])
    objects.append(f"{out}/host.o")
    compile_(cc, *HOST_FLAGS, "-Wall", "-c", "tests/host/host.c", "-o",
             objects[-1])
    # .selftests has no C name, so the linker makes no __start_ symbol for it.
    for obj in objects[:-1]:
        compile_("objcopy", "--rename-section", ".selftests=selftests", obj)
    compile_(cc, *HOST_FLAGS, *objects, "-o", f"{out}/test", "-lpthread")
    return f"{out}/test"


def compile_(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])


def host_case(path):
    name = os.path.basename(path)[:-2]

    def run():
        try:
            program = build_host_test(name, path)
        except RuntimeError as problem:
            return [Result(f"host.{name}", FAIL, f"does not build\n{problem}")]
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        try:
            done = subprocess.run([program], capture_output=True, text=True,
                                  timeout=120, cwd=ROOT, env=env)
        except subprocess.TimeoutExpired:
            return [Result(f"host.{name}", FAIL, "ran out of time")]
        return tap.program(done.stdout + done.stderr, done.returncode,
                           f"host.{name}")
    return Case(f"host.{name}", run)


def build_fuzzer(name, path):
    sources, flags = host_recipe(path, "host-fuzz")
    out = f"build/host/{name}"
    os.makedirs(out, exist_ok=True)
    objects = []
    for n, source in enumerate([path] + sources):
        objects.append(f"{out}/{n}.o")
        compile_("clang", "-g", "-O1", "-fno-omit-frame-pointer",
                 "-fsanitize=fuzzer-no-link,address,undefined",
                 "-fno-sanitize-recover=all", *KERNEL_FLAGS, *flags, "-c",
                 source, "-o", objects[-1])
    compile_("clang", "-fsanitize=fuzzer,address,undefined", *objects, "-o",
             f"{out}/fuzz")
    return f"{out}/fuzz"


def fuzz_case(path):
    name = os.path.basename(path)[:-2]

    def run():
        full = f"host.{name}"
        if not shutil.which("clang"):
            return [Result(full, SKIP, "no clang here")]
        try:
            program = build_fuzzer(name, path)
        except RuntimeError as problem:
            value = SKIP if "fuzzer" in str(problem) else FAIL
            return [Result(full, value, f"does not build\n{problem}")]
        done = subprocess.run(
            [program, f"-max_total_time={FUZZ_SECONDS}", "-timeout=5",
             "-print_final_stats=1", f"-artifact_prefix=build/host/{name}/"],
            capture_output=True, text=True, cwd=ROOT)
        return [Result(full, FAIL if done.returncode else PASS,
                       done.stderr[-3000:] if done.returncode else "")]
    return Case(f"host.{name}", run)


def host_cases():
    paths = [os.path.relpath(p, ROOT) for p in
             sorted(glob.glob(os.path.join(ROOT, "tests/host/*.c")))]
    return [host_case(p) for p in paths if host_recipe(p)] + \
        [fuzz_case(p) for p in paths if host_recipe(p, "host-fuzz")]


# -- tests/boot: whole machines -------------------------------------------------

def machine_case(stem, name, function):
    full = f"machine.{stem}.{name}"

    def run():
        try:
            function()
        except (CouldNotRun, CannotRun) as why:
            return [Result(full, SKIP, str(why))]
        except Exception as problem:
            where = traceback.format_exc(limit=-2)
            return [Result(full, FAIL, f"{problem}\n{where}")]
        return [Result(full, PASS)]
    return Case(full, run)


def machine_cases():
    sys.path.insert(0, os.path.join(ROOT, "tests/boot"))    # they share helpers
    cases = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/boot/*.py"))):
        stem = os.path.basename(path)[:-3]
        spec = importlib.util.spec_from_file_location(f"boot_{stem}", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        cases += [machine_case(stem, n[5:], f) for n, f in vars(module).items()
                  if n.startswith("test_")]
    return cases


def all_cases():
    boots = [case for kind in ("debug", "plain")
             for firmware in ("bios", "uefi") for smp in (4, 2, 1)
             for case in boot_cases(firmware, smp, kind)]
    return host_cases() + boots + [linux_user()] + machine_cases()
