#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# AC-5, Q-01…Q-11 and the undo, in the ways that a responder may go. The name that this file is run under says which (the others are links to it):
#	quarantine-user     the user himself; Podman through its command line; a --rm container
#	quarantine-sudo     root through sudo; Podman through its API socket; a container that outlives its service
#	quarantine-root     root, who finds the user whose service it is; an API socket of his own, which is the wrong one
#	quarantine-system   root, a system service; Podman through its API socket
load helper

way() {
	case $BATS_TEST_FILENAME in
	*-user.bats) OWNER=agent CALLER=agent PLANT='--local' ;;
	*-sudo.bats) OWNER=agent CALLER=via_sudo PLANT='--local --keep' API=agent ;;
	*-root.bats) OWNER=agent CALLER=root PLANT='--local --keep' API=root ;;
	*-system.bats) OWNER=root CALLER=root PLANT='--system --local' API=root ;;
	esac
}
setup_file() {
	way
	host_up
	[ -z "${API:-}" ] || "$TESTHOST" api "$HOST" "$API" on
	# shellcheck disable=SC2086
	plant $PLANT
}
teardown_file() { host_down; }
setup() { way; }

@test "doctor and preflight find on the host what they find in its bundle" {
	same_from_bundle $CALLER node-commander
}

@test "collect changes nothing on the host but our own state and evidence" {
	$CALLER sourceos-agent list >/dev/null
	$CALLER sourceos-agent key show >/dev/null || true
	snapshot >"$BATS_TEST_TMPDIR/before"
	$CALLER sourceos-agent collect node-commander --output $EV --json >"$BATS_FILE_TMPDIR/c.json"
	snapshot >"$BATS_TEST_TMPDIR/after"
	changed=$(diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" | grep '^[<>]' | grep -v -e sourceos-agent -e '/.local/state d' || true)
	echo "$changed"
	[ -z "$changed" ]
	[ -f "$(outside "$(json c .bundle)")" ]
}

@test "a scope that is none, or another than is declared, is refused" {
	run -2 $CALLER sourceos-agent quarantine --dry-run --scope foo node-commander
	[[ $output == *'--scope is user or system, not "foo"'* ]]
	declared=$([ $OWNER = agent ] && echo user || echo system) other=$([ $OWNER = agent ] && echo system || echo user)
	run -2 $CALLER sourceos-agent quarantine --dry-run --scope "$other" node-commander
	[[ $output == *"node-commander is declared with scope $declared"* ]]
	$CALLER sourceos-agent quarantine --dry-run --scope "$declared" node-commander
}

@test "collections that begin in one second have a directory each" {
	for i in 1 2 3; do $CALLER sourceos-agent collect node-commander --output $EV.together --quiet 2>"$BATS_TEST_TMPDIR/err.$i" & done
	wait
	cat "$BATS_TEST_TMPDIR"/err.*
	[ "$(root sh -c "ls -d $EV.together/*/ | wc -l")" -eq 3 ]
	root rm -r $EV.together
}

@test "quarantine --dry-run prints the plan and touches nothing" {
	snapshot >"$BATS_TEST_TMPDIR/before"
	run -0 $CALLER sourceos-agent quarantine node-commander --dry-run --output $EV/never
	snapshot >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[ ! -e "$(outside $EV/never)" ]
	[[ $output == *"stop $UNIT"* ]]
	[[ $output == *"$(unit_dir)/$UNIT"* ]]
}

@test "AC-5 quarantine captures and takes out of service" {
	quarantine_as $CALLER node-commander
	evidence_is_there container-inspect.json
}

@test "Q-01 Q-02 Q-03 stopped, disabled, definition moved, container gone" {
	is_quarantined
}

@test "the bundle of what is quarantined has the host's findings" {
	same_from_bundle $CALLER node-commander
}

@test "bundle diff tells what the quarantine changed: what it ended, and no news of what is well" {
	[ $CALLER = agent ] || return 0 # one way is enough
	agent sourceos-agent collect node-commander --output $EV.after --json >"$BATS_FILE_TMPDIR/after.json" || [ $? -eq 3 ]
	run -0 agent sourceos-agent bundle diff "$(json c .bundle)" "$(json after .bundle)"
	[[ $output == *"- active (running)"*"+ inactive (dead)"*"- $(unit_dir)/$UNIT"*"- always"* ]]
	[[ $output == *"PP-02 unbounded restart"*"- fail: Restart=always"* ]]
	# a check that turned is told with both; one that was well before is not
	[[ $output == *"every start runs docker-credential-gcloud"* ]]
	[[ $output != *"- ok: "* ]]
}

@test "a container that outlives its service is kept under another name, a --rm one is gone" {
	if [[ $PLANT == *--keep* ]]; then container_is_kept; else [ -z "$(as_owner podman ps -aq)" ]; fi
}

@test "Q-03 the definition is kept byte for byte, and only redacted in what leaves the host" {
	d=$(outside "$(json q .directory)")
	unit_hash=$(grep "  ./*$UNIT\$" "$BATS_FILE_TMPDIR/definition" | head -1 | cut -d' ' -f1)
	find "$d/private" -type f -exec sha256sum {} + | grep -q "$unit_hash"
	grep -q 'Restart=always' "$d/service.unit.disabled"
}

@test "Q-04 the log of the agent is in the evidence" {
	grep -q 'starting node-commander' "$(log_in_evidence)"
}

@test "Q-05 the service manager's state before the stop is in the evidence" {
	grep -rqs 'ActiveState=active' "$(outside "$(json q .directory)")" --include='*systemctl*' --include='*show*' --include='*service*'
}

@test "Q-06 what the machine says is recorded, also when there is none" {
	local dir; dir=$(outside "$(json q .directory)")
	# its answers; where there never was one, that its directory is absent
	grep -qi machine "$dir/manifest.json" || grep "podman/machine" "$dir/records.jsonl" | grep -q absent
}

@test "Q-07 the container was inspected while it still ran" {
	jq -e '(if type == "array" then .[0] else . end).State.Status == "running"' "$(outside "$(json q .directory)")/container-inspect.json"
}

@test "Q-08 the image's metadata" {
	jq -e '(if type == "array" then .[0] else . end) | .Id and (.RepoTags | index("localhost/socioprophet/node-commander:dev-boot"))' "$(outside "$(json q .directory)")/image-inspect.json"
}

@test "Q-09 the auth config shows the helper and no credential" {
	f=$(outside "$(json q .directory)")/auth-redacted.json
	jq -e . "$f"
	grep -q gcloud "$f"
	grep -q europe-docker.pkg.dev "$f"
}

@test "Q-10 manifest.json names every file" {
	d=$(outside "$(json q .directory)")
	jq -e . "$d/manifest.json" >/dev/null
	for f in container-inspect.json auth-redacted.json node-commander.log; do grep -q "$f" "$d/manifest.json"; done
}

@test "Q-11 remediation.md says how to go back" {
	grep -q 'sourceos-agent restore' "$(outside "$(json q .directory)")/remediation.md"
}

@test "no planted secret is in the evidence" {
	no_secrets_in "$(json q .directory)" "$(json q .bundle)"
}

@test "no credential helper was executed" {
	[ ! -s "$(outside /var/tmp/docker-credential-gcloud.log)" ]
}

@test "the bundle satisfies stock minisign, zstd, tar, sha256sum and the schema" {
	bundle_is_sound $CALLER
}

@test "bundle verify accepts it, and refuses it with one byte changed" {
	b=$(json q .bundle)
	$CALLER sourceos-agent bundle verify "$b"
	root sh -c 'cp "$1" /var/tmp/flipped.tar.zst && cp "$1.minisig" /var/tmp/flipped.tar.zst.minisig && chmod 644 /var/tmp/flipped*' cp "$b"
	f=$(outside /var/tmp/flipped.tar.zst)
	printf '\377\376\375\374changed!' | dd of="$f" bs=1 seek=$(($(stat -c %s "$f") / 2)) conv=notrunc status=none
	run -4 $CALLER sourceos-agent bundle verify /var/tmp/flipped.tar.zst
}

@test "a quarantine of what is quarantined already changes nothing more" {
	run $CALLER sourceos-agent quarantine node-commander --output $EV --json
	is_quarantined
}

@test "restore brings back bytes, mode, owner, times and enablement" {
	restore_as $CALLER
}

@test "restore gives a kept container its name back" {
	[[ $PLANT != *--keep* ]] || as_owner podman container exists node-commander
	not container_is_kept
}

@test "restore again says that there is nothing to do, or does it again without harm" {
	run $CALLER sourceos-agent restore "$(json q .directory)"
	definition >"$BATS_TEST_TMPDIR/again"
	diff -u "$BATS_FILE_TMPDIR/definition" "$BATS_TEST_TMPDIR/again"
}
