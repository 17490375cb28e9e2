# SPDX-License-Identifier: MIT
"""network.py -- the network as `make run` has it: QEMU's router, DHCP and name
server, ports of this machine that lead into the guest, and the way back.

Servers and clients are busybox's, and Debian's on the Debian root.
LANTERN_TEST_BOOT=linux asks Debian's Linux.
"""
import concurrent.futures
import hashlib
import http.server
import socket
import threading
import time

import images
import net
from images import root_image

FETCHES = 100
HTTPD_QUEUE = 8         # busybox lets nine connections wait
FILES = [b"%d " % n * (3000 + 400 * n) for n in range(8)]   # 6 KB to 17 KB


class Host:
    """This machine: a web server for the guest, and forwarded ports."""

    def __init__(self, *guest_ports):
        self.may_end = threading.Event()
        self.failure = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/end":         # the guest asks: are we done?
                    outer.may_end.wait(60)
                body = FILES[7] * 20
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://10.0.2.2:{self.server.server_address[1]}"
        self.ports = {}
        for guest_port in guest_ports:
            start = 20000 + self.server.server_address[1] % 20000
            self.ports[guest_port] = next(
                p for p in range(start, 65000)
                if net.is_free(p) and p not in self.ports.values())

    def forwards(self):
        return [f"{host}:{guest}" for guest, host in self.ports.items()]

    def talk(self, guest_port, request, enough=None):
        """Send the request, return all that comes (or what is enough)."""
        with socket.create_connection(
                ("127.0.0.1", self.ports[guest_port]), 60) as s:
            s.sendall(request)
            answer = b""
            while enough is None or not answer.endswith(enough):
                part = s.recv(65536)
                if not part:
                    break
                answer += part
        return answer

    def fetch(self, n):
        answer = self.talk(80, b"GET /%d HTTP/1.0\r\nHost: x\r\n\r\n" % n)
        return answer.partition(b"\r\n\r\n")[2]

    def fetch_all(self, at_once):
        """All of them whole."""
        numbers = [n % len(FILES) for n in range(FETCHES)]
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            bodies = list(pool.map(self.fetch, numbers))
        broken = [n for n, body in zip(numbers, bodies) if body != FILES[n]]
        assert not broken, f"{len(broken)} of {FETCHES} fetches are not whole"

    def run(self, script, work, **options):
        """Boot; when the guest says `ready`, do the work here; the guest's
        `end` waits for it.  Returns what the guest said."""
        def ours():
            try:
                work()
            except Exception as problem:
                self.failure = problem
            self.may_end.set()

        def heard(_, text):
            if "ready\n" in text and not worker.ident:
                worker.start()

        worker = threading.Thread(target=ours, daemon=True)
        server = threading.Thread(target=self.server.serve_forever, daemon=True)
        server.start()
        files = {"www/%d" % n: body for n, body in enumerate(FILES)}
        files.update(net.tasks("user"))
        try:
            status, out, log = images.run(
                f"HOST={self.url}\n{script}", on_output=heard, net="user",
                forwards=self.forwards(), files=files, **options)
        finally:
            self.may_end.set()
            self.server.shutdown()
            self.server.server_close()
        assert status == 0, f"{status}\n{out}\n{self.failure}\n{log[-3000:]}"
        if self.failure:
            raise self.failure
        for word in ("BUG:", "WARNING:", "Oops:"):
            assert word not in log, f"{word} in\n{log[-4000:]}"
        return out


def test_dhcp_names_ping_and_http_both_ways():
    host = Host(80)
    out = host.run("""
        set -e
        ifconfig eth0 | grep -o 'inet addr:10.0.2.15'
        cat /etc/resolv.conf
        ping -c 1 -W 10 10.0.2.2 | grep -o '1 packets received'
        httpd -h /www
        echo ready
        wget -q -O - $HOST/ | md5sum
        wget -q -O /dev/null $HOST/end
        """, lambda: host.fetch_all(HTTPD_QUEUE))
    digest = hashlib.md5(FILES[7] * 20).hexdigest()
    assert out == ("inet addr:10.0.2.15\nnameserver 10.0.2.3\n"
                   f"1 packets received\nready\n{digest}  -\n"), out


def test_debians_servers():
    """nginx (reload, binary upgrade, graceful quit), redis, dropbear, curl."""
    root = root_image()
    host = Host(80, 6379)

    def work():
        host.fetch_all(FETCHES)
        assert host.talk(6379, b"INCR visits\r\n", b"\n") == b":2\r\n"

    out = host.run(r"""
        set -e
        rm -rf /var/www/html; ln -s /www /var/www/html
        redis-server --save '' --protected-mode no --daemonize yes > /run/redis
        /usr/sbin/nginx
        until redis-cli ping > /run/pong 2>&1; do :; done
        redis-cli incr visits | cat
        dbclient -y -y root@127.0.0.1 'echo ssh $((6 * 7))' 2> /run/ssh
        python3 -c 'import pty; pty.spawn("dbclient -y -y -t root@127.0.0.1 tty".split())' |
            tr -d '\r' | grep ^/dev/pts
        echo ready
        curl -s $HOST/ | md5sum
        curl -s $HOST/end > /run/end
        old=$(cat /run/nginx.pid); before=$(pgrep -P $old)
        nginx -s reload 2> /run/reload
        for p in $before; do while kill -0 $p; do :; done; done 2> /run/gone
        kill -USR2 $old
        until [ -s /run/nginx.pid.oldbin ] && [ -s /run/nginx.pid ]; do :; done
        kill -QUIT $old
        while kill -0 $old; do :; done 2> /run/gone
        curl -s http://127.0.0.1/3 | cmp - /www/3 && echo upgraded
        new=$(cat /run/nginx.pid)
        nginx -s quit 2> /run/quit
        while kill -0 $new; do :; done 2> /run/gone
        redis-cli shutdown nosave
        """, work, root=root, snapshot=True, mem="512M")
    digest = hashlib.md5(FILES[7] * 20).hexdigest()
    assert out == f"1\nssh 42\n/dev/pts/1\nready\n{digest}  -\nupgraded\n", out


PEER = r'''
import hashlib, os, socket, sys
MB = 1 << 20
block = bytes(range(256)) * (MB // 256)

def push(s):
    for n in range(%(size)d):
        s.sendall(block[n:] + block[:n])

def mend():
    """The last words must arrive: who has said his switches himself off."""
    os.system("tc qdisc del dev eth0 root")

def pull(s):
    for n in range(%(size)d):
        if n == 1:
            print("one came", flush=True)
        got = b""
        while len(got) < MB:
            got += s.recv(MB - len(got)) or sys.exit("it ended early")
        assert got == block[n:] + block[:n], "broken in the %%d. MiB" %% n

if sys.argv[1] == "server":
    listener = socket.create_server(("", 5000))
    print("ready", flush=True)
    s = listener.accept()[0]
    pull(s); push(s)
    # What was written is not there yet: stay until the other end has it all.
    s.recv(1) == b"!" or sys.exit("no farewell")
    mend()
else:
    s = socket.create_connection(("10.9.0.1", 5000))
    push(s); pull(s)
    mend()
    s.sendall(b"!")
    s.recv(1) and sys.exit("more came")
print("whole")
'''
WIRE = "socket,id=w,mcast=230.0.71.21:17121,localaddr=127.0.0.1"
LOSSY = "loss 5% duplicate 5% corrupt 1% delay 2ms reorder 25%"


def lossy_guest(n, role, on_output):
    return images.run(f"""
        set -e
        ip addr add 10.9.0.{n}/24 dev eth0
        ip link set eth0 up
        # An ARP packet has no checksum: one wrong bit, and a neighbour is lost.
        ip neigh add 10.9.0.{3 - n} lladdr 52:54:00:71:00:{3 - n:02x} dev eth0
        tc qdisc add dev eth0 root netem {LOSSY}
        python3 /peer.py {role}
        """, on_output=on_output, root=root_image(), snapshot=True, smp=1,
        files={"peer.py": PEER.encode() % {b"size": 3}}, extra=[
            "-netdev", WIRE, "-device",
            f"virtio-net-pci,netdev=w,id=card,mac=52:54:00:71:00:{n:02x}"])


def test_two_guests_over_a_wire_that_loses():
    """Both ways, all whole, though the plug is pulled for a moment."""
    pulled = []

    def server_says(vm, text):
        if "ready\n" in text and not client.ident:
            client.start()
        if "one came\n" in text and not pulled:
            pulled.append(True)
            vm.monitor.command("set_link", name="card", up=False)
            time.sleep(0.3)
            vm.monitor.command("set_link", name="card", up=True)

    said = []
    client = threading.Thread(target=lambda: said.append(
        lossy_guest(2, "client", None)), daemon=True)
    said.append(lossy_guest(1, "server", server_says))
    client.join(120)
    for status, out, log in said:
        assert status == 0 and out.endswith("whole\n"), f"{out}\n{log[-3000:]}"
        for word in ("BUG:", "WARNING:", "Oops:"):
            assert word not in log, f"{word} in\n{log[-4000:]}"
    assert len(said) == 2 and pulled, said
