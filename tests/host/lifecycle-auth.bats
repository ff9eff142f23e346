#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Auth isolation, proven by a credential helper that must never run: it writes a line for each of its executions.
# With a local client, and with a remote one, where plain Podman does run it.
load lifecycle

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
	poison
	declare_agent local "$OFTEN"
}
teardown_file() { host_down; }
# as many restarts as these tests make
OFTEN='{"lifecycle":{"maxRestartsPerHour":50}}'

containers() { agent podman ps --format '{{.ID}}' --filter name='^local$'; }
# Its process dies, and the unit's own Restart= brings another container up, as often as it may
dies_and_comes_back() {
	local before; before=$(containers)
	agent podman kill local >/dev/null
	until_true 30 eval '[ -n "$(containers)" ] && [ "$(containers)" != '"$before"' ]'
	is_up
}
auth() { # MODE [FILE] [more JSON]
	jq -n --arg mode "$1" --arg file "${2:-}" --argjson more "${3:-{\}}" '{auth: ({mode: $mode} + if $file == "" then {} else {authfile: $file} end)} * $more'
}
forget() { agent sourceos-agent uninstall local --purge >/dev/null 2>&1 || true; }
argv_of() { agent podman inspect --format '{{json .Config.CreateCommand}}' local | jq -r '.[]'; }

@test "AC-2 RC-07 plain Podman, for an image that is not local, does run the helper: the trap is armed" {
	run ! agent podman run --rm gcr.io/nowhere/nothing:1 true
	[ "$(helper_runs)" -gt 0 ]
	root sh -c ": >$HELPER_LOG"
}

@test "AC-3 RC-08 a local image runs with the empty auth file, 0600, exactly {\"auths\":{}}, and the empty Docker config" {
	agent sourceos-agent install local
	container_runs
	argv_of | grep -qx -- "--authfile=$STATE/sourceos-empty-auth.json"
	argv_of | grep -qx -- --pull=never
	argv_of | grep -qx -- $IMAGE
	for f in sourceos-empty-auth.json docker/config.json; do
		[ "$(stat -c '%a %u' "$(outside "$STATE/$f")")" = '600 4242' ]
		[ "$(cat "$(outside "$STATE/$f")")" = '{"auths":{}}' ]
	done
	[ "$(stat -c %s "$(outside "$STATE/sourceos-empty-auth.json")")" -le 13 ]
}

@test "AC-2 RC-07 local client: start, restart, stop and the unit's own restarts execute no helper" {
	for _ in 1 2 3 4; do agent sourceos-agent restart local; done
	agent sourceos-agent stop local
	agent sourceos-agent start local
	dies_and_comes_back
	agent systemctl --user restart "$L"
	container_runs
	[ "$(helper_runs)" -eq 0 ]
}

@test "AC-2 RC-07 local client, image gone: the start fails, and still no helper is executed" {
	agent podman tag $IMAGE localhost/kept:1
	agent podman untag $IMAGE $IMAGE
	agent systemctl --user stop "$L"
	run ! agent systemctl --user start "$L"
	agent podman tag localhost/kept:1 $IMAGE
	[ "$(helper_runs)" -eq 0 ]
	forget
}

@test "AC-2 RC-07 what the environment of the manager names is kept out" {
	agent systemctl --user set-environment DOCKER_CONFIG=/home/agent/.docker REGISTRY_AUTH_FILE=/home/agent/.docker/config.json CONTAINER_HOST=tcp://127.0.0.1:1
	agent sourceos-agent install local
	dies_and_comes_back
	[ "$(helper_runs)" -eq 0 ]
	forget
	agent systemctl --user unset-environment DOCKER_CONFIG REGISTRY_AUTH_FILE CONTAINER_HOST
}

@test "AC-2 RC-07 remote client: plain podman --remote runs the helper for a local image" {
	"$TESTHOST" api "$HOST" agent on
	agent podman system connection add there unix:///run/user/4242/podman/podman.sock
	run agent podman --remote run --rm --pull=never $IMAGE true
	run agent podman --connection there run --rm --pull=never $IMAGE true
	[ "$(helper_runs)" -ge 2 ]
	root sh -c ": >$HELPER_LOG"
}

@test "AC-2 AC-3 RC-07 RC-08 remote client: install, start, restart and the unit's own restarts execute no helper" {
	declare_agent local '{"lifecycle":{"maxRestartsPerHour":50},"podman":{"connection":"there"}}'
	run -0 agent sourceos-agent install local
	is_up
	container_runs
	same_from_bundle agent local
	tr '\0' '\n' <"/proc/$(cat "$HOST/pid")/root/proc/$(agent systemctl --user show -p MainPID --value "$L")/cmdline" | grep -qx -- --connection=there
	agent sourceos-agent stop local
	no_container
	agent sourceos-agent start local
	agent sourceos-agent restart local
	dies_and_comes_back
	argv_of | grep -qx -- "--authfile=$STATE/sourceos-empty-auth.json"
	[ "$(helper_runs)" -eq 0 ]
	forget
	no_container
}

@test "PF-11 service-account: its own file is used; not there, open to others or without a credential it refuses" {
	sa=/home/agent/.config/sa/auth.json
	declare_agent local "$(auth service-account $sa)"
	run -1 agent sourceos-agent install local
	[[ $output == *PF-11* ]]
	agent sh -c "mkdir -p ~/.config/sa && echo '{\"auths\":{\"example.com\":{\"auth\":\"$(printf 'u:p' | base64)\"}}}' >$sa && chmod 644 $sa"
	run -1 agent sourceos-agent install local
	[[ $output == *PF-11* ]]
	agent chmod 600 $sa
	run -0 agent sourceos-agent install local
	argv_of | grep -qx -- "--authfile=$sa"
	[ ! -e "$(outside "$STATE/sourceos-empty-auth.json")" ]
	dies_and_comes_back
	# the file goes bad while it runs: the launcher refuses with 78, and nothing restarts it
	agent sh -c "echo '{\"auths\":{}}' >$sa"
	agent podman kill local
	until_true 30 eval '[ "$(agent systemctl --user is-failed "$L")" = failed ]'
	grep -q 'holds no credential' "$(outside $LOG)"
	agent sh -c "echo '{\"auths\":{\"example.com\":{\"auth\":\"$(printf 'u:p' | base64)\"}}}' >$sa"
	forget
	[ -e "$(outside $sa)" ]
	[ "$(helper_runs)" -eq 0 ]
}

@test "none: no auth file is given, and no helper is executed" {
	declare_agent local "$(auth none)"
	run -0 agent sourceos-agent install local
	if argv_of | grep -- --authfile; then false; fi
	argv_of | grep -qx -- --pull=never
	dies_and_comes_back
	[ "$(helper_runs)" -eq 0 ]
	forget
}

@test "PF-12 forbidden-ambient: refuses while any ambient credential is there, at install and at each start" {
	declare_agent local "$(auth forbidden-ambient)"
	run -1 agent sourceos-agent install local
	[[ $output == *PF-12*".docker/config.json"* ]]
	is_nowhere
	agent mv /home/agent/.docker/config.json /home/agent/.docker/config.away
	run -0 agent sourceos-agent install local
	agent mv /home/agent/.docker/config.away /home/agent/.docker/config.json
	agent podman kill local
	until_true 30 eval '[ "$(agent systemctl --user is-failed "$L")" = failed ]'
	grep -q 'ambient ones are forbidden' "$(outside $LOG)"
	[ "$(grep -c 'ambient ones are forbidden' "$(outside $LOG)")" -eq 1 ]
	run -1 agent sourceos-agent start local
	[ "$(helper_runs)" -eq 0 ]
	forget
}
