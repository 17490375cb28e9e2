# SPDX-License-Identifier: MIT
"""disks.py -- disks, CDs and shared folders as QEMU arguments.

A disk is written FILE[,if=virtio|ahci|nvme][,format=raw|qcow2][,ro]
[,serial=TEXT][,blkdebug=CONFIG]; FILE may also be nbd:unix:SOCKET.  Each sits
behind a PCI Express root port of its own, so that it can be pulled while the
machine runs (QMP's device_del):

    pcie.0 -+- port1 -- disk0           the root disk, or its placeholder: vda
            +- port2 -- disk1           the first --disk:                  vdb
            +- port3 -- share           a host folder by 9p
            `- port4                    spare: something may be put in later

Names in the guest follow the order on the bus, kind by kind: virtio disks are
vda, vdb ...; AHCI disks sda, ...; NVMe disks nvme0n1, ...
"""
import os
from dataclasses import dataclass

INTERFACES = {"virtio": "/dev/vda", "ahci": "/dev/sda", "nvme": "/dev/nvme0n1"}
FORMATS = ("raw", "qcow2")
PLACEHOLDER = b"No root disk here: the root file system is in memory.\n"


@dataclass
class Disk:
    file: str
    interface: str = "virtio"
    format: str = "raw"
    readonly: bool = False
    serial: str = ""
    blkdebug: str = ""

    def device_name(self):
        """Its name in the guest, if it is the first of its kind."""
        return INTERFACES[self.interface]


def parse(text):
    """The Disk that the text describes; ValueError says what is wrong."""
    if isinstance(text, Disk):
        return text
    file, *options = text.split(",")
    disk = Disk(file, format="qcow2" if file.endswith(".qcow2") else "raw")
    fields = {"if": "interface", "format": "format", "serial": "serial",
              "blkdebug": "blkdebug"}
    for option in options:
        key, _, value = option.partition("=")
        if option == "ro":
            disk.readonly = True
        elif key in fields and value:
            setattr(disk, fields[key], value)
        else:
            raise ValueError(f"disk {file}: what is {option!r}?")
    if disk.interface not in INTERFACES:
        raise ValueError(f"disk {file}: if= is one of {', '.join(INTERFACES)}")
    if disk.format not in FORMATS:
        raise ValueError(f"disk {file}: format= is one of {', '.join(FORMATS)}")
    if disk.interface == "ahci" and disk.readonly:
        raise ValueError(f"disk {file}: QEMU has no read-only AHCI disks")
    for path in (file, disk.blkdebug):
        if path and not path.startswith("nbd:") and not os.path.exists(path):
            raise ValueError(f"disk: no {path}")
    return disk


def placeholder(scratch):
    """What is vda when the root is in memory: 64 KiB that say so, read-only."""
    path = os.path.join(scratch, "placeholder")
    with open(path, "wb") as f:
        f.write(PLACEHOLDER.ljust(64 << 10, b"\0"))
    return Disk(path, readonly=True, serial="placeholder")


def _escape(text):
    return text.replace(",", ",,")


def _backend(disk, name, snapshot):
    """The host's side: `-drive`.  Errors go to the guest, none stop QEMU."""
    words = ["if=none", f"id={name}", f"driver={disk.format}",
             "werror=report", "rerror=report", "cache=writeback"]
    if disk.blkdebug:
        words += ["file.driver=blkdebug", f"file.config={_escape(disk.blkdebug)}",
                  "file.image.driver=file",
                  f"file.image.filename={_escape(disk.file)}"]
    else:
        words.append(f"file={_escape(disk.file)}")
        words.append("discard=unmap")
    if disk.readonly:
        words.append("readonly=on")
    elif snapshot:
        words.append("snapshot=on")
    return ["-drive", ",".join(words)]


def _frontend(disk, name, bus, smp):
    """The guest's side: `-device`.  What device_del pulls is called dev-NAME."""
    serial = f",serial={disk.serial}" if disk.serial else ""
    if disk.interface == "virtio":
        return ["-device", f"virtio-blk-pci,id=dev-{name},drive={name},bus={bus},"
                f"num-queues={smp}{serial}"]
    if disk.interface == "nvme":
        return ["-device", f"nvme,id=dev-{name},drive={name},bus={bus},"
                f"serial={disk.serial or name}"]
    kind = "ide-cd" if disk.file.endswith(".iso") else "ide-hd"
    return ["-device", f"ich9-ahci,id=dev-{name},bus={bus}",
            "-device", f"{kind},drive={name},bus=dev-{name}.0{serial}"]


class Ports:
    """Deals out PCI Express root ports."""

    def __init__(self):
        self.args = []
        self.count = 0

    def new(self):
        self.count += 1
        name = f"port{self.count}"
        self.args += ["-device", f"pcie-root-port,id={name},bus=pcie.0,"
                      f"chassis={self.count},slot={self.count}"]
        return name


def share_tag(n):
    """The name by which the guest mounts the n-th shared folder."""
    return "share" if n == 0 else f"share{n}"


def arguments(disks, shares, cds, spare_ports, smp, snapshot):
    """QEMU's arguments for all storage but the boot image."""
    ports, args = Ports(), []
    for n, disk in enumerate(disks):
        name = f"disk{n}"
        args += _backend(disk, name, snapshot)
        args += _frontend(disk, name, ports.new(), smp)
    for n, share in enumerate(shares):
        folder, _, option = share.partition(",")
        if not os.path.isdir(folder):
            raise ValueError(f"share: no folder {folder}")
        if option not in ("", "ro"):
            raise ValueError(f"share {folder}: what is {option!r}?")
        tag = share_tag(n)
        args += ["-fsdev", f"local,id={tag},path={_escape(folder)},"
                 "security_model=none,multidevs=remap"
                 + (",readonly=on" if option else ""),
                 "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag},"
                 f"bus={ports.new()}"]
    for n, cd in enumerate(cds):
        args += ["-drive", f"if=none,id=cd{n},media=cdrom,readonly=on,format=raw,"
                 f"file={_escape(cd)}", "-device", f"ide-cd,drive=cd{n},bus=ide.{3 + n}"]
    for _ in range(spare_ports):
        ports.new()
    return ports.args + args
