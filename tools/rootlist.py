# SPDX-License-Identifier: MIT
"""rootlist.py -- what is on the Debian root disk, besides what that needs.

A change here makes the next `make run` build the image again.
"""
PACKAGES = """
base-files base-passwd bash dash libc-bin login passwd usr-is-merged hostname
coreutils util-linux bsdextrautils mount fdisk procps psmisc
findutils grep sed gawk mawk diffutils patch file less vim
tar gzip bzip2 xz-utils ncurses-bin ncurses-base netbase
python3 sqlite3 gcc libc6-dev make strace
e2fsprogs pciutils sysstat attr acl dpkg stress-ng rt-tests
iproute2 iputils-ping curl dropbear-bin nginx redis-server redis-tools
""".split()

# Files of packages that are left out, as dpkg's own path-exclude would: pages
# to read, which double the image.
EXCLUDE = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*",
           "/usr/share/info/*", "/usr/share/lintian/*", "/usr/share/bug/*")

# A C program of Debian's with tests of its own, to be built in the guest:
# (file, its place in Debian's archive, SHA-256).
SOURCES = (
    ("zlib-1.2.13.tar.bz2", "pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2",
     "71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1"),
)

# What update-alternatives would have linked: name -> program.
ALTERNATIVES = {
    "awk": "/usr/bin/gawk", "nawk": "/usr/bin/gawk", "cc": "/usr/bin/gcc",
    "c99": "/usr/bin/c99-gcc", "pager": "/usr/bin/less",
    "vi": "/usr/bin/vim.basic", "vim": "/usr/bin/vim.basic",
    "view": "/usr/bin/vim.basic", "ex": "/usr/bin/vim.basic",
    "editor": "/usr/bin/vim.basic", "which": "/usr/bin/which.debianutils",
}

SIZE = "2G"             # of the file system; the file has holes
LABEL = "lantern-root"
USERS = ("user:x:1000:1000:user:/home/user:/bin/bash",
         "redis:x:101:101::/var/lib/redis:/usr/sbin/nologin")
GROUPS = ("user:x:1000:", "redis:x:101:")

# Files that a package's installation script, or the installer, would write.
FILES = {
    "etc/hostname": "lantern\n",
    "etc/hosts": "127.0.0.1\tlocalhost lantern\n::1\tlocalhost\n",
    "etc/fstab": f"LABEL={LABEL} / ext2 defaults,errors=remount-ro 0 1\n",
    "etc/resolv.conf": "",
    "etc/timezone": "Etc/UTC\n",
    "etc/shells": "/bin/sh\n/bin/bash\n/bin/dash\n",
    "etc/motd": "",
    "etc/apt/sources.list": "deb http://deb.debian.org/debian bookworm main\n",
    # Debian's own, but without IPv6, which the kernel does not have.
    "etc/nginx/sites-enabled/default":
        "server {\n\tlisten 80 default_server;\n\troot /var/www/html;\n"
        "\tindex index.html;\n}\n",
    "etc/profile.d/lantern.sh":
        "export LANG=C.UTF-8\nexport PYTHONDONTWRITEBYTECODE=\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
    "etc/pam.d/common-auth": "auth required pam_unix.so nullok\n",
    "etc/pam.d/common-account": "account required pam_unix.so\n",
    "etc/pam.d/common-password": "password required pam_unix.so yescrypt\n",
    "etc/pam.d/common-session": "session required pam_unix.so\n",
    "etc/pam.d/common-session-noninteractive": "session required pam_unix.so\n",
}
# Process 1 is ours (user/init), and so is the way to ask it.
PROGRAMS = {
    "usr/sbin/poweroff": "#!/bin/sh\nkill -USR2 1\n",
    "usr/sbin/reboot": "#!/bin/sh\nkill -TERM 1\n",
    "usr/sbin/halt": "#!/bin/sh\nkill -USR1 1\n",
}
COPIES = {              # templates that base-files carries: from -> to
    "usr/share/base-files/profile": "etc/profile",
    "usr/share/libc-bin/nsswitch.conf": "etc/nsswitch.conf",
    "usr/share/nginx/html/index.html": "var/www/html/index.html",
    "usr/share/base-files/dot.bashrc": "root/.bashrc",
    "usr/share/base-files/dot.profile": "root/.profile",
}
DIRECTORIES = {         # name -> mode
    "etc/lantern": 0o755, "mnt/share": 0o755, "home/user": 0o755,
    "etc/dropbear": 0o700, "var/www/html": 0o755,
    "usr/local/bin": 0o755, "usr/local/sbin": 0o755, "usr/local/lib": 0o755,
    "usr/src": 0o755, "var/log": 0o755, "var/tmp": 0o1777, "var/mail": 0o2775,
    "var/lib/dpkg/info": 0o755, "var/lib/dpkg/updates": 0o755,
    "var/lib/dpkg/triggers": 0o755, "var/lib/dpkg/alternatives": 0o755,
}
