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
	same_from_bundle agent node-commander
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
