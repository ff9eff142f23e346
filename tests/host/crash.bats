#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Killed at any point of the journal, a quarantine loses nothing, can be run again to its end, and can be undone. So can a restore.
# The kill comes from outside, at the N-th fsync on the journal: strace injects SIGKILL.
load helper

setup_file() {
	host_up
	plant --local --keep
}
teardown_file() { host_down; }

# killed_at N CMD…: runs CMD as agent and kills it at its N-th fsync; true when it was killed, false when it ended before
killed_at() {
	local n=$1; shift
	run agent strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:signal=KILL:when="$n" "$@"
	[ "$status" -eq 137 ]
}

# Whole at its own path, or byte for byte in the vault of an evidence directory
unit_is_whole_somewhere() {
	local hash=$1
	{ sha256sum "$(outside "$(unit_dir)/$UNIT")"; find "$HOST_ROOT$EV" -path '*private*' -type f -exec sha256sum {} +; } 2>/dev/null | grep -q "^$hash"
}

@test "killed at each sync of quarantine: the definition is whole somewhere, and a second run ends it" {
	definition >"$BATS_FILE_TMPDIR/definition"
	hash=$(sha256sum <"$(outside "$(unit_dir)/$UNIT")" | cut -d' ' -f1)
	n=1
	while killed_at $n sourceos-agent quarantine node-commander --output $EV --json; do
		echo "# killed at sync $n" >&2
		unit_is_whole_somewhere "$hash"
		n=$((n + ${CRASH_STRIDE:-3}))
	done
	[ "$status" -eq 0 ]
	[ "$n" -gt 10 ]
	echo "$output" >"$BATS_FILE_TMPDIR/q.json"
}
