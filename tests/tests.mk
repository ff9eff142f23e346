# SPDX-License-Identifier: MIT
# Tests: unit programs (cmocka), corpora replayed through the fuzz harnesses, both again under sanitizers,
# documents against their schemas, the command line (bats), a real systemd and Podman on a disposable host (bats).
SUITES ?= lint unit replay corpus asan schema sim cli macos host

# Each suite is a make of its own: after `deps` in the same command the flags of the libraries are known.
check: | $(filter deps,$(MAKECMDGOALS))
	@MAKE='$(MAKE)' STRICT='$(STRICT)' RETRY='$(RETRY)' tests/run-all $(SUITES)

UNIT_SRCS := $(wildcard tests/unit/test_*.c)
UNIT_BINS := $(UNIT_SRCS:tests/unit/%.c=$(B)/unit/%)
FUZZ_SRCS := $(wildcard tests/fuzz/fuzz_*.c)
REPLAY_BINS := $(FUZZ_SRCS:tests/fuzz/%.c=$(B)/replay/%)
FUZZ_BINS := $(FUZZ_SRCS:tests/fuzz/%.c=build/fuzz/%)
FUZZ_SECONDS ?= 60
FUZZCC ?= clang

$(B)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS) $$($(PKGCONF) --libs cmocka)

# The harness with a plain main(): a corpus replays without a fuzzer, under gcc too.
$(B)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< tests/fuzz/replay.c $(LIB) $(LIBS)

build-tests: $(UNIT_BINS) $(REPLAY_BINS)

check-unit: $(UNIT_BINS)
	@tests/run-unit $(UNIT_BINS)

check-replay: $(REPLAY_BINS)
	@tests/run-replay $(REPLAY_BINS)

# The same two under AddressSanitizer and UBSan.
asan:
	@CHECK_SUITE=asan $(MAKE) --no-print-directory B=build/asan OPT=-O1 SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' \
		WERROR=-Werror all build-tests check-unit check-replay
check-asan: asan

lint check-lint:
	@tests/lint

check-schema: all
	@tests/schema/run

# What is under test in a bats file: $AGENT_BIN.
check-cli: all
	@AGENT_BIN=$(CURDIR)/$(B)/sourceos-agent tests/run-bats cli $(wildcard tests/cli/*.bats)

# The simulated Mac against what real ones printed.
check-sim:
	@tests/sim/check

# Compiles and links for macOS, both architectures.
check-macos:
	@tests/macos/check

# Programs that a bats file runs in its host.
$(B)/host/%: tests/host/%.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS)

# ONLY=storm runs tests/host/storm.bats alone.
check-host: all $(B)/host/showdirect
	@JOBS=3 SHOWDIRECT=$(CURDIR)/$(B)/host/showdirect AGENT_BIN=$(CURDIR)/$(B)/sourceos-agent tests/run-bats host $(if $(ONLY),tests/host/$(ONLY).bats,$(filter-out %/quadlet.bats,$(wildcard tests/host/*.bats)))

# Quadlets, with Podman's own generator: Debian 13's is fetched, since 12's Podman has none. Not part of check.
check-quadlet: all
	@tests/host/fetch-quadlet build/quadlet
	@QUADLET=$(CURDIR)/build/quadlet/quadlet AGENT_BIN=$(CURDIR)/$(B)/sourceos-agent tests/run-bats quadlet tests/host/quadlet.bats

# report.html in a real headless Chromium. KEEP=dir leaves the screenshots there.
check-page: $(B)/unit/test_casefile
	@TEST_CASEFILE=$(CURDIR)/$(B)/unit/test_casefile tests/page/check

# bundle attach against real servers on loopback: nginx's WebDAV, S3 (s3rver from npm), Request Tracker and Redmine with SQLite.
# Not part of check: they are heavy. Jira is not free software: tests/attach/server.py plays it, by its documentation.
S3RVER := build/attach/node_modules/s3rver/bin/s3rver.js
$(S3RVER):
	@mkdir -p build/attach
	npm install --prefix build/attach --no-audit --no-fund --silent s3rver@3.7.1
check-attach: all $(S3RVER)
	@AGENT_BIN=$(CURDIR)/$(B)/sourceos-agent S3RVER=$(CURDIR)/$(S3RVER) tests/run-bats attach $(wildcard tests/attach/*.bats)
check-attach-deps:
	@# an npm that is there from elsewhere is as good, and Debian's may conflict with it
	apt-get install -y nginx-light request-tracker5 rt5-db-sqlite rt5-standalone $$(command -v npm >/dev/null || echo npm)
	@# Ruby's bundler takes a gem without a directory for one that is not there; some of Debian 12's have none, and Redmine is not
	@# configured then
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redmine redmine-sqlite ruby-webrick || { \
		for s in /usr/share/rubygems-integration/*/specifications/*.gemspec; do \
			d=$${s%/specifications/*}/gems/$${s##*/}; mkdir -p "$${d%.gemspec}"; \
		done; DEBIAN_FRONTEND=noninteractive dpkg --configure redmine; }

# Real fuzzing: build/fuzz/fuzz_<format> with libFuzzer; `make fuzz FUZZ_SECONDS=600`, one: `make fuzz ONLY=fuzz_unitfile`.
fuzz-build:
	$(MAKE) B=build/fuzz-obj CC=$(FUZZCC) OPT=-O1 SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-link
fuzz-link: $(FUZZ_BINS)
build/fuzz/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD   $@")
	$(Q)$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(LIB) $(LIBS)
fuzz: fuzz-build
	tests/run-fuzz $(FUZZ_SECONDS) $(if $(ONLY),build/fuzz/$(ONLY),$(FUZZ_BINS))

.PHONY: check-quadlet check-page check-attach check-attach-deps check check-asan lint check-lint check-schema check-cli check-sim check-macos check-host build-tests check-unit check-replay asan fuzz fuzz-build fuzz-link

# Figures, as ratios within one run; nothing is asserted.
bench: all bench-redact bench-bundle bench-seal
	tests/bench/bench-collect
	tests/bench/bench-doctor
	tests/bench/bench-storm
bench-storm: all
	tests/bench/bench-storm
.PHONY: bench bench-storm

# The text stage's figures: MB/s beside the raw search and sed, on logs of REDACT_MIB.
REDACT_MIB ?= 256
bench-redact: $(B)/bench/bench_redact
	$< $(REDACT_MIB)
$(B)/bench/bench_redact: tests/bench/bench_redact.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS) $$($(PKGCONF) --libs libhs)
.PHONY: bench-redact

# Verifying a large bundle beside zstd -d | b2sum; BUNDLE_MIB=1024 is the size that the figure is for.
BUNDLE_MIB ?= 256
bench-bundle: $(B)/bench/bench_bundle
	$< $(BUNDLE_MIB)
$(B)/bench/bench_bundle: tests/bench/bench_bundle.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS)
.PHONY: bench-bundle

# Sealing and opening beside age itself.
bench-seal: $(B)/bench/bench_seal
	tests/bench/bench-seal $< $(BUNDLE_MIB)
$(B)/bench/bench_seal: tests/bench/bench_seal.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS)
.PHONY: bench-seal

# A seeded corpus of secrets in their contexts: recall, survival and structure stay above their floors.
check-corpus: $(B)/corpus/clean
	@/usr/bin/python3 tests/corpus/corpus.py $< --floor && tests/tally corpus 1 0 0 || { tests/tally corpus 0 1 0; exit 1; }
$(B)/corpus/clean: tests/corpus/clean.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -o $@ $< $(LIB) $(LIBS)
.PHONY: check-corpus

# The page of the checks is made from their rows; tests/cli/checks.bats holds the two together.
docs/checks.md: $(B)/sourceos-agent
	$< explain --markdown >$@
