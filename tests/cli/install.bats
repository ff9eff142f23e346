#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
load helper

@test "make install: DESTDIR and PREFIX are honoured, and nothing else is written" {
	# the flags of the build are kept (PREFIX is compiled in), so that nothing is built again
	MAKEFLAGS='' MAKELEVEL='' make -s -C "$TOP" install DESTDIR="$BATS_TEST_TMPDIR/d"
	cd "$BATS_TEST_TMPDIR/d"
	[ -x usr/local/bin/sourceos-agent ]
	[ "$(readlink usr/local/bin/sourceos)" = sourceos-agent ]
	cmp usr/local/share/sourceos/agents.d/node-commander.json "$TOP/share/sourceos/agents.d/node-commander.json"
	[ -z "$(find . -type f -perm /022)" ]
	[ -z "$(find . -mindepth 1 -maxdepth 2 ! -path ./usr ! -path ./usr/local)" ]
}

@test "deps is quick and silent where everything is there; --list names the packages" {
	run -0 "$TOP/tools/deps" --list
	[[ " $output " == *" podman "* ]]
}
