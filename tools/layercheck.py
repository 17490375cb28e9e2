#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layercheck.py -- fail when a lower layer uses a symbol of a higher one.

usage: layercheck.py LAYERS OBJECT-LIST

LAYERS at the root says which directory stands on which layer, and names the
few symbols that may be called upward.  A file named there stands apart from its
directory; a self-test (x_test.c) may call anything.  The proof is in the object files: what
one needs (nm -u) and another defines.  OBJECT-LIST is a file of their names.
"""
import re
import subprocess
import sys
from collections import defaultdict


class Layers:
    def __init__(self, path):
        self.layer, self.upward = {}, {}
        with open(path) as f:
            for line in f:
                words = line.split("#")[0].split()
                if words and words[0] == "up":
                    self.upward.update((w, False) for w in words[1:])
                elif words:
                    self.layer.update((d, int(words[0])) for d in words[1:])
        # The longest name wins: mm/phys is not mm.
        self.folders = sorted(self.layer, key=len, reverse=True)

    def of(self, source):
        for folder in self.folders:
            if source == folder or source.startswith(folder + "/"):
                return self.layer[folder]
        return None


def source_of(obj, folders):
    """build/debug/mm/phys/buddy.c.o -> mm/phys/buddy.c"""
    tops = {f.split("/")[0] for f in folders}
    parts = obj.split("/")
    for n, part in enumerate(parts):
        if part in tops:
            return "/".join(parts[n:])[:-2]
    return obj


def read_symbols(objects, folders):
    """Return {symbol: source that defines it}, {source: symbols it needs}."""
    out = subprocess.run(["nm", "-A", "-g", *objects], capture_output=True,
                         text=True, check=True).stdout
    home, needs = {}, defaultdict(set)
    for line in out.splitlines():
        match = re.match(r"(.*?):(?:[0-9a-f]+)?\s+(\w)\s+(\S+)", line)
        obj, kind, symbol = match.groups()
        source = source_of(obj, folders)
        if kind in "Uwv":
            needs[source].add(symbol)
        elif kind not in "WV" or symbol not in home:
            home[symbol] = source   # a strong definition beats a weak one
    return home, needs


def main(layers_file, list_file):
    layers = Layers(layers_file)
    with open(list_file) as f:
        objects = f.read().split()
    if not objects:
        return 0
    home, needs = read_symbols(objects, layers.folders)
    bad = 0
    for source in sorted(set(home.values()) | set(needs)):
        if layers.of(source) is None:
            print(f"{source}: its directory is not in LAYERS")
            bad += 1
            continue
        if source.endswith("_test.c"):
            continue
        for symbol in sorted(needs[source]):
            owner = home.get(symbol)
            if owner is None or layers.of(owner) is None:
                continue
            if layers.of(owner) <= layers.of(source):
                continue
            if symbol in layers.upward:
                layers.upward[symbol] = True
                continue
            print(f"{source} (layer {layers.of(source)}) uses {symbol} of "
                  f"{owner} (layer {layers.of(owner)})")
            bad += 1
    for symbol, used in layers.upward.items():
        if not used:
            print(f"LAYERS: note: nobody needs `up {symbol}`")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
