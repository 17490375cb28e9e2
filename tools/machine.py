# SPDX-License-Identifier: MIT
"""machine.py -- describe a virtual machine as a QEMU command line.

A Machine says what the computer is and how it boots; guest.py runs it.  Three
ways in:

    iso     GRUB from the boot image, on BIOS or UEFI: the real one
    kernel  QEMU loads the ELF by its PVH note: quick, BIOS only
    linux   Debian's Linux kernel with our first root file system

The root file system is in memory (`root` empty) or on the first disk.
"""
import os
import shlex
from dataclasses import dataclass, field

import cpio
import disks
import iso_slots
import net

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

OVMF = (("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        ("/opt/homebrew/share/qemu/edk2-x86_64-code.fd",
         "/opt/homebrew/share/qemu/edk2-i386-vars.fd"))


class CannotRun(Exception):
    """The machine cannot even be started: a file or a program is missing."""


@dataclass
class Machine:
    build: str = "build"
    boot: str = "iso"               # iso, kernel or linux
    kernel: str = ""                # instead of the one in `build`
    initrd: str = ""
    iso: str = ""
    firmware: str = "bios"
    smp: int = 2
    mem: str = "256M"
    cpu: str = "max"
    accel: str = "tcg"
    display: str = "none"
    append: str = ""                # more kernel command line
    root: str = ""                  # a disk (disks.py): the root; else in memory
    disks: list = field(default_factory=list)   # more, as disks.py writes them
    shares: list = field(default_factory=list)  # host folders: DIR[,ro]
    cds: list = field(default_factory=list)
    snapshot: bool = False          # forget what the guest writes to its disks
    spare_ports: int = 0            # for what QMP's device_add brings
    net: str = "none"               # none, user, socket
    nic: str = "virtio-net-pci"
    forwards: list = field(default_factory=list)
    extra: list = field(default_factory=list)   # more QEMU arguments
    files: dict = field(default_factory=dict)   # guest path -> bytes
    gdb: str = ""                   # where QEMU's GDB server listens
    reboots: bool = False           # a reset restarts the machine

    def path(self, name):
        full = os.path.join(ROOT, self.build, name)
        if not os.path.exists(full) and self.build != "build":
            full = os.path.join(ROOT, "build", name)    # shared by all builds
        if not os.path.exists(full):
            raise CannotRun(f"no {os.path.relpath(full)}: run make first")
        return full

    def command_line(self):
        words = ["console=tty0", "console=ttyS0"]
        if self.boot == "linux":
            words += ["mitigations=off", "quiet", "no5lvl",      # 47 bits, as ours
                      "no_timer_check"]     # fails on a busy host
        elif "selftest=" not in self.append:
            words.append("selftest=quick")
        if self.root:
            words.append(f"root={disks.parse(self.root).device_name()}")
        return " ".join(words + ([self.append] if self.append else []))

    def guest_files(self):
        """What goes into the first root besides what is there: guest path ->
        bytes.  Linux needs its drivers; with a root on disk, init is told what
        to carry over."""
        files = {f.lstrip("/"): data for f, data in self.files.items()}
        carried = [f for f in files if not f.startswith("etc/lantern/")]
        if self.root and carried:
            files["etc/lantern/carry"] = "".join(
                f"/{f}\n" for f in carried).encode()
            for f in carried:
                files["carried/" + f] = files.pop(f)
        if self.shares:
            files["etc/lantern/share"] = "".join(
                f"{disks.share_tag(n)}\n"
                for n in range(len(self.shares))).encode()
        if self.boot == "linux":
            files.update(self._linux_modules())
        return files

    def _linux_modules(self):
        """Debian's kernel has its disk drivers in modules; init loads them."""
        folder = os.path.join(ROOT, "build/linux/modules")
        if not os.path.exists(os.path.join(folder, "order")):
            return {}
        with open(os.path.join(folder, "order")) as f:
            names = f.read().split()
        files = {"etc/lantern/modules": "\n".join(names + [""]).encode()}
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                files[f"lib/modules/{name}"] = f.read()
        return files

    def run_archive(self):
        archive = cpio.Archive()
        for path, data in self.guest_files().items():
            archive.file(path, data, 0o755)
        return archive.finish()

    def _direct_boot(self, scratch):
        kernel = self.kernel or self.path(
            "linux/vmlinuz" if self.boot == "linux" else "lantern.elf")
        with open(self.initrd or self.path("initramfs.cpio"), "rb") as f:
            archive = f.read()
        more = self.guest_files()
        if more and archive[:6] == b"070701":
            archive = cpio.without_trailer(archive) + self.run_archive()
        elif more:
            archive += b"\0" * (-len(archive) % 4) + self.run_archive()
        initrd = os.path.join(scratch, "initrd")
        with open(initrd, "wb") as f:
            f.write(archive)
        return ["-kernel", kernel, "-initrd", initrd,
                "-append", self.command_line()]

    def _iso_boot(self, scratch):
        with open(self.iso or self.path("lantern.iso"), "rb") as f:
            image = bytearray(f.read())
        try:
            iso_slots.fill(image, self.command_line(),
                           self.run_archive() if self.files else b"")
        except ValueError as problem:
            raise CannotRun(f"boot image: {problem}") from None
        copy = os.path.join(scratch, "boot.iso")
        with open(copy, "wb") as f:
            f.write(image)
        return ["-drive", f"file={copy},if=none,id=boot,format=raw,"
                "media=cdrom,readonly=on",
                "-device", "ide-cd,drive=boot,bus=ide.2,bootindex=0"]

    def _firmware(self, scratch):
        if self.firmware == "bios":
            return []
        for code, variables in OVMF:
            if os.path.exists(code):
                copy = os.path.join(scratch, "vars.fd")
                with open(variables, "rb") as src, open(copy, "wb") as dst:
                    dst.write(src.read())
                return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
                        "-drive", f"if=pflash,format=raw,file={copy}"]
        raise CannotRun("no UEFI firmware (OVMF): run tools/setup")

    def _storage(self, scratch):
        """The root disk, or something in its place so that the first of the
        other disks is the guest's second."""
        try:
            all_disks = [disks.parse(d) for d in self.disks]
            if self.root:
                all_disks.insert(0, disks.parse(self.root))
            elif all_disks:
                all_disks.insert(0, disks.placeholder(scratch))
            return disks.arguments(all_disks, self.shares, self.cds,
                                   self.spare_ports, self.smp, self.snapshot)
        except ValueError as problem:
            raise CannotRun(str(problem)) from None

    def _network(self):
        if self.net == "none" and not self.forwards:
            return ["-nic", "none"]
        return net.arguments(self.net, self.nic, self.forwards, self.smp)

    def arguments(self, scratch):
        """QEMU's arguments but for the consoles; `scratch` is ours to fill."""
        if self.firmware == "uefi" and self.boot != "iso":
            raise CannotRun("UEFI boots the image (--iso), not a bare kernel")
        accel = "tcg,thread=multi" if self.accel == "tcg" else self.accel
        # Slots behind ports by the ports' own interrupts, not by ACPI bytecode.
        args = ["qemu-system-x86_64", "-nodefaults", "-M", "q35", "-global",
                "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
                "-accel", accel, "-cpu", self.cpu, "-smp", str(self.smp),
                "-m", self.mem, "-vga", "std", "-rtc", "base=utc",
                # The firmware leaves disks alone that it does not boot: its
                # drivers' memory for each may reach where QEMU puts an initrd.
                "-boot", "strict=on",
                "-display", self.display]
        if not self.reboots:
            args += ["-action", "reboot=shutdown"]
        if self.gdb:
            args += ["-gdb", self.gdb, "-S"]
        args += self._firmware(scratch)
        args += (self._iso_boot if self.boot == "iso"
                 else self._direct_boot)(scratch)
        return args + self._storage(scratch) + self._network() + self.extra

    def describe(self):
        return (f"{self.boot} {self.firmware} smp={self.smp} mem={self.mem} "
                f"{shlex.quote(self.append)}")
