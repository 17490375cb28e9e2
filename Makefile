# Lantern: `make help` lists what there is to make.
#
# Objects live in build/ (build/debug with DEBUG=1).  Every .c and .S below the
# kernel's directories is part of the image; a new file needs no line here.

DEBUG ?= 0
WERROR ?= 0
O := build$(if $(filter 1,$(DEBUG)),/debug)
CC ?= gcc
CC := $(if $(filter cc,$(CC)),$(CROSS_COMPILE)gcc,$(CC))
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy

DIRS := boot arch kernel mm fs net drivers
SRCS := $(sort $(shell find $(wildcard $(DIRS)) -name '*.[cS]'))
OBJS := $(addprefix $(O)/,$(addsuffix .o,$(SRCS)))

CPPFLAGS := -Iinclude -Iinclude/uapi -I. -D__KERNEL__ -D__LANTERN__
CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-builtin-printf -fno-pic -fno-pie \
	-mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-fno-delete-null-pointer-checks -fwrapv -fno-asynchronous-unwind-tables \
	-fcf-protection=none -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wframe-larger-than=2048 -Wvla -Wstrict-prototypes -Wmissing-prototypes
ifeq ($(DEBUG),1)
CPPFLAGS += -DLANTERN_DEBUG=1
CFLAGS += -fsanitize=bounds,shift,null,unreachable,alignment -Wframe-larger-than=4096
endif
ifeq ($(WERROR),1)
CFLAGS += -Werror
endif
ASFLAGS := -D__ASSEMBLY__ -g -mcmodel=kernel
LDFLAGS := -nostdlib -static -no-pie -z max-page-size=4096 -z noexecstack --build-id=none
# While parts are still being written, a missing symbol is not an error.
LDFLAGS += --unresolved-symbols=ignore-all

all: $(O)/lantern.elf

$(O)/%.c.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/%.S.o: %.S
	@mkdir -p $(@D)
	@echo "  AS      $<"
	@$(CC) $(CPPFLAGS) $(ASFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJS:.o=.d)

ifneq ($(wildcard linker.ld),)
$(O)/lantern.elf: $(OBJS) linker.ld
	@echo "  LD      $@"
	@$(LD) $(LDFLAGS) -T linker.ld -o $@ $(OBJS)
else
$(O)/lantern.elf: $(OBJS)
endif

clean:
	rm -rf build

.PHONY: all clean
