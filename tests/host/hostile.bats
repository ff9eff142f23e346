#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hosts where things are missing, broken or against us: each is recorded or refused by its name, nothing is half-written, the definition is never lost.
load helper

setup_file() {
	host_up
	plant --local
}
teardown_file() { host_down; }

# The host has another podman, or none (SCRIPT empty), while a command runs. Not by PATH alone: the program looks where root may trust.
with_podman() {
	local script=$1 r=0; shift
	root sh -c 'mv /usr/bin/podman /usr/bin/podman.away; [ -z "$1" ] || { printf "#!/bin/sh\n%s\n" "$1" >/usr/bin/podman; chmod 755 /usr/bin/podman; }' fake "$script"
	agent "$@" || r=$?
	root mv /usr/bin/podman.away /usr/bin/podman
	return $r
}
# as a caller: same_from_bundle without_podman …
without_podman() { with_podman '' "$@"; }
with_hung_podman() { with_podman 'sleep 98765 & exec sleep 98765' "$@"; }
with_flooding_podman() { with_podman 'exec cat /dev/zero' "$@"; }

# What is never allowed under a final name: a bundle without its signature, a partial directory listed as made
nothing_half_written() {
	local dir=$1 f
	for f in "$(outside "$dir")"/*.tar.zst; do
		[ ! -e "$f" ] || [ -e "$f.minisig" ] || { echo "unsigned: $f"; return 1; }
	done
	if find "$(outside "$dir")" -maxdepth 1 -name '*.tmp*' -o -maxdepth 1 -name '.*.tar.zst*' | grep .; then false; fi
}
definition_is_untouched() {
	definition >"$BATS_TEST_TMPDIR/now"
	diff -u "$BATS_TEST_TMPDIR/then" "$BATS_TEST_TMPDIR/now"
}
setup() { [ -z "${HOST:-}" ] || definition >"$BATS_TEST_TMPDIR/then"; }

@test "no podman: the rest is collected, and the gap has its name, exit 3" {
	run -3 --separate-stderr with_podman '' sourceos-agent collect node-commander --output $EV --json
	jq -e '.gaps | tostring | test("podman: no such command")' <<<"$output"
	[ -f "$(outside "$(jq -r .directory <<<"$output")")/service-state.txt" ]
	same_from_bundle without_podman node-commander
	definition_is_untouched
}

@test "a hung podman ends at its deadline, with all that it started, and the rest is collected" {
	run -3 --separate-stderr with_podman 'sleep 98765 & exec sleep 98765' sourceos-agent collect node-commander --output $EV --json
	jq -e '.gaps | map(select(.outcome == "timeout")) | length > 0' <<<"$output"
	[ -f "$(outside "$(jq -r .directory <<<"$output")")/service-state.txt" ]
	not root pgrep -f 'sleep 98765'
	same_from_bundle with_hung_podman node-commander
}

@test "a flooding podman is cut, the cut is a gap, and memory stays bounded" {
	run -3 --separate-stderr with_podman 'exec cat /dev/zero' sh -c "ulimit -v 4000000; exec sourceos-agent collect node-commander --output $EV --json"
	jq -e '.gaps | map(select(.outcome == "cut")) | length > 0' <<<"$output"
	[ "$(du -sm "$(outside "$(jq -r .directory <<<"$output")")" | cut -f1)" -lt 256 ]
	same_from_bundle with_flooding_podman node-commander
}

@test "a FIFO where the log should be is not opened, and the gap names it" {
	agent sh -c 'mv /tmp/node-commander.log /tmp/kept.log && mkfifo /tmp/node-commander.log'
	same_from_bundle agent node-commander
	run --separate-stderr agent timeout 300 sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'rm /tmp/node-commander.log && mv /tmp/kept.log /tmp/node-commander.log'
	[ "$status" -eq 3 ]
	jq -e '.gaps | map(select((.what | test("node-commander.log")) and (.reason | test("FIFO")))) | length == 1' <<<"$output"
}

@test "a symbolic link where the log should be is not followed, also by root" {
	root sh -c 'echo shadow-secret-canary >/root/canary && chmod 600 /root/canary'
	agent sh -c 'mv /tmp/node-commander.log /tmp/kept.log && ln -s /root/canary /tmp/node-commander.log'
	same_from_bundle root node-commander
	run --separate-stderr root timeout 300 sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'rm /tmp/node-commander.log && mv /tmp/kept.log /tmp/node-commander.log'
	[ "$status" -eq 3 ]
	jq -e '.gaps | map(select(.what | test("node-commander.log"))) | length == 1' <<<"$output"
	not grep -rq shadow-secret-canary "$(outside "$(jq -r .directory <<<"$output")")"
}

@test "an auth file that is not JSON is withheld whole" {
	agent sh -c 'cp ~/.docker/config.json ~/.docker/kept && printf "auths = canary-not-json-secret\n" >~/.docker/config.json'
	same_from_bundle agent node-commander
	run --separate-stderr agent sourceos-agent collect node-commander --output $EV --json
	agent sh -c 'mv ~/.docker/kept ~/.docker/config.json'
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	not grep -rq canary-not-json-secret "$(outside "$(jq -r .directory <<<"$output")")"
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

# last in the file: it ends the user's manager with all that it runs
@test "no service manager of the user: what runs is gone with it, the definition is taken away by its files, and comes back" {
	agent systemctl --user stop $UNIT
	definition >"$BATS_TEST_TMPDIR/then"
	root systemctl kill --signal=KILL user@4242.service
	until_true 60 eval '! root systemctl is-active --quiet user@4242.service'
	# with its runtime directory: a socket left behind is a manager that does not answer, and that is refused
	root systemctl stop user-runtime-dir@4242.service
	until_true 60 [ ! -e "$(outside /run/user/4242)" ]
	run --separate-stderr agent sourceos-agent collect node-commander --output $EV --json
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	same_from_bundle agent node-commander
	agent sourceos-agent quarantine node-commander --output $EV --json >"$BATS_FILE_TMPDIR/q.json"
	[ ! -e "$(outside "$(unit_dir)/$UNIT")" ]
	[ ! -L "$(outside "$(wants_link)")" ]
	agent sourceos-agent restore "$(json q .directory)"
	root systemctl restart user@4242.service
	definition_is_untouched
}
