# SPDX-License-Identifier: MIT
"""cards.py -- network cards carry what was sent, and notice their cable"""
import contextlib
import hashlib
import os
import socket
import threading

from images import succeed

DATA = os.urandom(1 << 20) * 2


def serve(client, got):
    """G: here is the data; P: what follows is hashed."""
    with client:
        client.settimeout(60)
        if client.recv(1) == b"G":
            client.sendall(DATA)
            client.shutdown(socket.SHUT_WR)
            client.recv(1)
            return
        seen = hashlib.md5()
        while True:
            data = client.recv(1 << 16)
            if not data:
                break
            seen.update(data)
        got.append(seen.hexdigest())


@contextlib.contextmanager
def server():
    """A port of this machine, which guests reach at 10.0.2.2; what came."""
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def accept():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=serve, args=(client, got),
                                     daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], got


TRAFFIC = """
carry() {
	printf G | nc 10.0.2.2 PORT > /tmp/down && md5sum < /tmp/down
	(printf P; cat /tmp/down) | nc 10.0.2.2 PORT || echo "nc: $?"
}
ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0 2>/dev/null
carry
"""

CABLE = """
echo pull
until ip link show eth0 | grep -q NO-CARRIER; do sleep 0.1; done
echo plug
while ip link show eth0 | grep -q NO-CARRIER; do sleep 0.1; done
carry
ip link set eth0 down && ip link set eth0 up
carry
dmesg | grep -c 'eth0: transmit timed out' && exit 1
true
"""


def carry(nic, script, times, on_output=None):
    with server() as (port, got):
        out = succeed(script.replace("PORT", str(port)), net="user", nic=nic,
                      on_output=on_output)
    want = hashlib.md5(DATA).hexdigest()
    assert out.count(want) == times, out
    assert got == [want] * times, got


def test_virtio_net_carries_what_was_sent():
    carry("virtio-net-pci", TRAFFIC, 1)


def test_e1000_carries_what_was_sent_and_notices_its_cable():
    done = set()

    def heard(vm, text):
        for word, up in (("pull", False), ("plug", True)):
            if word in text and word not in done:
                done.add(word)
                vm.monitor.command("set_link", name="net0", up=up)
    carry("e1000", TRAFFIC + CABLE, 3, heard)
