#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# DR-04 and RC-15 with a real Nix.
load helper

setup_file() {
	host_up || return 1
	root sh -c 'command -v nix-store' >/dev/null || skip "nix-bin is not installed: make deps"
	plant --local --nix || return 1
}
teardown_file() { host_down; }

dr04() { jq -r '.findings[] | select(.check == "DR-04") | .'"$1" "$2"; }

@test "DR-04 a store path is named with its deriver; PP-08 it hides a container" {
	agent sourceos-agent doctor node-commander --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(dr04 verdict "$BATS_TEST_TMPDIR/doc")" != fail ]
	dr04 detail "$BATS_TEST_TMPDIR/doc" | grep -q '^store path /nix/store/'
	[ "$(jq -r '.findings[] | select(.check == "PP-08") | .verdict' "$BATS_TEST_TMPDIR/doc")" = fail ]
	same_from_bundle agent node-commander
}

@test "RC-15 the store target was collected" {
	local path
	path=$(root sh -c "sed -n 's/^ExecStart=//p' /home/agent/.config/systemd/user/$UNIT")
	agent systemctl --user stop "$UNIT"
	root nix-store --delete "$path"
	agent sourceos-agent doctor node-commander --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(dr04 verdict "$BATS_TEST_TMPDIR/doc")" = fail ]
	dr04 message "$BATS_TEST_TMPDIR/doc" | grep -q 'collected'
	# one cause: the missing program is not told a second time
	[ "$(jq '[.findings[] | select(.check == "DR-03" and .verdict == "fail")] | length' "$BATS_TEST_TMPDIR/doc")" = 0 ]
	same_from_bundle agent node-commander
}
