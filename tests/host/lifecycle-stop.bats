#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stop that means stopped, start that means up, restart that is never silently down.
load lifecycle

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
	poison
	declare_agent local "$(stubborn)"
	agent sourceos-agent install local
}
teardown_file() { host_down; }

# ignores TERM
stubborn() { jq -n '{command: ["/bin/sh", "-c", "trap : TERM; echo node-commander is up; while :; do sleep 1; done"], lifecycle: {restart: "manual"}}'; }
state() { agent podman inspect --format '{{.State.Status}}' local 2>/dev/null; }
payload() { agent pgrep -u 4242 -f '^/bin/sh -c trap : TERM; echo node' >/dev/null; }
# its stop begins, and who stops it dies
# shellcheck disable=SC2016
sticks() {
	agent sh -c 'podman stop -t 600 local >/dev/null 2>&1 & until [ "$(podman inspect --format "{{.State.Status}}" local)" = stopping ]; do sleep 0.1; done; kill -KILL $!'
	[ "$(state)" = stopping ]
}
gone() {
	not is_up
	no_container
	until_true 10 eval '! payload'
}

@test "a container that ignores TERM is down within shutdownTimeoutSeconds, and gone" {
	payload
	run -0 timeout 120 "$TESTHOST" as "$HOST" sourceos-agent stop local
	gone
	# what was asked to end has not failed
	run -0 agent sourceos-agent status local
	[[ $output == "local  dead"* ]]
	agent sourceos-agent doctor local --json >"$BATS_TEST_TMPDIR/doc"
	[ "$(jq -r '.findings[] | select(.check == "DR-01") | .verdict' "$BATS_TEST_TMPDIR/doc")" = ok ]
}

@test "RC-12 a container stuck in stopping, its conmon alive: stop ends it, and says how" {
	agent sourceos-agent start local
	sticks
	run -0 timeout 120 "$TESTHOST" as "$HOST" sourceos-agent stop local
	echo "$output"
	gone
}

@test "RC-12 a container stuck in stopping, its conmon dead: only rm -f ends it, and the reason is said" {
	agent sourceos-agent start local
	conmon=$(agent podman inspect --format '{{.State.ConmonPid}}' local)
	sticks
	agent kill -KILL "$conmon"
	until_true 20 eval '! is_up'
	[ "$(state)" = stopping ]
	run -0 timeout 120 "$TESTHOST" as "$HOST" sourceos-agent stop local
	echo "$output"
	[[ $output == *"remove the container local by force"* ]]
	gone
}

@test "RC-12 conmon dead and the container left running" {
	agent sourceos-agent start local
	agent kill -KILL "$(agent podman inspect --format '{{.State.ConmonPid}}' local)"
	until_true 20 eval '! is_up'
	[ "$(state)" = running ]
	same_from_bundle agent local
	run -0 timeout 120 "$TESTHOST" as "$HOST" sourceos-agent stop local
	echo "$output"
	gone
}

@test "RC-12 start and restart refuse on a stuck container, with the command that ends it" {
	agent sourceos-agent start local
	sticks
	run -1 agent sourceos-agent restart local
	[[ $output == *PF-13*"stuck in stopping"*"podman"*"kill local"* ]]
	agent sourceos-agent stop local
	agent sourceos-agent start local
	is_up
}

@test "start waits until the health check holds" {
	agent sourceos-agent stop local
	declare_agent local "$(stubborn | jq '. * {health: {type: "command", command: ["/usr/bin/test", "-e", "/home/agent/healthy"]}}')"
	(until_true 30 container_runs && agent touch /home/agent/healthy) &
	run -0 agent sourceos-agent start local
	wait
	[[ $output == *"wait until its health check holds"* ]]
	[ -e "$(outside /home/agent/healthy)" ]
}

@test "a health check that does not hold in startupTimeoutSeconds: said, with what the log said; what was started is down again" {
	agent sourceos-agent stop local
	agent rm /home/agent/healthy
	declare_agent local "$(stubborn | jq '. * {lifecycle: {startupTimeoutSeconds: 2}, health: {type: "command", command: ["/usr/bin/test", "-e", "/home/agent/healthy"]}}')"
	run -5 agent sourceos-agent start local
	[[ $output == *"did not come to be within 2 s"* ]]
	[[ $output == *"the last lines of its log ($LOG)"*"| node-commander is up"* ]]
	gone
}

@test "a restart that cannot start again is refused, and the service stays up" {
	declare_agent local "$(stubborn)"
	agent sourceos-agent start local
	before=$(agent podman inspect --format '{{.Id}}' local)
	agent podman tag $IMAGE localhost/kept:1
	agent podman untag $IMAGE $IMAGE
	run -1 agent sourceos-agent restart local
	[[ $output == *PF-09* ]]
	agent podman tag localhost/kept:1 $IMAGE
	is_up
	[ "$(agent podman inspect --format '{{.Id}}' local)" = "$before" ]
}

@test "a restart that fails afterwards says whether the service is down" {
	declare_agent local "$(stubborn | jq '.command = ["/bin/false"]')"
	run -5 agent sourceos-agent restart local
	not is_up
	[[ $output == *"local is DOWN now"* ]]
	declare_agent local "$(stubborn)"
	run -0 agent sourceos-agent restart local
	is_up
}
