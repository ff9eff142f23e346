#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Containers that do not want to go.
load helper

setup_file() {
	host_up
	plant --local --keep --stubborn
}
teardown_file() { host_down; }

@test "a container that ignores TERM, under a service whose stop takes conmon with it" {
	quarantine_as agent node-commander
	is_quarantined
	same_from_bundle agent node-commander
	not pgrep -f 'trap ":" TERM' >/dev/null || not agent pgrep -f 'trap ":" TERM'
	restore_as agent
}

@test "RC-12 a container stuck in stopping" {
	agent podman rm -f node-commander >/dev/null 2>&1 || true
	"$TESTHOST" stuck "$HOST" agent node-commander 3>&- 4>&-
	same_from_bundle agent node-commander
	quarantine_as agent node-commander
	jq -e '(if type == "array" then .[0] else . end).State.Status == "stopping"' "$(outside "$(json q .directory)")/container-inspect.json"
	is_quarantined
	restore_as agent
}

@test "RC-12 a container stuck in stopping, its conmon dead" {
	agent podman rm -f node-commander >/dev/null 2>&1 || true
	"$TESTHOST" stuck "$HOST" agent node-commander dead-conmon 3>&- 4>&-
	same_from_bundle agent node-commander
	quarantine_as agent node-commander
	is_quarantined
	restore_as agent
}
