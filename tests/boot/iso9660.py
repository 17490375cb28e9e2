# SPDX-License-Identifier: MIT
"""iso9660.py -- CDs that xorriso made, compared with what went into them."""
import os
import re
import shutil
import subprocess
import tempfile

from ext2 import run
from machine import CannotRun


def make_tree(top):
    deep = os.path.join(top, "one/two/three/four/five/six/seven/eight/nine")
    os.makedirs(deep)
    with open(os.path.join(deep, "deepest"), "w") as f:
        f.write("found\n")
    with open(os.path.join(top, "A name with spaces.text"), "wb") as f:
        f.write(os.urandom(300001))
    os.chmod(os.path.join(top, "A name with spaces.text"), 0o751)
    os.symlink("one/../one/two", os.path.join(top, "link"))
    for n in range(200):
        with open(os.path.join(top, f"file{n}"), "w") as f:
            f.write(f"{n}\n" * n)


def test_a_cd_has_what_was_put_on_it():
    if not shutil.which("xorriso"):
        raise CannotRun("no xorriso here")
    with tempfile.TemporaryDirectory() as scratch:
        tree, iso = (os.path.join(scratch, n) for n in ("tree", "cd.iso"))
        make_tree(tree)
        subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o",
                        iso, tree], check=True, capture_output=True)
        want = subprocess.run("find . -type f | sort | xargs -d '\\n' cat | md5sum",
                              shell=True, cwd=tree, capture_output=True,
                              text=True, env=dict(os.environ, LC_ALL="C")).stdout
        text, _ = run(
            "mount -t iso9660 -o ro /dev/vdb /m; cd /m\n"
            "find . -type f | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 cat | md5sum\n"
            "stat -c 'mode %a' 'A name with spaces.text'; readlink link\n"
            "cat one/two/three/four/five/six/seven/eight/nine/deepest\n"
            "touch x && exit 1; cd /; umount /m\n"
            "mount -t iso9660 -o ro,norock /dev/vdb /m; ls /m | head -3\n"
            "umount /m; mount -t iso9660 -o ro,norock,nojoliet /dev/vdb /m\n"
            "ls /m | head -3; umount /m\n", [f"{iso},ro"])
        assert want.split()[0] in text, text
        assert "mode 751" in text and "one/../one/two" in text, text
        assert "found" in text and "A name with spaces.text" in text
        assert re.search(r"a_name_w", text), text
