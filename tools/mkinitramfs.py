#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mkinitramfs.py -- pack the first root file system.

usage: mkinitramfs.py OUT.cpio BUSYBOX STAGE

STAGE is a directory whose files go in as they are (make puts the programs of
user/ and tests/ there).  BUSYBOX is Debian's file, copied byte for byte, with
a link for each of its applets.  OUT.cpio.gz is written beside OUT.cpio.
"""
import gzip
import os
import subprocess
import sys

from cpio import Archive

DIRECTORIES = ("bin", "dev", "etc", "mnt", "proc", "root", "run", "sbin", "sys",
               "tests", "usr/bin", "usr/sbin", "var/log")

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
                  "daemon:x:1:1:daemon:/:/bin/false\n"
                  "user:x:1000:1000:user:/tmp:/bin/sh\n"
                  "nobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\ndaemon:x:1:\ntty:x:5:\nuser:x:1000:\n"
                 "nogroup:x:65534:\n",
    "etc/hostname": "lantern\n",
    "etc/hosts": "127.0.0.1 localhost lantern\n",
    "etc/shells": "/bin/sh\n",
    "etc/issue": "Lantern \\r (\\l)\n",
    "etc/profile": "export PATH=/bin:/sbin:/usr/bin:/usr/sbin\n"
                   "export PS1='\\u@\\h:\\w\\$ '\n"
                   "export HISTFILE=/root/.ash_history\n"
                   "alias ll='ls -l'\n",
}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def add_busybox(archive, busybox):
    archive.file("bin/busybox", read(busybox), 0o755)
    applets = subprocess.run([busybox, "--list-full"], capture_output=True,
                             text=True, check=True).stdout.split()
    for path in applets:
        if path not in archive.seen:
            archive.symlink(path, "/bin/busybox")


def add_stage(archive, stage):
    for folder, subdirs, files in os.walk(stage):
        subdirs.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode & 0o777
            archive.file(os.path.relpath(path, stage), read(path), mode)


def main(out, busybox, stage):
    archive = Archive()
    for name in DIRECTORIES:
        archive.directory(name, 0o700 if name == "root" else 0o755)
    archive.directory("tmp", 0o1777)
    archive.device("dev/console", "c", 5, 1)
    archive.device("dev/null", "c", 1, 3, 0o666)
    for name, text in FILES.items():
        archive.file(name, text.encode())
    add_stage(archive, stage)
    archive.symlink("sbin/init", "/init")
    add_busybox(archive, busybox)
    data = archive.finish()
    with open(out, "wb") as f:
        f.write(data)
    with open(out + ".gz", "wb") as f:
        f.write(gzip.compress(data, 6, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
