# SPDX-License-Identifier: MIT
"""net.py -- the guest's network: none, QEMU's own (user), or a wire (socket)

user    QEMU plays router, DHCP and name server at 10.0.2.2 and .3; the guest
        is 10.0.2.15 and reaches what this machine reaches.
socket  a multicast group of this machine as an Ethernet segment: all guests
        with --net socket are on it, at 10.0.3.N.
"""
import ctypes
import os
import resource
import socket
import subprocess
import time

PIDFD_OPEN, PIDFD_GETFD = 434, 438  # system calls
QUEUE = 4096
WIRE = "230.0.71.7:17171"
# Host port, guest port, what to type on the host: the guest's key is new with
# each of its disks, so that ssh need not remember it.
USUAL = ((2222, 22, "ssh -o NoHostAuthenticationForLocalhost=yes -p {} "
          "root@127.0.0.1"),
         (8080, 80, "curl http://127.0.0.1:{}/"))


def default():
    """The kind for a person who did not say: QEMU may be built without one."""
    try:
        kinds = subprocess.run(["qemu-system-x86_64", "-netdev", "help"],
                               capture_output=True, text=True).stdout
    except OSError:
        return "none"
    return "user" if "user" in kinds.split() else "none"


def address():
    """The last byte of a socket guest's address, different for each."""
    return os.getpid() % 250 + 2


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def usual_forwards():
    """HOST:GUEST of ssh and http; the first free host ports."""
    return [f"{next(p for p in range(port, port + 1000) if is_free(p))}:{guest}"
            for port, guest, _ in USUAL]


def hint(forwards, has_ssh):
    """What to type on the host: the guest's init prints it."""
    texts = {str(guest): text for _, guest, text in USUAL
             if has_ssh or guest != 22}
    pairs = [pair.split(":") for pair in forwards]
    lines = [f"  {texts[guest].format(host)}\n" for host, guest in pairs
             if guest in texts]
    if not lines:
        return ""
    return "".join(["From the host, http when a server runs here:\n"] + lines)


def tasks(kind):
    """What the guest's init is told: guest path -> bytes."""
    if kind == "socket":
        return {"etc/lantern/net": b"static 10.0.3.%d\n" % address()}
    if kind != "user":
        return {}
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "udhcpc.script"), "rb") as f:
        return {"etc/lantern/net": b"dhcp\n", "etc/lantern/udhcpc": f.read()}


def syscall(*args):
    return ctypes.CDLL(None).syscall(*args)


def wider_queue(pidfd, fd):
    """A longer accept queue for QEMU's descriptor fd, if that listens."""
    copy = syscall(PIDFD_GETFD, pidfd, fd, 0)
    if copy < 0:
        return False
    with socket.socket(fileno=copy) as s:
        if s.family != socket.AF_INET or \
                not s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        s.listen(QUEUE)
    return True


def widen_queues(pid, count, patience=5):
    """QEMU lets one connection wait at a forwarded port: of 100 that come at
    once, 98 are told nothing and come again after seconds.  Its listening
    sockets are ours too, as its parent: give them a real queue, and QEMU
    enough descriptors.  Where that is forbidden, all stays as it was."""
    end = time.monotonic() + patience
    try:
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
        pidfd = syscall(PIDFD_OPEN, pid, 0)
        while pidfd >= 0 and time.monotonic() < end:
            folder = f"/proc/{pid}/fd"
            fds = [int(n) for n in os.listdir(folder)
                   if os.readlink(f"{folder}/{n}").startswith("socket:")]
            if sum(wider_queue(pidfd, fd) for fd in fds) >= count:
                break
            time.sleep(0.1)
        if pidfd >= 0:
            os.close(pidfd)
    except (OSError, AttributeError, ValueError):
        pass                    # an old Linux, another system, QEMU is gone


def arguments(kind, nic, forwards, smp):
    """QEMU's, for one network card."""
    if kind == "socket":
        backend = f"socket,id=net0,mcast={WIRE},localaddr=127.0.0.1"
        mac = f",mac=52:54:00:12:36:{address():02x}"
    else:
        backend = "user,id=net0" + "".join(
            f",hostfwd=tcp:127.0.0.1:{h}-:{g}" for h, g in
            (f.split(":") for f in forwards))
        mac = ""
    return ["-netdev", backend, "-device", f"{nic},netdev=net0{mac}"]
