# SPDX-License-Identifier: MIT
"""vhost_disk.py -- a virtio disk that lies about its queue

QEMU hands a vhost-user device's queue to another process: here a thread, which
sees the guest's memory and writes into its used ring what it likes.

    extra = disk.arguments("256M")      for QEMU
    disk.lies = {80: "ahead"}           who reads sector 80 is lied to

A lie of LIES is told once for each time it stands there: `lies` may name the
same sector's lie as ("ahead", 2).  All other requests are answered truly, and a
sector holds its own number, over and over.

SEE VIRTIO 1.1, 2.6 and 5.2; the vhost-user protocol in QEMU's documents.
"""
import array
import mmap
import os
import select
import socket
import struct
import threading

GET_FEATURES, SET_FEATURES, SET_OWNER, SET_MEM_TABLE = 1, 2, 3, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR = 12, 13, 14
GET_PROTOCOL_FEATURES, GET_CONFIG = 15, 24
VERSION, REPLY, NO_FD = 1, 4, 0x100
F_SEG_MAX, F_BLK_SIZE, F_FLUSH, F_INDIRECT = 1 << 2, 1 << 6, 1 << 9, 1 << 28
F_PROTOCOL, F_VERSION_1 = 1 << 30, 1 << 32
PROTOCOL_CONFIG = 1 << 9
DESC_NEXT, DESC_WRITE, DESC_INDIRECT = 1, 2, 4
T_IN, T_OUT = 0, 1
SECTOR = 512


class Memory:
    """The guest's, in pieces that QEMU shares."""

    def __init__(self, payload, fds):
        self.pieces = []
        for n in range(struct.unpack_from("<I", payload)[0]):
            guest, size, user, offset = struct.unpack_from("<4Q", payload,
                                                           8 + 32 * n)
            data = mmap.mmap(fds[n], size + offset)
            os.close(fds[n])
            self.pieces.append((guest, user, size, offset, data))

    def at(self, address, by_user=False):
        """The piece that this is in, and where."""
        for guest, user, size, offset, data in self.pieces:
            first = user if by_user else guest
            if first <= address < first + size:
                return data, offset + address - first
        raise ValueError(f"the guest has no memory at {address:#x}")

    def read(self, address, length):
        data, at = self.at(address)
        return data[at:at + length]

    def write(self, address, what):
        data, at = self.at(address)
        data[at:at + len(what)] = what


class Queue:
    """A split ring, the device's side."""

    def __init__(self):
        self.num = self.seen = 0
        self.desc = self.avail = self.used = None       # user addresses
        self.kick = self.call = -1

    def field(self, memory, base, at, form, *values):
        """Read, or write, what the form says."""
        data, where = memory.at(base, by_user=True)
        if values:
            struct.pack_into(form, data, where + at, *values)
        return struct.unpack_from(form, data, where + at)

    def take(self, memory):
        """The next buffer: its head, [(address, length, for us to write)]."""
        idx, = self.field(memory, self.avail, 2, "<H")
        if idx == self.seen:
            return None
        head, = self.field(memory, self.avail, 4 + 2 * (self.seen % self.num),
                           "<H")
        self.seen = (self.seen + 1) & 0xffff
        data, where = memory.at(self.desc, by_user=True)
        table, at = data[where:where + 16 * self.num], head
        pieces, flags = [], DESC_NEXT
        while flags & DESC_NEXT:
            address, length, flags, following = struct.unpack_from(
                "<QIHH", table, 16 * at)
            if flags & DESC_INDIRECT:
                table, following, flags = memory.read(address, length), 0, 1
            else:
                pieces.append((address, length, bool(flags & DESC_WRITE)))
            at = following
        return head, pieces

    def give(self, memory, head, length, step=1):
        """An entry in the used ring; then the index moves by so much."""
        idx, = self.field(memory, self.used, 2, "<H")
        self.field(memory, self.used, 4 + 8 * (idx % self.num), "<II", head,
                   length)
        self.field(memory, self.used, 2, "<H", (idx + step) & 0xffff)


def ahead(queue, memory, head, length):
    queue.give(memory, head, length, queue.num + 1)


def behind(queue, memory, head, length):
    queue.give(memory, head, length, -1)


def no_such_buffer(queue, memory, head, length):
    queue.give(memory, queue.num + head, length)


def never_offered(queue, memory, head, length):
    queue.give(memory, (head + 7) % queue.num, length)


def huge_length(queue, memory, head, length):
    queue.give(memory, head, length + 1)


def twice(queue, memory, head, length):
    queue.give(memory, head, length, 0)
    idx, = queue.field(memory, queue.used, 2, "<H")
    queue.field(memory, queue.used, 4 + 8 * ((idx + 1) % queue.num), "<II",
                head, length)
    queue.field(memory, queue.used, 2, "<H", (idx + 2) & 0xffff)


def silence(queue, memory, head, length):
    pass


LIES = {lie.__name__: lie for lie in (ahead, behind, no_such_buffer,
                                      never_offered, huge_length, twice,
                                      silence)}


class Disk:
    """Serve on a Unix socket; use as a context manager."""

    def __init__(self, path, sectors=4096):
        self.path, self.sectors = path, sectors
        self.lies, self.told = {}, []
        self.memory, self.queue, self.broken = None, Queue(), None
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(1)

    def __enter__(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.server.close()
        os.unlink(self.path)

    def arguments(self, mem):
        """QEMU's, for a guest of that much memory."""
        return ["-object", f"memory-backend-memfd,id=ram,size={mem},share=on",
                "-machine", "memory-backend=ram",
                "-chardev", f"socket,id=liar,path={self.path}",
                "-device", "vhost-user-blk-pci,chardev=liar,num-queues=1"]

    # -- the disk ---------------------------------------------------------------

    @staticmethod
    def sector(n):
        """What a sector holds."""
        return struct.pack("<Q", n) * (SECTOR // 8)

    def _perform(self, head, pieces):
        """Do it, and say so; or lie."""
        kind, _, first = struct.unpack("<IIQ", self.memory.read(*pieces[0][:2]))
        at = first
        for address, length, _ in pieces[1:-1]:
            count = length // SECTOR
            if kind == T_IN:
                self.memory.write(address, b"".join(
                    self.sector(n) for n in range(at, at + count)))
            at += count
        self.memory.write(pieces[-1][0], b"\0")
        wrote = sum(length for _, length, ours in pieces if ours)
        lie, times = self.lies.get(first, (None, 0))
        if kind != T_IN or not times:
            self.queue.give(self.memory, head, wrote)
            return
        self.lies[first] = lie, times - 1
        self.told.append(lie)
        if lie != "twice":              # who believes it gets this
            for address, length, _ in pieces[1:-1]:
                self.memory.write(address, b"lie!" * (length // 4))
        LIES[lie](self.queue, self.memory, head, wrote)

    def _work(self):
        queue = self.queue
        if not (self.memory and queue.used):
            return
        while (found := queue.take(self.memory)) is not None:
            self._perform(*found)
        if queue.call >= 0:
            os.write(queue.call, struct.pack("<Q", 1))

    # -- the protocol -------------------------------------------------------------

    def _config(self, payload):
        """The device's configuration, at most as much as was asked for."""
        size, = struct.unpack_from("<I", payload, 4)
        config = struct.pack("<QIIHBBI", self.sectors, 0, 126, 0, 0, 0, SECTOR)
        return payload[:12] + config.ljust(size, b"\0")[:size]

    def _told_fd(self, name, payload, fds):
        """A queue's kick, call or err; replaces the one before."""
        old = getattr(self.queue, name)
        if old >= 0:
            os.close(old)
        setattr(self.queue, name, fds[0] if fds else -1)

    def _message(self, kind, payload, fds):
        """Do what QEMU says; its answer, if it wants one."""
        queue = self.queue
        if kind == GET_FEATURES:
            return struct.pack("<Q", F_SEG_MAX | F_BLK_SIZE | F_FLUSH |
                               F_INDIRECT | F_PROTOCOL | F_VERSION_1)
        if kind == GET_PROTOCOL_FEATURES:
            return struct.pack("<Q", PROTOCOL_CONFIG)
        if kind == GET_CONFIG:
            return self._config(payload)
        if kind == SET_MEM_TABLE:
            self.memory = Memory(payload, fds)
        elif kind == SET_VRING_NUM:
            queue.num = struct.unpack("<II", payload)[1]
        elif kind == SET_VRING_ADDR:
            queue.desc, queue.used, queue.avail = struct.unpack_from(
                "<3Q", payload, 8)
        elif kind == SET_VRING_BASE:
            queue.seen = struct.unpack("<II", payload)[1]
        elif kind == GET_VRING_BASE:
            queue.used = None           # stopped, until it has an address anew
            self._told_fd("kick", payload, [])
            return struct.pack("<II", 0, queue.seen)
        elif kind == SET_VRING_KICK:
            self._told_fd("kick", payload, fds)
            self._work()
        elif kind == SET_VRING_CALL:
            self._told_fd("call", payload, fds)
        elif kind == SET_VRING_ERR:
            for fd in fds:
                os.close(fd)
        return None

    def _receive(self, client):
        """One message; False: QEMU is gone."""
        fds = array.array("i")
        header, more, _, _ = client.recvmsg(
            12, socket.CMSG_SPACE(8 * fds.itemsize))
        for level, kind, data in more:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(data[:len(data) // fds.itemsize * fds.itemsize])
        if len(header) < 12:
            return False
        kind, _, size = struct.unpack("<III", header)
        payload = client.recv(size, socket.MSG_WAITALL) if size else b""
        answer = self._message(kind, payload, list(fds))
        if answer is not None:
            client.sendall(struct.pack("<III", kind, VERSION | REPLY,
                                       len(answer)) + answer)
        return True

    def _serve(self):
        try:
            client, _ = self.server.accept()
            while True:
                kick = self.queue.kick
                wanted = [client] + ([kick] if kick >= 0 else [])
                ready = select.select(wanted, [], [])[0]
                if kick in ready:
                    os.read(kick, 8)
                    self._work()
                if client in ready and not self._receive(client):
                    return
        except OSError:
            pass                        # QEMU was killed
        except Exception as problem:    # for the test to see
            self.broken = problem
