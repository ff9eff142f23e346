# SPDX-License-Identifier: MIT
# Tests: unit programs (cmocka), corpora replayed through the fuzz harnesses, bats, the host.

UNIT_SRCS := $(wildcard tests/unit/test_*.c)
UNIT_BINS := $(UNIT_SRCS:tests/unit/%.c=$(B)/unit/%)
FUZZ_SRCS := $(wildcard tests/fuzz/fuzz_*.c)
REPLAY_BINS := $(FUZZ_SRCS:tests/fuzz/%.c=$(B)/replay/%)
FUZZ_BINS := $(FUZZ_SRCS:tests/fuzz/%.c=build/fuzz/%)
FUZZ_SECONDS ?= 60
FUZZCC ?= clang

$(B)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS) $$($(PKGCONF) --libs cmocka)

# The harness with a plain main(): a corpus replays without a fuzzer, under gcc too.
$(B)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< tests/fuzz/replay.c $(LIB) $(LIBS)

build-tests: $(UNIT_BINS) $(REPLAY_BINS)

check-unit: $(UNIT_BINS)
	tests/run-unit $(UNIT_BINS)

check-replay: $(REPLAY_BINS)
	tests/run-replay $(REPLAY_BINS)

# The same two under AddressSanitizer and UBSan.
asan:
	$(MAKE) B=build/asan OPT=-O1 SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' \
		WERROR=-Werror all build-tests check-unit check-replay

# Real fuzzing: build/fuzz/fuzz_<format> with libFuzzer; `make fuzz FUZZ_SECONDS=600`, one: `make fuzz ONLY=fuzz_unitfile`.
fuzz-build:
	$(MAKE) B=build/fuzz-obj CC=$(FUZZCC) OPT=-O1 SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-link
fuzz-link: $(FUZZ_BINS)
build/fuzz/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(LIB) $(LIBS)
fuzz: fuzz-build
	tests/run-fuzz $(FUZZ_SECONDS) $(if $(ONLY),build/fuzz/$(ONLY),$(FUZZ_BINS))

.PHONY: build-tests check-unit check-replay asan fuzz fuzz-build fuzz-link
