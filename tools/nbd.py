# SPDX-License-Identifier: MIT
"""nbd.py -- a disk that misbehaves on purpose

A network block device server (newstyle, one export, simple replies) for QEMU's
`file=nbd:unix:SOCKET`, in a thread of this process, so that a test can say:

    hang()      answer nothing more, until go_on()
    fail(a, b)  I/O errors for every request that touches bytes a..b
    cut()       the power goes: of the writes that no flush has covered, a random
                part, in random order, reaches the file; the rest is lost

cut() is what a disk with a volatile write cache may do, and what killing QEMU
cannot show: there the host's page cache keeps every write in order.

SEE the NBD protocol, https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md.
"""
import os
import random
import socket
import struct
import threading

MAGIC, OPTION_MAGIC = 0x4E42444D41474943, 0x49484156454F5054
REPLY_MAGIC = 0x3E889045565A9
REQUEST, REPLY = 0x25609513, 0x67446698
OPT_EXPORT_NAME, OPT_ABORT, OPT_INFO, OPT_GO = 1, 2, 6, 7
REP_ACK, REP_INFO, REP_UNSUPPORTED = 1, 3, 0x80000001
HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_TRIM, SEND_ZEROES = 1, 4, 8, 32, 64
FLAGS = HAS_FLAGS | SEND_FLUSH | SEND_FUA | SEND_TRIM | SEND_ZEROES
READ, WRITE, DISC, FLUSH, TRIM, WRITE_ZEROES = 0, 1, 2, 3, 4, 6
FUA = 1
EIO = 5
SECTOR = 512


class Gone(Exception):
    """The client hung up."""


class Disk:
    """Serve the image on a Unix socket; use as a context manager."""

    def __init__(self, image, path, seed=0):
        self.file = open(image, "r+b", buffering=0)
        self.size = os.path.getsize(image)
        self.path = path
        self.random = random.Random(seed)
        self.cache = {}             # sector -> bytes that no flush covers yet
        self.bad = None
        self.flushes = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.lock = threading.Lock()
        self.dead = False
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(4)
        self.client = None

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.dead = True
        self.may_answer.set()
        self.server.close()
        with self.lock:
            self._write_back()
        self.file.close()
        os.unlink(self.path)

    # -- what a test may do to it ---------------------------------------------

    def hang(self):
        self.may_answer.clear()

    def go_on(self):
        self.may_answer.set()

    def fail(self, first, last):
        self.bad = (first, last)

    def cut(self):
        """Nothing is taken in any more; unflushed writes survive by chance."""
        with self.lock:
            self.dead = True
            survivors = [s for s in self.cache if self.random.random() < 0.5]
            for sector in survivors:
                self.file.seek(sector * SECTOR)
                self.file.write(self.cache[sector])
            lost = len(self.cache) - len(survivors)
            self.cache = {}
        return lost

    # -- the disk ---------------------------------------------------------------

    def _write_back(self):
        for sector in sorted(self.cache):
            self.file.seek(sector * SECTOR)
            self.file.write(self.cache[sector])
        self.cache = {}

    def _read(self, offset, length):
        self.file.seek(offset)
        data = bytearray(self.file.read(length).ljust(length, b"\0"))
        for n in range(length // SECTOR if self.cache else 0):
            cached = self.cache.get(offset // SECTOR + n)
            if cached is not None:
                data[n * SECTOR:(n + 1) * SECTOR] = cached
        return bytes(data)

    def _write(self, offset, data, through):
        first = offset // SECTOR
        for n in range(len(data) // SECTOR):
            self.cache[first + n] = data[n * SECTOR:(n + 1) * SECTOR]
        if through:
            self.file.seek(offset)
            self.file.write(data)
            for n in range(len(data) // SECTOR):
                del self.cache[first + n]

    def _perform(self, kind, flags, offset, length, data):
        """Return (error, answer)."""
        if kind in (READ, WRITE) and self.bad and offset < self.bad[1] \
                and offset + length > self.bad[0]:
            return EIO, b""
        if kind == READ:
            return 0, self._read(offset, length)
        if kind == WRITE:
            self._write(offset, data, flags & FUA)
        elif kind == WRITE_ZEROES:
            self._write(offset, bytes(length), flags & FUA)
        elif kind == FLUSH:
            self.flushes += 1
            self._write_back()
        return 0, b""

    # -- the protocol -------------------------------------------------------------

    def _accept(self):
        while not self.dead:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        try:
            if self._negotiate(client):
                while self._one_request(client):
                    pass
        except (Gone, OSError, ValueError):
            pass
        client.close()

    @staticmethod
    def _take(client, length):
        data = bytearray()
        while len(data) < length:
            more = client.recv(min(length - len(data), 1 << 20))
            if not more:
                raise Gone
            data += more
        return bytes(data)

    def _negotiate(self, client):
        client.sendall(struct.pack(">QQH", MAGIC, OPTION_MAGIC, 1))
        self._take(client, 4)
        while True:
            _, option, length = struct.unpack(">QII", self._take(client, 16))
            self._take(client, length)
            if option == OPT_EXPORT_NAME:
                client.sendall(struct.pack(">QH", self.size, FLAGS) + bytes(124))
                return True
            if option in (OPT_INFO, OPT_GO):
                self._answer_option(client, option, REP_INFO,
                                    struct.pack(">HQH", 0, self.size, FLAGS))
                self._answer_option(client, option, REP_ACK)
                if option == OPT_GO:
                    return True
            elif option == OPT_ABORT:
                self._answer_option(client, option, REP_ACK)
                return False
            else:
                self._answer_option(client, option, REP_UNSUPPORTED)

    @staticmethod
    def _answer_option(client, option, kind, data=b""):
        client.sendall(struct.pack(">QIII", REPLY_MAGIC, option, kind,
                                   len(data)) + data)

    def _one_request(self, client):
        magic, flags, kind, handle, offset, length = struct.unpack(
            ">IHHQQI", self._take(client, 28))
        if magic != REQUEST or kind == DISC:
            return False
        data = self._take(client, length) if kind == WRITE else b""
        self.may_answer.wait()
        with self.lock:
            if self.dead:
                return False
            error, answer = self._perform(kind, flags, offset, length, data)
        client.sendall(struct.pack(">IIQ", REPLY, error, handle) +
                       (b"" if error else answer))
        return True
