# SPDX-License-Identifier: MIT
# make            build build/sourceos-agent
# make check      everything that CI runs, without what needs minutes
# make help       the other targets
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
B       ?= build

PKGS    := libarchive libsodium libplist-2.0 jansson libcurl libhs
PKGCONF ?= pkg-config
# -isystem: warnings are for our code
DEP_CFLAGS := $(shell $(PKGCONF) --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
DEP_LIBS   := $(shell $(PKGCONF) --libs $(PKGS) 2>/dev/null)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wcast-qual -Wimplicit-fallthrough -Wno-unused-parameter
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
LDHARDEN := -pie -Wl,-z,relro,-z,now
OPT  ?= -O2
SAN  ?=
WERROR ?=
CPPFLAGS += -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DPREFIX='"$(PREFIX)"'
CFLAGS_ALL = -std=gnu17 -g $(OPT) $(WARN) $(WERROR) $(if $(SAN),$(SAN),$(HARDEN)) $(DEP_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP
LIBS = $(DEP_LIBS) -lm

DIRS := formats collect redact bundle lifecycle lifecycle/checks
SRCS := $(foreach d,$(DIRS),$(wildcard $(d)/*.c))
ifneq ($(shell uname),Darwin)
SRCS := $(filter-out %_darwin.c,$(SRCS))
else
SRCS := $(filter-out %_linux.c,$(SRCS))
endif
MAIN := lifecycle/main.c
OBJS := $(patsubst %.c,$(B)/%.o,$(filter-out $(MAIN),$(SRCS)))
LIB  := $(B)/libsourceos.a

all: $(B)/sourceos-agent $(B)/sourceos

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(LIB): $(OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/sourceos-agent: $(B)/lifecycle/main.o $(LIB)
	$(CC) $(if $(SAN),$(SAN),$(LDHARDEN)) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/sourceos: $(B)/sourceos-agent
	ln -sf sourceos-agent $@

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

include tests/tests.mk

clean:
	rm -rf build

.PHONY: all clean
.DELETE_ON_ERROR:
