# SPDX-License-Identifier: MIT
"""cpio.py -- write `newc` cpio archives, the form of an initramfs.

Writing them here, and not with cpio(1), needs no root for device nodes, keeps
time stamps out (the same input gives the same bytes), and lets tools/vm add a
file to an archive that exists.
"""
import stat

TRAILER = "TRAILER!!!"


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


class Archive:
    """A cpio archive in memory; directories are added before what is in them."""

    def __init__(self):
        self.parts = []
        self.inode = 0
        self.seen = set()

    def _entry(self, name, mode, data=b"", rdev=(0, 0), nlink=1):
        self.inode += 1
        fields = (self.inode, mode, 0, 0, nlink, 0, len(data), 0, 0,
                  rdev[0], rdev[1], len(name.encode()) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields)
        self.parts.append(_pad(head + name.encode() + b"\0") + _pad(data))
        self.seen.add(name)

    def directory(self, name, mode=0o755):
        name = name.strip("/")
        if name and name not in self.seen:
            self._parents(name)
            self._entry(name, stat.S_IFDIR | mode, nlink=2)

    def _parents(self, name):
        if "/" in name:
            self.directory(name.rsplit("/", 1)[0])

    def file(self, name, data, mode=0o644):
        name = name.strip("/")
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, data)

    def symlink(self, name, target):
        name = name.strip("/")
        self._parents(name)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, kind, major, minor, mode=0o600):
        name = name.strip("/")
        self._parents(name)
        bits = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}[kind]
        self._entry(name, bits | mode, rdev=(major, minor))

    def body(self):
        """The entries without the trailer: another archive may follow."""
        return b"".join(self.parts)

    def finish(self):
        self._entry(TRAILER, 0)
        data = self.body()
        return data + b"\0" * (-len(data) % 512)


def without_trailer(data):
    """Cut the trailer off a finished archive, so that entries can follow."""
    at = 0
    while data[at:at + 6] == b"070701":
        size = int(data[at + 54:at + 62], 16)
        namesize = int(data[at + 94:at + 102], 16)
        name = data[at + 110:at + 110 + namesize - 1]
        if name == TRAILER.encode():
            return data[:at]
        at += (110 + namesize + 3) // 4 * 4 + (size + 3) // 4 * 4
    raise ValueError("not a cpio archive, or a truncated one")
