#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Killed at any point of its journal, a quarantine loses nothing, goes on when given again, and can be undone. So can a restore.
# The kill comes from outside, at the N-th fsync: strace injects SIGKILL. CRASH_STRIDE=1 tries every point; the default a few.
load helper

setup_file() {
	host_up
	plant --local --keep
}
teardown_file() { host_down; }

# killed_at N CMD…: runs CMD as agent and kills it at its N-th sync; true when it was killed, false when it ended before
killed_at() {
	local n=$1; shift
	run agent strace -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when="$n" "$@"
	[ "$status" -eq 137 ] || { [ "$status" -eq 0 ] || echo "exit $status: $output" >&2; return 1; }
}
quarantine() { echo sourceos-agent quarantine node-commander --output $EV --settle 0 --case INC-7 --note storms; }
newest() { root sh -c 'ls -d '$EV'/node-commander-*/ | tail -1'; }

# The unit and its drop-in, each byte for byte at its own path or in the vault of the newest evidence
whole_somewhere() {
	local f hash
	while read -r hash f; do
		[ -n "$(find "$HOST_ROOT$(unit_dir)" "$(outside "$(newest)")/private/originals" -type f -exec sha256sum {} + 2>/dev/null | grep "^$hash")" ] ||
			{ echo "lost: $f"; return 1; }
	done < <(grep -E '^[0-9a-f]{64} ' "$BATS_FILE_TMPDIR/definition")
}

@test "killed at every kind of point: whole somewhere, goes on to its end, comes back as it was" {
	definition >"$BATS_FILE_TMPDIR/definition"
	# where the journal begins and ends among all syncs
	agent strace -qq -y -o /var/tmp/trace -e trace=fsync $(quarantine)
	is_quarantined
	first=$(grep -n 'private/journal.jsonl' "$(outside /var/tmp/trace)" | head -1 | cut -d: -f1)
	last=$(wc -l <"$(outside /var/tmp/trace)")
	[ "$first" -gt 1 ]
	[ "$last" -gt $((first + 20)) ]
	agent sourceos-agent restore "$(newest)"
	n=$((first - 1)) kills=0
	while [ "$n" -le "$last" ]; do
		manager start $UNIT
		# a first kill far in, then one after the other, each a little later than the one before
		m=$n
		while killed_at $m $(quarantine); do
			kills=$((kills + 1))
			whole_somewhere
			[ $m -ne $n ] || m=0
			m=$((m + ${CRASH_STRIDE:-13}))
		done
		[ "$status" -eq 0 ]
		is_quarantined
		m=1
		while killed_at $m sourceos-agent restore "$(newest)"; do
			kills=$((kills + 1))
			whole_somewhere
			m=$((m + ${CRASH_STRIDE:-13}))
		done
		[ "$status" -eq 0 ]
		definition >"$BATS_FILE_TMPDIR/restored"
		diff -u "$BATS_FILE_TMPDIR/definition" "$BATS_FILE_TMPDIR/restored"
		n=$((n + ${CRASH_STRIDE:-23}))
	done
	echo "# killed $kills times" >&3
	[ "$kills" -ge 8 ]
}

@test "what a killed run leaves behind is no bundle, and the one that ends it is sound" {
	manager start $UNIT
	# late, while the bundle is made; how many syncs there are depends on what could be captured, so a run that ended before is undone
	n=$(($(wc -l <"$(outside /var/tmp/trace)") - 6))
	while ! killed_at $n $(quarantine); do
		[ "$status" -eq 0 ]
		agent sourceos-agent restore "$(newest)"
		manager start $UNIT
		n=$((n - 4))
	done
	# given again without its case, it goes on with the one it began with
	quarantine_as agent node-commander
	bundle_is_sound agent
	[ "$(jq -r '.case | "\(.id) \(.operator) \(.reason)"' "$(outside "$(json q .directory)")/manifest.json")" = "INC-7 agent storms" ]
	no_secrets_in "$(json q .directory)" "$(json q .bundle)"
	same_from_bundle agent node-commander
	for f in "$HOST_ROOT$EV"/*.tar.zst; do agent sourceos-agent bundle verify "${f#"$HOST_ROOT"}"; done
	agent sourceos-agent restore "$(json q .directory)"
}
