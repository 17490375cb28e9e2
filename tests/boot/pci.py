# SPDX-License-Identifier: MIT
"""pci.py -- what /sys says of PCI is what QEMU says; a shared folder is shared."""
import hashlib
import os

from images import scratch, succeed

FUNCTIONS = r"""
echo ready; sleep 1
for d in /sys/bus/pci/devices/*; do
	echo "function ${d##*/} $(cat $d/vendor) $(cat $d/device) $(cat $d/class)"
	n=0
	while read -r start end flags; do
		[ $n -lt 6 ] && [ $((end)) -gt 0 ] &&
			echo "bar ${d##*/} $n $((start)) $((end - start + 1))"
		n=$((n + 1))
	done < $d/resource
done
"""


def walk(devices):
    for d in devices:
        yield d
        bridge = d.get("pci_bridge") or {}
        yield from walk(bridge.get("devices") or [])


def wanted(buses):
    lines = set()
    for bus in buses:
        for d in walk(bus["devices"]):
            name = f"0000:{d['bus']:02x}:{d['slot']:02x}.{d['function']}"
            ids = d["id"]
            lines.add(("function", name, ids["vendor"], ids["device"],
                       d["class_info"]["class"]))
            for r in d["regions"]:
                if r["bar"] < 6 and r["address"] not in (-1, 0):
                    lines.add(("bar", name, r["bar"], r["address"], r["size"]))
    return lines


def seen(text):
    lines = set()
    for words in map(str.split, text.splitlines()):
        if words and words[0] == "function":
            lines.add(("function", words[1], int(words[2], 16),
                       int(words[3], 16), int(words[4], 16) >> 8))
        elif words and words[0] == "bar":
            lines.add(("bar", words[1], *map(int, words[2:5])))
    return lines


def test_the_functions_are_those_that_qemu_has():
    told = []

    def heard(vm, text):
        if "ready" in text and not told:
            told.append(vm.monitor.command("query-pci"))
    out = succeed(FUNCTIONS, on_output=heard, extra=[
        "-device", "virtio-rng-pci,addr=0x10,multifunction=on",
        "-device", "virtio-rng-pci,addr=0x10.1",
        "-device", "pcie-pci-bridge,id=b1,addr=0x11",
        "-device", "e1000,bus=b1,addr=3"])
    ours, theirs = seen(out), wanted(told[0])
    assert ours == theirs, \
        f"only here: {sorted(ours - theirs)}\nonly QEMU: {sorted(theirs - ours)}"
    assert len(theirs) > 12, theirs


def test_a_shared_folder_is_one_folder():
    with scratch() as folder:
        shared = os.path.join(folder, "shared")
        os.mkdir(shared)
        data = os.urandom(700001)
        with open(os.path.join(shared, "in"), "wb") as f:
            f.write(data)
        out = succeed(r"""
            cd /mnt/share && md5sum in && mkdir d && cp in d/copy &&
            ln -s copy d/link && ln d/copy d/hard && mv d/hard d/other &&
            truncate -s 5 d/other && cat missing; ls d""", shares=[shared])
        assert hashlib.md5(data).hexdigest() in out, out
        assert os.readlink(os.path.join(shared, "d/link")) == "copy"
        with open(os.path.join(shared, "d/copy"), "rb") as f:
            assert f.read() == data[:5]
        assert sorted(os.listdir(os.path.join(shared, "d"))) == \
            ["copy", "link", "other"]
