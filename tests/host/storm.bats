#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The incident as it was: a storm around an image that cannot be pulled, behind a wrapper in the Nix store, with a stopped Podman machine on the host.
load helper

setup_file() {
	host_up
	"$TESTHOST" machine "$HOST"
	plant --nix
}
teardown_file() { host_down; }

restarts() { manager show -p NRestarts --value $UNIT; }
# Two looks at a storm never see the same. It is held where it waits for its next start, and let go again.
HOLD=/run/user/4242/systemd/user/$UNIT.d
hold_still() {
	agent sh -c "mkdir -p $HOLD && printf '[Service]\nRestartSec=1h\n' >$HOLD/hold.conf"
	manager daemon-reload
	until_true 20 eval '[ "$(manager show -p SubState --value $UNIT)" = auto-restart ]'
}
let_go() {
	local n; n=$(restarts)
	agent rm -r "$HOLD"
	manager daemon-reload
	until_true 20 eval '[ "$(restarts)" -gt '"$n"' ]'
}
helper_runs() { wc -l <"$(outside /var/tmp/docker-credential-gcloud.log)"; }

@test "list says which agents are declared, and in which file" {
	run -0 agent sourceos-agent list
	[[ $output == *node-commander* ]]
	[[ $output == */usr/local/share/sourceos/agents.d/node-commander.json* ]]
}

@test "the storm is real: it restarts, and each start runs the credential helper" {
	before=$(restarts)
	until_true 20 eval '[ "$(restarts)" -gt $(('"$before"' + 2)) ]'
	[ "$(helper_runs)" -ge 3 ]
	hold_still
	same_from_bundle agent node-commander
	let_go
}

@test "AC-5 quarantine ends the storm, and it stays ended" {
	quarantine_as agent node-commander
	is_quarantined
	n=$(helper_runs)
	evidence_is_there
	# read back twice around something that takes a while: a start in between would have run the helper
	agent sourceos-agent bundle verify "$(json q .bundle)" >/dev/null
	[ "$(helper_runs)" -eq "$n" ]
	is_quarantined
	same_from_bundle agent node-commander
}

@test "Q-06 the stopped machine is in the evidence" {
	grep -rq podman-machine-default "$(outside "$(json q .directory)")" --include='*.json'
}

@test "what was not there is recorded as a gap or absent, never invented" {
	d=$(outside "$(json q .directory)")
	[ ! -e "$d/container-inspect.json" ] || ! jq -e '(if type == "array" then .[0] else . end).State.Status == "running"' "$d/container-inspect.json"
}

@test "the wrapper in the Nix store is read through to the podman run inside" {
	grep -rq 'exec podman run --name node-commander' "$(outside "$(json q .directory)")" --exclude-dir=private
}

@test "no planted secret is in the evidence" {
	no_secrets_in "$(json q .directory)" "$(json q .bundle)"
}

@test "the bundle satisfies stock minisign, zstd, tar, sha256sum and the schema" {
	bundle_is_sound agent
}

@test "restore brings it back as it was; started, it storms again" {
	restore_as agent
	manager start --no-block $UNIT
	until_true 20 eval '[ "$(restarts)" -ge 1 ]'
}
