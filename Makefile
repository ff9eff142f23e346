# SPDX-License-Identifier: MIT
# make            build build/sourceos-agent
# make demo       the story: an incident on a disposable host, quarantined, verified, restored
# make check      all tests (STRICT=1: a skipped test fails too)
# make install    into DESTDIR, under PREFIX (/usr/local)
# make deps       install what building and testing need (Debian; prints the Homebrew line on macOS)
# make lint | asan | bench | clean; one suite: check-unit, check-replay, check-schema, check-cli, check-host
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
B       ?= build

TARGET_OS ?= $(shell uname)
PKGS    := libarchive libsodium libplist-2.0 jansson libcurl libhs $(if $(filter Darwin,$(TARGET_OS)),,libsystemd)
PKGCONF ?= pkg-config
# -isystem: warnings are for our code
DEP_CFLAGS := $(shell $(PKGCONF) --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
# libcurl, libarchive, vectorscan and libsystemd are loaded when they are needed: see formats/dl.h
LINKED  := libsodium libplist-2.0 jansson
DEP_LIBS   := $(shell $(PKGCONF) --libs $(LINKED) 2>/dev/null)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wimplicit-fallthrough -Wno-unused-parameter
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
LDHARDEN := -pie -Wl,-z,relro,-z,now
OPT  ?= -O2
SAN  ?=
WERROR ?=
CPPFLAGS += -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DPREFIX='"$(PREFIX)"'
CFLAGS_ALL = -std=gnu17 -g $(OPT) $(WARN) $(WERROR) $(if $(SAN),$(SAN),$(HARDEN)) $(DEP_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP
LIBS = $(DEP_LIBS) -lm -ldl

DIRS := formats collect redact bundle lifecycle lifecycle/checks
SRCS := $(foreach d,$(DIRS),$(wildcard $(d)/*.c))
ifneq ($(TARGET_OS),Darwin)
SRCS := $(filter-out %_darwin.c,$(SRCS))
else
SRCS := $(filter-out %_linux.c,$(SRCS))
endif
MAIN := lifecycle/main.c
OBJS := $(patsubst %.c,$(B)/%.o,$(filter-out $(MAIN),$(SRCS)))
LIB  := $(B)/libsourceos.a

all: $(B)/sourceos-agent $(B)/sourceos

# make V=1 shows the commands
Q := $(if $(V),,@)

# What is compiled in (flags, PREFIX, VERSION) is a prerequisite: a change of it rebuilds.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(CFLAGS_ALL))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(CC) $(CFLAGS_ALL))' >$@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC   $<")
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

# The redaction rules are compiled and serialized here, not when the program starts. A cross build
# says RULES_DB=none: the program then compiles them itself, in some 10 ms.
RULES_DB ?= $(if $(filter $(TARGET_OS),$(shell uname)),native,none)
RULES_GEN_OBJS := $(addprefix $(B)/,redact/gen/rules_db.o redact/scan.o redact/rules.o redact/value.o redact/class.o \
	formats/buf.o formats/mem.o formats/err.o formats/text.o \
	formats/dl.o redact/dl_hs.o)
$(B)/redact/gen/rules_db: $(RULES_GEN_OBJS)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(if $(SAN),$(SAN),$(LDHARDEN)) $(LDFLAGS) -o $@ $^ $(LIBS)
ifeq ($(RULES_DB),native)
$(B)/redact/rules_db.c: $(B)/redact/gen/rules_db
	$< >$@
else
$(B)/redact/rules_db.c: $(B)/flags
	@mkdir -p $(@D)
	printf '#include "redact/rules_db.h"\nconst unsigned char rules_db[] = { 0 };\nconst size_t rules_db_len = 0;\n' >$@
endif
$(B)/redact/rules_db.o: $(B)/redact/rules_db.c
	$(if $(V),,@echo "  CC   $<")
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<
OBJS += $(B)/redact/rules_db.o

$(LIB): $(OBJS)
	@rm -f $@
	$(if $(V),,@echo "  AR   $@")
	$(Q)$(AR) rcs $@ $^

$(B)/sourceos-agent: $(B)/lifecycle/main.o $(LIB)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(if $(SAN),$(SAN),$(LDHARDEN)) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/sourceos: $(B)/sourceos-agent
	ln -sf sourceos-agent $@

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

include tests/tests.mk

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/sourceos/agents.d
	install -m 755 $(B)/sourceos-agent $(DESTDIR)$(PREFIX)/bin/sourceos-agent
	ln -sf sourceos-agent $(DESTDIR)$(PREFIX)/bin/sourceos
	install -m 644 share/sourceos/agents.d/*.json $(DESTDIR)$(PREFIX)/share/sourceos/agents.d/
	set -e; for f in $(wildcard docs/man/*.[1-8]); do \
		d=$(DESTDIR)$(PREFIX)/share/man/man$${f##*.}; install -d $$d; install -m 644 $$f $$d/; done

# Its own make runs what follows: pkg-config answered nothing before the packages were there.
deps:
	tools/deps

demo: deps
	$(MAKE) --no-print-directory all
	tests/host/demo

# The manual page is made from the verb table, and committed: an install needs nothing that runs it.
man: $(B)/sourceos-agent
	@mkdir -p docs/man
	$(B)/sourceos-agent help --man >docs/man/sourceos-agent.1

clean:
	rm -rf build

help:
	@sed -n 's/^# \(make \)/\1/p' Makefile

.PHONY: all install deps demo clean help FORCE
.DELETE_ON_ERROR:
