# SPDX-License-Identifier: MIT
# Lantern: `make help` lists what there is to make.
#
# Objects live in build/ (build/debug with DEBUG=1, build/san with SAN=1).  Every .c and .S below the
# kernel's directories is part of the image, every folder of user/ is a program,
# every .c in tests/user/ is a test: a new file needs no line here.

DEBUG ?= 0
SAN ?= 0
WERROR ?= 0
B := build
variant := $(if $(filter 1,$(SAN)),san,$(if $(filter 1,$(DEBUG)),debug))
O := $(B)$(variant:%=/%)
CC ?= gcc
CC := $(if $(filter cc,$(CC)),$(CROSS_COMPILE)gcc,$(CC))
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
STRIP := $(CROSS_COMPILE)strip
USERCC ?= musl-gcc
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)

# What is said while building goes to standard error, so that the standard
# output of `make run CMD=...` is what the command prints and nothing else.
say = @printf '  %-7s %s\n' $(1) $(2) >&2

# As many jobs as there are processors, unless make was told.
ifeq ($(MAKELEVEL)$(findstring -j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

all: $(O)/lantern.elf $(B)/initramfs.cpio.gz
.PHONY: all iso root run debug test check bench mutants help clean FORCE
.DELETE_ON_ERROR:
.SUFFIXES:

# --- The tools ---------------------------------------------------------------

$(B)/.setup: tools/setup
	@mkdir -p $(@D)
	@tools/setup
	@touch $@

# keep-if-same FILE TEXT: rewrite FILE only when TEXT differs, so that what
# depends on it is made again exactly when it must be.
keep-if-same = mkdir -p $(dir $(1)); printf '%s\n' '$(2)' | cmp -s - $(1) || \
	printf '%s\n' '$(2)' > $(1)

# --- The kernel --------------------------------------------------------------

DIRS := boot arch kernel mm fs net drivers
DIRS := $(wildcard $(DIRS))
SRCS := $(if $(DIRS),$(sort $(shell find $(DIRS) -path '*/vdso/image' -prune \
	-o -name '*.[cS]' -print)))
# The address checker itself, and what runs where there is no shadow yet.
KASAN := mm/kasan/% arch/x86_64/mmu/kasan_init.c
UNCHECKED := $(KASAN) boot/% mm/phys/slab.c mm/phys/slab_layout.c mm/phys/slab_debug.c \
	mm/phys/slab_shared.c arch/x86_64/lib/stacktrace.c
CHECKED := mm/kasan/kasan_test.c
ifneq ($(SAN),1)
SRCS := $(filter-out $(KASAN),$(SRCS))
endif
OBJS := $(addprefix $(O)/,$(addsuffix .o,$(SRCS)))

CPPFLAGS := -Iinclude -Iinclude/uapi -I. -D__KERNEL__ -D__LANTERN__
CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-builtin-printf -fno-pic -fno-pie \
	-mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-fno-delete-null-pointer-checks -fwrapv -fno-asynchronous-unwind-tables \
	-fcf-protection=none -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wframe-larger-than=2048 -Wvla -Wstrict-prototypes -Wmissing-prototypes
# Loops and jump targets are not padded: the image is to stay under 2 MiB.
ifeq ($(findstring clang,$(CC)),)
CFLAGS += -falign-loops=1 -falign-jumps=1
endif
ifeq ($(DEBUG),1)
CPPFLAGS += -DLANTERN_DEBUG=1
# Not alignment, null: &user->field may be anywhere, and is only looked at by
# get_user() and its kind.
CFLAGS += -fsanitize=bounds,shift,unreachable -Wframe-larger-than=4096
endif
# SAN=1: every access asks the shadow first (docs/92-kasan.md).  Clang spells
# the same options another way.
ifeq ($(SAN),1)
CPPFLAGS += -DLANTERN_SAN=1
CFLAGS += -Wframe-larger-than=8192 -fsanitize=bounds,shift,unreachable \
	-fsanitize=bool,enum,integer-divide-by-zero,vla-bound
KASAN_FLAGS := -fsanitize=kernel-address $(if $(findstring clang,$(shell $(CC) --version)),\
	-mllvm -asan-mapping-offset=0xdffffc0000000000 -mllvm -asan-globals=1 \
	-mllvm -asan-stack=1 -mllvm -asan-instrumentation-with-call-threshold=10000,\
	-fasan-shadow-offset=0xdffffc0000000000 --param asan-globals=1 --param asan-stack=1 \
	--param asan-instrumentation-with-call-threshold=10000)
SAN_FLAGS = $(if $(filter-out $(CHECKED),$(filter $(UNCHECKED),$<)),-DNO_KASAN,$(KASAN_FLAGS))
LDFLAGS_SAN := --defsym=LANTERN_SAN=1
endif
ifeq ($(WERROR),1)
CFLAGS += -Werror
endif
ASFLAGS := -D__ASSEMBLY__ -g -mcmodel=kernel -fno-pic -fno-pie
LDFLAGS := -nostdlib -static -no-pie -z max-page-size=4096 -z noexecstack --build-id=none $(LDFLAGS_SAN)

$(O)/.flags: FORCE
	@$(call keep-if-same,$@,$(CC) $(CPPFLAGS) $(CFLAGS) $(KASAN_FLAGS) $(COLD))
$(O)/.objects: FORCE
	@$(call keep-if-same,$@,$(OBJS))

# One shell a file: the folders are there already, and what is said and done
# is one line.
$(O)/.folders: $(O)/.objects
	@mkdir -p $(sort $(dir $(OBJS)))
	@touch $@
$(OBJS): $(O)/.flags | $(B)/.setup $(O)/.folders

$(O)/%.c.o: %.c
	$(call say,CC,$<); \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(SAN_FLAGS) -MMD -MP -c -o $@ $<

# Tests run once, in a boot: small is better than fast.
$(O)/%_test.c.o: CFLAGS += -Os

$(O)/%.S.o: %.S
	$(call say,AS,$<); \
	$(CC) $(CPPFLAGS) $(ASFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJS:.o=.d)

# What runs seldom, or for somebody who reads: small is better here too.  What
# begins with one of these is meant.
COLD := boot/ arch/x86_64/cpu/ arch/x86_64/probe/ arch/x86_64/smp/boot drivers/acpi/ \
	drivers/base/ drivers/pci/ drivers/video/ drivers/tty/tty_ioctl \
	$(addprefix drivers/block/,blk-sysfs disk-attr genhd ioprio loop-ioctl nvme-disk \
	ahci-disk part- blk-settings blk-recover) \
	fs/isofs/ fs/notify/ fs/proc/ fs/sysfs/ fs/ext2/super fs/ext2/geometry fs/ext2/xattr \
	$(addprefix fs/vfs/,fs_context fsmount mount_setattr mount_syscalls mount_tree \
	namespace pnode posix_acl xattr old_calls fhandle leases) \
	kernel/init/ kernel/trace/ kernel/sched/syscalls kernel/time/adjtimex kernel/time/ntp \
	$(addprefix kernel/proc/,coredump elfcore ptrace seccomp_notify kcmp process_ reboot sys) \
	net/bridge/ net/packet/diag net/packet/option net/netlink/ net/unix/diag net/unix/proc \
	$(addprefix net/core/,dev_config dev_ioctl dev_netns net_namespace proc rtnetlink rtnl \
	sock_diag sysctl) \
	$(addprefix net/ipv4/,devinet fib_frontend fib_semantics igmp inet_diag inet_ioctl \
	ip_cmsg ip_error_queue ip_sockglue ipip ipv4_net proc rtnl_ tcp_sysctl) net/sched/sch_api
$(filter $(COLD:%=$(O)/%%),$(OBJS)): CFLAGS += -Os

# The vDSO: user code, linked by itself and carried in the kernel's constants.
VDSO := arch/x86_64/vdso/image
$(B)/vdso.so: $(VDSO)/clock.c $(VDSO)/vvar.h $(VDSO)/vdso.lds include/kernel/timekeeping.h \
		| $(B)/.setup
	@mkdir -p $(@D)
	$(call say,VDSO,$@)
	@$(CC) $(CPPFLAGS) -std=gnu17 -O2 -fPIC -ffreestanding -fno-stack-protector \
		-fcf-protection=none -fasynchronous-unwind-tables -fno-jump-tables -Wall -Wextra \
		-nostdlib -shared -Wl,-soname,linux-vdso.so.1 -Wl,--hash-style=both \
		-Wl,-T,$(VDSO)/vdso.lds -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=4096 -Wl,-Bsymbolic -s -o $@ $<
$(O)/arch/x86_64/vdso/blob.S.o: $(B)/vdso.so

# The image is linked twice: the first link, without debug information, says
# where the functions lie, the second adds the table that names them.
ifneq ($(wildcard linker.ld),)
$(O)/lantern.elf: $(OBJS) $(O)/.objects linker.ld tools/ksyms.py
	$(call say,LD,$@)
	@$(LD) $(LDFLAGS) -S -T linker.ld -o $(O)/lantern0.elf $(OBJS)
	@$(PYTHON) tools/ksyms.py --nm $(NM) $(O)/kallsyms.S $(O)/lantern0.elf
	@$(CC) -c -o $(O)/kallsyms.S.o $(O)/kallsyms.S
	@$(LD) $(LDFLAGS) -T linker.ld -o $@ $(OBJS) $(O)/kallsyms.S.o
	@$(NM) -n $@ > $(O)/System.map
	@rm -f $(O)/lantern0.elf
else
$(O)/lantern.elf: $(OBJS)
endif

# --- Programs that run on it -------------------------------------------------

UFLAGS := -std=gnu17 -D_GNU_SOURCE= -O2 -g -Wall -Wextra -Wno-unused-parameter \
	-fno-omit-frame-pointer
ifeq ($(WERROR),1)
UFLAGS += -Werror
endif
USER_SRCS := $(sort $(wildcard user/*/*.c tests/user/*.c tests/bench/*.c))
USER_OBJS := $(USER_SRCS:%.c=$(B)/%.o)
TESTS := $(patsubst tests/user/%.c,%,$(wildcard tests/user/*.c))
STAGE := $(B)/stage
# Where each program goes in the guest.
STAGED := $(addprefix $(STAGE)/tests/,$(TESTS))

$(B)/.userflags: FORCE
	@$(call keep-if-same,$@,$(USERCC) $(UFLAGS))
$(USER_OBJS): $(B)/.userflags | $(B)/.setup
# A test waits for the kernel most of its time: not worth optimizing, which
# takes three times as long as the rest of compiling it.
$(addprefix $(B)/tests/user/,$(TESTS:%=%.o)): UFLAGS += -O0
$(USER_OBJS): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,UCC,$<); \
	$(USERCC) $(UFLAGS) -MMD -MP -c -o $@ $<
-include $(USER_OBJS:.o=.d)

# The scripts of tcp_script.c, as one string.
$(B)/tests/user/tcp_scripts.h: $(sort $(wildcard tests/user/tcp_script/*.tcp))
	@mkdir -p $(@D)
	@sed 's/.*/"&\\n"/' $^ > $@
$(B)/tests/user/tcp_script.o: $(B)/tests/user/tcp_scripts.h
$(B)/tests/user/tcp_script.o: UFLAGS += -I$(B)/tests/user

$(addprefix $(B)/tests/user/,$(TESTS)): %: %.o
	@$(USERCC) -static -pthread -o $@ $<

# program NAME FOLDER GUEST-PATH: a program of all the C files of one folder.
define program
$(B)/$(2)/$(1): $$(patsubst %.c,$(B)/%.o,$$(wildcard $(2)/*.c))
	@$$(USERCC) -static -o $$@ $$^
$(STAGE)/$(3): $(B)/$(2)/$(1)
	@mkdir -p $$(@D)
	@$$(STRIP) -o $$@ $$<
STAGED += $(STAGE)/$(3)
endef
PROGRAMS := $(patsubst user/%/,%,$(sort $(dir $(wildcard user/*/*.c))))
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p),user/$(p),$(if $(filter init,$(p)),init,bin/$(p)))))
ifneq ($(wildcard tests/bench/*.c),)
$(eval $(call program,bench,tests/bench,bin/bench))
endif

$(STAGE)/tests/%: $(B)/tests/user/%
	@mkdir -p $(@D)
	@$(STRIP) -o $@ $<

$(B)/.staged: FORCE
	@$(call keep-if-same,$@,$(sort $(STAGED)))

$(B)/initramfs.cpio.gz: $(STAGED) $(B)/.staged tools/mkinitramfs.py tools/cpio.py | $(B)/.setup
	$(call say,CPIO,$@)
	@mkdir -p $(STAGE)
	@find $(STAGE) -type f | grep -vxF $(foreach s,$(STAGED),-e $(s)) | xargs -r rm -f
	@$(PYTHON) tools/mkinitramfs.py $(B)/initramfs.cpio \
		$$(command -v busybox) $(STAGE)
$(B)/initramfs.cpio: $(B)/initramfs.cpio.gz

$(O)/lantern.iso: $(O)/lantern.elf $(B)/initramfs.cpio.gz tools/mkiso.py tools/iso_slots.py
	$(call say,ISO,$@)
	@$(PYTHON) tools/mkiso.py $@ $(O)/lantern.elf $(B)/initramfs.cpio.gz

iso: $(O)/lantern.iso

# --- Running it --------------------------------------------------------------

# A value from make's command line, not expanded again: a $ in CMD is the
# guest's, not make's.
export LANTERN_CMD := $(value CMD)
unexport CMD
VM := $(PYTHON) tools/vm --build $(O)
VM += $(if $(SMP),--smp $(SMP)) $(if $(MEM),--mem $(MEM)) \
	--net $(or $(NET),auto) $(if $(FIRMWARE),--firmware $(FIRMWARE)) $(if $(ACCEL),--accel $(ACCEL)) \
	$(if $(filter command line file,$(origin DISPLAY)),--display $(DISPLAY)) $(VMFLAGS)
CMDFLAG := $(if $(LANTERN_CMD),--cmd "$$LANTERN_CMD")

# The root file system: Debian's on a disk for a person; in memory (embedded),
# which starts sooner, for a command or a script; or ROOT=embedded|disk|FILE.
ROOTFLAG := $(strip $(if $(filter command line file,$(origin ROOT)),$(ROOT),\
	$(if $(LANTERN_CMD),embedded,$(shell [ -t 0 ] && echo disk || echo embedded))))
NEEDS_DISK := $(if $(filter disk,$(ROOTFLAG)),root)

# Where Debian's packages cannot be had, `make run` says so and goes without.
root: | $(B)/.setup
	@$(PYTHON) tools/mkroot.py $(B)/root.img || \
		{ echo '  ROOT    no Debian root disk: the embedded root is used' >&2; }

run: all iso $(NEEDS_DISK)
	@root=$(ROOTFLAG); [ "$$root" != disk ] || [ -s $(B)/root.img ] || root=embedded; \
	$(VM) --root $$root $(CMDFLAG)

debug: all
	@$(VM) --debug $(CMDFLAG)

$(B)/linux/modules/order:
	@tools/setup --linux $(B)/linux

# T=PATTERN chooses tests by name.  Without Linux's kernel (no network, no apt)
# the tests that need it say that they could not run.
test: all iso root
	@$(MAKE) --no-print-directory DEBUG=1 all iso
	@tools/setup --linux $(B)/linux || true
	@LANTERN_CC='$(CC)' $(PYTHON) tools/test $(if $(T),--match '$(T)') $(TESTFLAGS)

bench: all root $(B)/linux/modules/order
	@$(PYTHON) tools/bench --build $(O) $(BENCHFLAGS)

mutants: all
	@$(PYTHON) tools/mutants

check: all
	@$(PYTHON) tools/check

help:
	@echo 'make              build the kernel and its first root file system'
	@echo 'make run          boot it by GRUB in QEMU, console here'
	@echo "                  from Debian's root disk (ROOT=embedded: from memory)"
	@echo '                  (SMP=2 MEM=256M FIRMWARE=bios|uefi ACCEL=tcg|kvm DISPLAY=gtk)'
	@echo "make run CMD='ls' run one line in the guest's shell and power off"
	@echo 'make root         build the Debian root disk, build/root.img'
	@echo 'make debug        stop at the kernel entry with GDB attached'
	@echo 'make test         every test there is (T=NAME: only those that match)'
	@echo 'make check        layers, style, warnings as errors, references in docs'
	@echo 'make mutants      break the kernel on purpose: does a test notice?'
	@echo 'make bench        compare with Linux on the same virtual machine'
	@echo 'make clean        remove build/'
	@echo 'DEBUG=1           with lock validator, poisons and checks (build/debug)'
	@echo 'SAN=1             with the address checker, KASAN, and UBSAN (build/san)'

clean:
	rm -rf $(B)
