#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which credentials a service's own command and environment make Podman consult: DR-09, PP-04, PF-12.
load helper

setup_file() {
	host_up || return 1
	agent mkdir -p .config/systemd/user .local/bin .docker Empty "My Auth"
	"$TESTHOST" image "$HOST" localhost/x/local:1
	agent sh -c 'echo "{\"auths\":{}}" >Empty/config.json; cp Empty/config.json "My Auth/a.json"; chmod 600 "My Auth/a.json"
		echo "{\"credHelpers\":{\"gcr.io\":\"gcloud\"}}" >.docker/config.json'
}
teardown_file() { host_down; }

# declared [AUTHFILE]; unit LINE…: the [Service] section; wrapper: the script on stdin
declared() {
	root sh -c 'mkdir -p /etc/sourceos/agents.d && cat >/etc/sourceos/agents.d/svc.json' <<-END
		{ "schemaVersion": "sourceos.local-agent.v1", "name": "svc", "label": "org.example.svc", "scope": "user", "runtime": "podman",
		  "owner": { "project": "p", "component": "c", "contact": "d" }, "lifecycle": { "runAtLoad": false },
		  "linux": { "systemdUserUnit": "~/.config/systemd/user/svc.service" },
		  "container": { "name": "svc", "runtimeImage": "localhost/x/local:1", "pullPolicy": "never" },
		  "auth": { "mode": "empty-authfile"${1:+, \"authfile\": \"$1\"} } }
	END
}
unit() {
	{ printf '[Unit]\nDescription=x\n[Service]\n'; printf '%s\n' "$@"; } | agent sh -c 'cat >.config/systemd/user/svc.service; systemctl --user daemon-reload'
}
wrapper() { agent sh -c 'cat >.local/bin/svc; chmod +x .local/bin/svc'; }
ask() { agent sourceos-agent "$@" --json >"$BATS_TEST_TMPDIR/doc" || true; DOC=$BATS_TEST_TMPDIR/doc; }
verdict() { jq -r --arg c "$1" '.findings[] | select(.check == $c) | .verdict' "$DOC" | head -1; }
told() { jq -r --arg c "$1" '.findings[] | select(.check == $c) | .message + "\n" + (.detail // "") + "\n" + (.remedy // "")' "$DOC"; }

@test "an authfile that is declared and named by the command counts" {
	declared "/home/agent/My Auth/a.json"
	unit 'Environment=DOCKER_CONFIG=/home/agent/Empty' 'ExecStart=podman run --pull=always --authfile "/home/agent/My Auth/a.json" gcr.io/x:1'
	ask doctor svc
	[ "$(verdict DR-09)" = ok ]
	[[ $(told DR-09) == *"1. --authfile /home/agent/My Auth/a.json: "* ]]
	same_from_bundle agent svc
}

@test "a remedy quotes a path with a space" {
	agent chmod 644 "My Auth/a.json"
	ask preflight svc
	[[ $(told PF-11) == *"chmod 600 '/home/agent/My Auth/a.json'" ]]
	agent chmod 600 "My Auth/a.json"
}

@test "DOCKER_CONFIG in the wrapper, before the command, and in ExecStart= isolates; without it the helper is told" {
	declared
	unit 'ExecStart=%h/.local/bin/svc'
	wrapper <<<$'#!/bin/sh\nexec podman run --pull=always gcr.io/x/y:1'
	ask doctor svc
	[ "$(verdict PP-04)" = fail ]
	wrapper <<<$'#!/bin/sh\nexport DOCKER_CONFIG="$HOME/Empty"\nexec podman run --pull=always gcr.io/x/y:1'
	ask doctor svc
	[ "$(verdict PP-04)" = ok ]
	[[ $(told DR-09) == *"DOCKER_CONFIG /home/agent/Empty/config.json"* ]]
	same_from_bundle agent svc
	wrapper <<<$'#!/bin/sh\nDOCKER_CONFIG=/home/agent/Empty podman run --pull=always gcr.io/x/y:1'
	ask doctor svc
	[ "$(verdict PP-04)" = ok ]
	unit 'ExecStart=/usr/bin/env DOCKER_CONFIG=/home/agent/Empty /usr/bin/podman run --pull=always gcr.io/x/y:1'
	ask doctor svc
	[ "$(verdict PP-04)" = ok ]
	# what only a run tells is neither ok nor a failure
	wrapper <<<$'#!/bin/sh\nexport DOCKER_CONFIG=$(mktemp -d)\nexec podman run --pull=always gcr.io/x/y:1'
	unit 'ExecStart=%h/.local/bin/svc'
	ask doctor svc
	[ "$(verdict DR-09)" = unknown ]
	[ "$(verdict PP-04)" != fail ]
}

@test "a remote client of the command's own reads the helpers of every registry, for a local image too" {
	unit 'ExecStart=/usr/bin/podman run --pull=never localhost/x/local:1'
	ask doctor svc
	[ "$(verdict PP-04)" = ok ]
	unit 'ExecStart=/usr/bin/podman --connection svc run --pull=never localhost/x/local:1'
	ask doctor svc
	[ "$(verdict PP-04)" = fail ]
	same_from_bundle agent svc
	unit 'Environment=CONTAINER_HOST=unix:///run/x.sock' 'ExecStart=/usr/bin/podman run --pull=never localhost/x/local:1'
	ask doctor svc
	[ "$(verdict PP-04)" = fail ]
}

@test "PF-12 lists the files in Podman's order, before anything is installed" {
	agent sh -c 'rm .config/systemd/user/svc.service; systemctl --user daemon-reload'
	ask preflight svc
	[ "$(verdict PF-12)" = ok ]
	[[ $(told PF-12) == *"1. --authfile "*"2. "*"~/.docker/config.json /home/agent/.docker/config.json: "* ]]
}

@test "preflight flags the patterns of a definition that is there, and none before there is one" {
	ask preflight svc
	[ "$(verdict PP-06)" = not-applicable ]
	run -0 agent sourceos-agent preflight svc
	unit 'ExecStart=/usr/bin/podman run --pull=never localhost/x/local:1' 'StandardOutput=append:/tmp/x.log'
	ask preflight svc
	[ "$(verdict PP-06)" = fail ]
	[ "$(verdict PP-03)" = fail ]
	[ "$(verdict PP-05)" = ok ]
	run -1 agent sourceos-agent preflight svc
	same_from_bundle agent svc
	agent sh -c 'rm .config/systemd/user/svc.service; systemctl --user daemon-reload'
}
