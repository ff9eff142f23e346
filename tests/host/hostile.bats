#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hosts where things are missing, broken or against us: each is recorded or refused by its name, nothing is half-written, the definition is never lost.
load helper

setup_file() {
	host_up
	plant --local
}
teardown_file() { host_down; }

# A Podman of ours before the real one on the caller's PATH, for one command
with_podman() {
	local script=$1; shift
	agent sh -c 'mkdir -p ~/fake && printf "%s\n" "#!/bin/sh" "$1" >~/fake/podman && chmod 755 ~/fake/podman' fake "$script"
	agent env PATH=/home/agent/fake:/usr/local/bin:/usr/bin:/bin "$@"
}
# What is never allowed under a final name: a bundle without its signature, a partial directory listed as made
nothing_half_written() {
	local dir=$1 f
	for f in "$(outside "$dir")"/*.tar.zst; do
		[ ! -e "$f" ] || [ -e "$f.minisig" ] || { echo "unsigned: $f"; return 1; }
	done
	! find "$(outside "$dir")" -maxdepth 1 -name '*.tmp*' -o -maxdepth 1 -name '.*.tar.zst*' | grep .
}
definition_is_untouched() {
	definition >"$BATS_TEST_TMPDIR/now"
	diff -u "$BATS_TEST_TMPDIR/then" "$BATS_TEST_TMPDIR/now"
}
setup() { [ -z "${HOST:-}" ] || definition >"$BATS_TEST_TMPDIR/then"; }

@test "no podman on PATH: the rest is collected, and the gap has its name" {
	agent sh -c 'mkdir -p ~/nopodman && for c in systemctl journalctl loginctl sh env; do ln -sf $(command -v $c) ~/nopodman/$c; done'
	run -0 --separate-stderr agent env PATH=/home/agent/nopodman /usr/local/bin/sourceos-agent collect node-commander --output $EV --json || [ "$status" -eq 3 ]
	jq -e . <<<"$output" >/dev/null
	jq -e '.gaps | tostring | test("podman")' <<<"$output"
	definition_is_untouched
}

@test "a hung podman ends at its deadline, and the rest is collected" {
	run --separate-stderr with_podman 'exec sleep 3600' sourceos-agent collect node-commander --output $EV --json
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	jq -e '.gaps | tostring | test("podman")' <<<"$output"
	! root pgrep -f 'sleep 3600' -u agent -P 1 >/dev/null
}

@test "a flooding podman is cut, and memory stays bounded" {
	run --separate-stderr with_podman 'exec cat /dev/zero' sh -c "ulimit -v 2000000; exec sourceos-agent collect node-commander --output $EV --json"
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	jq -e '.gaps | tostring | test("podman")' <<<"$output"
}

@test "a FIFO where the log should be is not opened, and the gap names it" {
	agent sh -c 'mv /tmp/node-commander.log /tmp/kept.log && mkfifo /tmp/node-commander.log'
	run --separate-stderr agent timeout 60 sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'rm /tmp/node-commander.log && mv /tmp/kept.log /tmp/node-commander.log'
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	jq -e '.gaps | tostring | test("node-commander.log")' <<<"$output"
}

@test "a symbolic link where the log should be is not followed, also by root" {
	root sh -c 'echo shadow-secret-canary >/root/canary && chmod 600 /root/canary'
	agent sh -c 'mv /tmp/node-commander.log /tmp/kept.log && ln -s /root/canary /tmp/node-commander.log'
	run --separate-stderr root timeout 60 sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'rm /tmp/node-commander.log && mv /tmp/kept.log /tmp/node-commander.log'
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	jq -e '.gaps | tostring | test("node-commander.log")' <<<"$output"
	! grep -rq shadow-secret-canary "$(outside "$(jq -r .directory <<<"$output")")"
}

@test "an auth file that is not JSON is withheld whole" {
	agent sh -c 'cp ~/.docker/config.json ~/.docker/kept && printf "auths = canary-not-json-secret\n" >~/.docker/config.json'
	run --separate-stderr agent sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'mv ~/.docker/kept ~/.docker/config.json'
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	! grep -rq canary-not-json-secret "$(outside "$(jq -r .directory <<<"$output")")"
}

@test "no space for the evidence: refused before any harm, nothing half-written" {
	root sh -c 'mkdir -p /mnt/small && mount -t tmpfs -o size=64k,mode=1777 tmpfs /mnt/small'
	run agent sourceos-agent quarantine node-commander --output /mnt/small
	[ "$status" -ne 0 ]
	[[ $output == *"o space"* ]]
	nothing_half_written /mnt/small
	root umount /mnt/small
	definition_is_untouched
	[ "$(manager is-active $UNIT)" = active ]
}

@test "evidence may not be written where we have no right to: refused, named" {
	run agent sourceos-agent quarantine node-commander --output /root/evidence
	[ "$status" -ne 0 ]
	[[ $output == *"/root/evidence"* ]]
	definition_is_untouched
	[ "$(manager is-active $UNIT)" = active ]
}

@test "stdout that cannot be written to is a failure" {
	run agent sh -c 'sourceos-agent list >/dev/full'
	[ "$status" -ne 0 ]
}

@test "no service manager: collect records it, quarantine refuses and changes nothing" {
	run --separate-stderr agent env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/nonexistent sourceos-agent collect node-commander --output $EV --json
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	root systemctl stop user@4242.service
	run agent sourceos-agent quarantine node-commander --output $EV
	root systemctl start user@4242.service
	[ "$status" -eq 5 ] || [ "$status" -eq 3 ]
	[ -e "$(outside "$(unit_dir)/$UNIT")" ]
	until_true 20 agent systemctl --user is-system-running --wait
	definition_is_untouched
}

@test "a definition that changes under us stays whole: edited after quarantine, restore refuses to overwrite" {
	agent systemctl --user start $UNIT
	quarantine_as agent node-commander
	agent sh -c 'printf "[Service]\nExecStart=/bin/true\n" >"$1"' edit "$(unit_dir)/$UNIT"
	run agent sourceos-agent restore "$(json q .directory)"
	[ "$status" -eq 5 ]
	grep -q /bin/true "$(outside "$(unit_dir)/$UNIT")"
	agent rm "$(unit_dir)/$UNIT"
	restore_as agent
}
