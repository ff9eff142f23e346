#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each runtime and form as a real service: installed, up, verified by systemd itself, uninstalled without a trace.
load lifecycle

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
}
teardown_file() { host_down; }

# service NAME JSON: an agent that runs no container; whole, where declare_agent's is given over an agent with an image
service() {
	jq -n --arg name "$1" --argjson more "$2" '{($name): ({name: $name, scope: "user",
		lifecycle: {restart: "bounded", maxRestartsPerHour: 3, startupTimeoutSeconds: 10, shutdownTimeoutSeconds: 3},
		logs: {app: "~/.local/state/\($name)/\($name).log"}} * $more)}' >"$BATS_TEST_TMPDIR/d.json"
	root sh -c 'mkdir -p /etc/sourceos/agents.d && cat >"/etc/sourceos/agents.d/$1.json"' put "$1" <"$BATS_TEST_TMPDIR/d.json"
}
main_pid() { agent systemctl --user show -p MainPID --value "sourceos-agent@$1.service"; }
comm() { cat "$HOST_ROOT/proc/$(main_pid "$1")/comm"; }
no_trace() {
	[ ! -e "$(outside "/home/agent/.config/systemd/user/sourceos-agent@$1.service")" ]
	[ -z "$(find "$(outside /home/agent/.config/systemd)" -name "*$1*")" ]
	[ "$(agent systemctl --user is-active "sourceos-agent@$1.service" || true)" = inactive ]
}
# installs, restarts, stops and uninstalls NAME, whose main process is COMM
whole_life() {
	agent sourceos-agent install "$1"
	[ "$(comm "$1")" = "$2" ]
	run -0 agent systemd-analyze --user verify --recursive-errors=yes "/home/agent/.config/systemd/user/sourceos-agent@$1.service"
	[ -z "$output" ]
	head -2 "$(outside "/home/agent/.config/systemd/user/sourceos-agent@$1.service")" | grep -q "Made by sourceos-agent from /etc/sourceos/agents.d/$1.json"
	same_from_bundle agent "$1"
	before=$(main_pid "$1")
	run -0 agent sourceos-agent restart "$1"
	[ "$(main_pid "$1")" != "$before" ]
	run -0 agent sourceos-agent install "$1"
	[[ $output == *already* ]]
	run -0 agent sourceos-agent stop "$1"
	[ "$(main_pid "$1")" = 0 ]
	run -0 agent sourceos-agent uninstall "$1" --purge
	no_trace "$1"
}

@test "native: the launcher becomes the command" {
	service nat '{"runtime":"native","command":["/bin/sleep","infinity"]}'
	whole_life nat sleep
}

@test "what dies maxRestartsPerHour times stays down, and its log says once why; once systemd forgets, the launcher refuses once, with 78" {
	service dies '{"runtime":"native","command":["/bin/false"],"linux":{"restartSec":0}}'
	u=sourceos-agent@dies.service state=$(outside /home/agent/.local/state/sourceos-agent/agents/dies) log=$(outside /home/agent/.local/state/dies/dies.log)
	agent sourceos-agent install dies --no-start
	agent systemctl --user start $u || true
	until_true 40 eval '[ "$(agent systemctl --user is-failed $u)" = failed ]'
	[ "$(grep -c start "$state/starts")" -eq 3 ]
	[ "$(grep -c 'it stays down until: sourceos-agent start dies' "$log")" -eq 1 ]
	for _ in 1 2 3; do
		agent systemctl --user reset-failed $u
		agent systemctl --user start $u || true
		until_true 40 eval '[ "$(agent systemctl --user is-failed $u)" = failed ]'
		[ "$(agent systemctl --user show -p ExecMainStatus --value $u)" = 78 ]
		[ "$(agent systemctl --user show -p NRestarts --value $u)" = 0 ]
	done
	[ "$(grep -c 'dies is not started: started 3 times within the last hour' "$log")" -eq 1 ]
	[ "$(grep -c start "$state/starts")" -eq 3 ]
	agent sourceos-agent uninstall dies --purge
}

@test "RC-15 nix-app: a command in the Nix store" {
	root sh -c 'mkdir -p /var/tmp/app/bin && printf "#!/bin/sh\nexec sleep infinity\n" >/var/tmp/app/bin/app && chmod 755 /var/tmp/app/bin/app'
	app=$(root nix-store --add /var/tmp/app)
	service nix "{\"runtime\":\"nix-app\",\"command\":[\"$app/bin/app\"]}"
	whole_life nix sleep
}

@test "systemd: the unit runs the command itself, without a wrapper" {
	service sd '{"runtime":"systemd","command":["/bin/sleep","infinity"]}'
	whole_life sd sleep
	[ ! -e "$(outside /home/agent/.local/state/sourceos-agent/agents/sd/run)" ]
}

@test "podman: conmon is the main process, Type=notify" {
	declare_agent local
	whole_life local conmon
}

@test "system scope: native and podman as root's own, with the hardening of a system unit" {
	service sys '{"scope":"system","runtime":"native","command":["/bin/sleep","infinity"],"logs":{"app":"/var/log/sys/sys.log"}}'
	declare_agent pod '{"scope":"system","logs":{"app":"/var/log/pod/pod.log"}}'
	root mkdir -p /var/log/sys /var/log/pod
	for name in sys pod; do
		run -5 agent sourceos-agent install $name
		run -0 root sourceos-agent install $name
		# recursively it judges what the machine has installed as well, and that is not ours to answer for
		run root systemd-analyze --system verify --recursive-errors=yes "/etc/systemd/system/sourceos-agent@$name.service"
		[[ $output != *sourceos-agent* ]]
		run -0 root systemd-analyze --system verify --recursive-errors=no "/etc/systemd/system/sourceos-agent@$name.service"
		[ "$(root systemctl is-active "sourceos-agent@$name.service")" = active ]
		[ "$(root systemctl is-enabled "sourceos-agent@$name.service")" = enabled ]
		run -0 root sourceos-agent uninstall $name --purge
		[ ! -e "$(outside "/etc/systemd/system/sourceos-agent@$name.service")" ]
		[ ! -e "$(outside "/etc/systemd/system/multi-user.target.wants/sourceos-agent@$name.service")" ]
	done
	[ "$(root podman ps -aq)" = "" ]
}

# What the generator makes of it: quadlet.bats. Debian 12's Podman has none.
@test "Quadlet: staged in its own directory; not installed where nothing would make a service of it" {
	declare_agent local
	run -0 agent sourceos-agent stage local --quadlet --output /home/agent/q
	[ -n "$(root find /home/agent/q -name local.container)" ]
	[ -z "$(root find /usr/lib/systemd/user-generators -name podman-user-generator 2>/dev/null)" ] || skip "this machine has a generator"
	run -2 agent sourceos-agent install local --quadlet
	[[ $output == *"has no Quadlet generator here, which came with 4.4"* ]]
	no_trace local
}
