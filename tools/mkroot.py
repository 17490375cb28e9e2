#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mkroot.py -- make the Debian root disk

usage: mkroot.py OUT.img

Debian's packages, byte for byte, unpacked into a tree, completed with what
their installation scripts would write, recorded in dpkg's database, and made
into an ext2 image by mke2fs -d:

    apt-get --download-only --> ~/.cache/lantern/debs --> OUT.tree/ --> OUT.img

No root rights are needed: fakeroot remembers owners and modes.  apt-get works
with a private, empty dpkg status, so what this machine has installed plays no
part.  Nothing is done when OUT.img is already what the list (rootlist.py) says.

Status 0: OUT.img is there.  1: it could not be made; standard error says why.
2: packages cannot be had here (no apt, no network).
"""
import fnmatch
import glob
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
import uuid

import rootlist

CANNOT_HAVE = 2
MIRROR = "http://deb.debian.org/debian/"
LIBS = "usr/lib/x86_64-linux-gnu"


class NoPackages(Exception):
    """The packages cannot be had; the text says why."""


def say(text):
    print(f"  ROOT    {text}", file=sys.stderr, flush=True)


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:].strip()}")
    return done.stdout


# -- getting the packages -------------------------------------------------------

def cache_folder():
    """Downloads outlive `make clean`, and serve every clone."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "lantern", "debs")


def apt_options(debs):
    state = os.path.join(debs, "state")
    os.makedirs(os.path.join(debs, "partial"), exist_ok=True)
    os.makedirs(state, exist_ok=True)
    open(os.path.join(state, "status"), "w").close()
    options = {
        "Dir::State::status": os.path.join(state, "status"),
        "Dir::Cache::archives": debs, "APT::Install-Recommends": "false",
        "APT::Architecture": "amd64", "Debug::NoLocking": "1",
        "APT::Sandbox::User": "", "Acquire::http::Timeout": "20",
        "Acquire::Retries": "1",
    }
    if not glob.glob("/var/lib/apt/lists/*Packages*"):
        os.makedirs(os.path.join(state, "lists/partial"), exist_ok=True)
        options["Dir::State::lists"] = os.path.join(state, "lists")
    return [word for key, value in options.items()
            for word in ("-o", f"{key}={value}")]


def apt_get(options, *words):
    try:
        return run("apt-get", "-q", "-y", *options, *words)
    except RuntimeError as problem:
        raise NoPackages(f"apt-get {words[0]}: {problem}") from None


def fetch_packages(debs):
    """Download what the list names and all that it needs; return the files,
    in an order in which each comes after what it needs first."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise NoPackages("there is no apt-get on this system")
    options = apt_options(debs)
    if any("Dir::State::lists" in o for o in options):
        say("reading the list of packages")
        apt_get(options, "update")
    say(f"fetching {len(rootlist.PACKAGES)} packages and what they need")
    try:
        plan = apt_get(options, "install", "--simulate", *rootlist.PACKAGES)
        apt_get(options, "install", "--download-only", *rootlist.PACKAGES)
    except NoPackages:          # the list may be older than the archive
        apt_get(options, "update")
        plan = apt_get(options, "install", "--simulate", *rootlist.PACKAGES)
        apt_get(options, "install", "--download-only", *rootlist.PACKAGES)
    return [os.path.join(debs, file_name(line)) for line in plan.splitlines()
            if line.startswith("Inst ")]


def file_name(line):
    """`Inst name (version origin [arch])` -> the file that apt-get stores."""
    found = re.match(r"Inst (\S+) \((\S+) .*\[(\w+)\]\)", line)
    name, version, arch = found.groups()
    return f"{name}_{version.replace(':', '%3a')}_{arch}.deb"


def fetch_source(debs, name, place, digest):
    path = os.path.join(debs, name)
    if not os.path.exists(path):
        say(f"fetching {name}")
        with urllib.request.urlopen(MIRROR + place, timeout=30) as answer, \
                open(path + ".part", "wb") as f:
            shutil.copyfileobj(answer, f)
        os.rename(path + ".part", path)
    with open(path, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != digest:
            os.unlink(path)
            raise RuntimeError(f"{name} is not what was expected")
    return path


# -- unpacking them -------------------------------------------------------------

def excluded(path):
    return any(fnmatch.fnmatchcase(path, p) for p in rootlist.EXCLUDE)


def unpack(deb, tree):
    """Unpack one package; return the paths that it owns, as dpkg lists them."""
    source = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                              stdout=subprocess.PIPE)
    skip = [f"--exclude=.{p}" for p in rootlist.EXCLUDE]
    names = run("tar", "-xvp", "-C", tree, "--keep-directory-symlink",
                "--numeric-owner", *skip, stdin=source.stdout)
    if source.wait():
        raise RuntimeError(f"{deb}: dpkg-deb failed")
    return [("/." if n == "./" else n[1:].rstrip("/"))
            for n in names.splitlines()]


def read_control(deb):
    """The files of a package's control part: name -> bytes."""
    data = subprocess.run(["dpkg-deb", "--ctrl-tarfile", deb], check=True,
                          stdout=subprocess.PIPE).stdout
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if member.isfile():
                files[member.name[2:]] = (tar.extractfile(member).read(),
                                          member.mode & 0o777)
    return files


def field(control, name):
    for line in control.splitlines():
        if line.startswith(name + ":"):
            return line.partition(":")[2].strip()
    return ""


def md5(path):
    with open(path, "rb") as f:
        return hashlib.md5(f.read()).hexdigest()


def status_entry(control, conffiles, tree):
    first, _, rest = control.strip().partition("\n")
    entry = f"{first}\nStatus: install ok installed\n{rest}\n"
    lines = [f" {name} {md5(tree + name)}" for name in conffiles
             if os.path.isfile(tree + name)]
    if lines:
        entry += "Conffiles:\n" + "\n".join(lines) + "\n"
    return entry


def record(files, paths, tree):
    """Write what dpkg keeps of one package; return its entry in `status`."""
    control = files.pop("control")[0].decode()
    name = field(control, "Package")
    if field(control, "Multi-Arch") == "same":
        name += ":" + field(control, "Architecture")
    info = os.path.join(tree, "var/lib/dpkg/info", name)
    for kind, (data, mode) in files.items():
        write(f"{info}.{kind}", data, mode)
    write(info + ".list", "".join(p + "\n" for p in paths).encode())
    conffiles = files.get("conffiles", (b"", 0))[0].decode().splitlines()
    return status_entry(control, [c for c in conffiles if c[:1] == "/"], tree)


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)
    os.chmod(path, mode)


def skeleton(tree):
    """Debian's merged /usr, before the first package is unpacked."""
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(tree, "usr", name))
        os.symlink(f"usr/{name}", os.path.join(tree, name))
    for name, mode in rootlist.DIRECTORIES.items():
        path = os.path.join(tree, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)


def unpack_all(debs, tree):
    skeleton(tree)
    status = []
    for n, deb in enumerate(debs, 1):
        if n % 40 == 0 or n == len(debs):
            say(f"unpacking: {n} of {len(debs)} packages")
        paths = unpack(deb, tree)
        status.append(record(read_control(deb), paths, tree))
    dpkg = os.path.join(tree, "var/lib/dpkg")
    write(f"{dpkg}/status", "\n".join(sorted(status)))
    write(f"{dpkg}/available", "")
    write(f"{dpkg}/info/format", "1\n")
    write(f"{tree}/etc/dpkg/dpkg.cfg.d/lantern", "".join(
        f"path-exclude {p}\n" for p in rootlist.EXCLUDE))


# -- completing the tree --------------------------------------------------------

def write_accounts(tree):
    """/etc/passwd and its kin, as base-passwd's and passwd's scripts make
    them.  Nobody can log in by password but root, whose password is empty: init
    does not ask for one, nor does ssh, which the host alone reaches."""
    masters = os.path.join(tree, "usr/share/base-passwd")
    for name, more in (("passwd", rootlist.USERS), ("group", rootlist.GROUPS)):
        with open(f"{masters}/{name}.master") as f:
            lines = [line.replace(":*:", ":x:", 1) for line in f]
        write(f"{tree}/etc/{name}", "".join(lines + [m + "\n" for m in more]))
        shadow = "shadow" if name == "passwd" else "gshadow"
        accounts = [line.split(":")[0] for line in lines + list(more)]
        rest = ":19000:0:99999:7:::" if name == "passwd" else "::"
        write(f"{tree}/etc/{shadow}", "".join(
            f"{a}:{'' if (a, name) == ('root', 'passwd') else '*'}{rest}\n"
            for a in accounts), 0o640)
        os.chown(f"{tree}/etc/{shadow}", 0, 42)
    os.chown(f"{tree}/home/user", 1000, 1000)


def complete(tree, sources):
    for name, text in rootlist.FILES.items():
        write(os.path.join(tree, name), text)
    for name, text in rootlist.PROGRAMS.items():
        write(os.path.join(tree, name), text, 0o755)
    for origin, name in rootlist.COPIES.items():
        shutil.copyfile(os.path.join(tree, origin), os.path.join(tree, name))
    for name, program in rootlist.ALTERNATIVES.items():
        os.makedirs(f"{tree}/etc/alternatives", exist_ok=True)
        os.symlink(program, f"{tree}/etc/alternatives/{name}")
        if not os.path.lexists(f"{tree}/usr/bin/{name}"):
            os.symlink(f"/etc/alternatives/{name}", f"{tree}/usr/bin/{name}")
    for target, name in (("/proc/self/mounts", "etc/mtab"),
                         ("/usr/share/zoneinfo/UTC", "etc/localtime"),
                         ("dash", "usr/bin/sh")):
        if not os.path.lexists(f"{tree}/{name}"):
            os.symlink(target, f"{tree}/{name}")
    for path in sources:
        shutil.copy(path, f"{tree}/usr/src/")
    write_accounts(tree)


def by_its_own_loader(tree, program, *args, **env):
    """Run a program of the tree on this machine with the tree's libraries."""
    libs = f"{tree}/{LIBS}:{tree}/usr/lib"
    own = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    return run(f"{tree}/usr/lib64/ld-linux-x86-64.so.2", "--library-path", libs,
               f"{tree}/{program}", *args, env=dict(own, **env))


def warm_caches(tree):
    """What installation scripts precompute.  Without it all still works, but
    slower, so a failure is only worth a line."""
    say("compiling Python's library")
    try:
        by_its_own_loader(tree, "usr/bin/python3.11", "-m", "compileall", "-q",
                          "-s", tree, "-p", "/", f"{tree}/usr/lib/python3.11",
                          f"{tree}/usr/lib/python3", PYTHONHOME=f"{tree}/usr")
    except (RuntimeError, OSError) as problem:
        say(f"Python's library stays uncompiled ({str(problem)[:80]})")
    try:
        run("ldconfig", "-r", tree)
    except (RuntimeError, OSError):
        pass            # only root may; the loader then looks in its folders


def make_image(tree, out):
    say(f"making {out}")
    part = out + ".part"
    if os.path.exists(part):
        os.unlink(part)
    name = uuid.uuid5(uuid.NAMESPACE_DNS, plan_text())
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    run("mke2fs", "-q", "-t", "ext2", "-b", "4096", "-L", rootlist.LABEL,
        "-U", str(name), "-E", f"root_owner=0:0,hash_seed={name}", "-d", tree,
        part, rootlist.SIZE, env=dict(os.environ, PATH=path))
    os.rename(part, out)


# -- all of it ------------------------------------------------------------------

def plan_text():
    """What the image depends on."""
    here = os.path.dirname(os.path.abspath(__file__))
    texts = []
    for name in ("rootlist.py", "mkroot.py"):
        with open(os.path.join(here, name)) as f:
            texts.append(f.read())
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def is_current(out):
    try:
        with open(out + ".plan") as f:
            return os.path.exists(out) and f.read() == plan_text()
    except OSError:
        return False


def assemble(out, debs, sources):
    """The part that runs as root, or under fakeroot."""
    tree = out + ".tree"
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(tree)
    os.umask(0o022)
    unpack_all(debs, tree)
    complete(tree, sources)
    warm_caches(tree)
    make_image(tree, out)
    shutil.rmtree(tree)


def build(out):
    cache = cache_folder()
    os.makedirs(cache, exist_ok=True)
    debs = fetch_packages(cache)
    try:
        sources = [fetch_source(cache, *s) for s in rootlist.SOURCES]
    except OSError as problem:
        raise NoPackages(f"{MIRROR}: {problem}") from None
    with open(out + ".files", "w") as f:
        f.write("\n".join(debs) + "\n\n" + "\n".join(sources) + "\n")
    command = [sys.executable, os.path.abspath(__file__), "--assemble", out]
    if os.getuid() != 0:
        if not shutil.which("fakeroot"):
            raise NoPackages("there is no fakeroot: run tools/setup")
        command.insert(0, "fakeroot")
    if subprocess.run(command).returncode:
        raise RuntimeError("the image could not be put together")
    os.unlink(out + ".files")


def main(argv):
    if argv[:1] == ["--assemble"]:
        with open(argv[1] + ".files") as f:
            debs, sources = f.read().strip().split("\n\n")
        assemble(argv[1], debs.splitlines(), sources.splitlines())
        return 0
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 1
    out = os.path.abspath(argv[0])
    if is_current(out):
        return 0
    start = time.monotonic()
    try:
        build(out)
    except NoPackages as why:
        print(f"mkroot: no Debian packages: {why}", file=sys.stderr)
        return CANNOT_HAVE
    with open(out + ".plan", "w") as f:
        f.write(plan_text())
    say(f"{argv[0]} is ready ({time.monotonic() - start:.0f} s)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RuntimeError as problem:
        print(f"mkroot: {problem}", file=sys.stderr)
        sys.exit(1)
