#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A service that nobody declared, named in each way that a responder may have it: label, unit, path.
load helper

setup_file() {
	export UNIT=com.example.helper-sync.service
	host_up
	plant --undeclared --local
}
teardown_file() { host_down; }
setup() { UNIT=com.example.helper-sync.service; }

# quarantined and restored by NAME, as CALLER
there_and_back() {
	manager start $UNIT
	until_true 20 eval '[ "$(agent podman inspect --format "{{.State.Status}}" helper-sync 2>/dev/null)" = running ]'
	same_from_bundle "$1" "$2"
	quarantine_as "$1" "$2"
	is_quarantined helper-sync
	[ -f "$(outside "$(json q .directory)")/service.unit.disabled" ]
	[ -f "$(outside "$(json q .directory)")/container-inspect.json" ]
	restore_as "$1"
	no_secrets_in "$(json q .directory)" "$(json q .bundle)"
}

@test "collect leaves nothing of Podman machines on a host that never had one" {
	agent test ! -e /home/agent/.config/containers/podman/machine
	agent sourceos-agent collect $UNIT --output $EV >/dev/null
	agent test ! -e /home/agent/.config/containers/podman/machine
}

@test "doctor does not start podman where its API answers" {
	"$TESTHOST" api "$HOST" agent on 3>&-
	root sh -c 'printf "#!/bin/sh\nid -un >>/var/tmp/podman-was-run; exec /usr/bin/podman \"\$@\"\n" >/usr/local/bin/podman; chmod 755 /usr/local/bin/podman; install -m 666 /dev/null /var/tmp/podman-was-run'
	agent sourceos-agent preflight $UNIT >/dev/null || true # it does: is the program there?
	root grep -q agent /var/tmp/podman-was-run
	root truncate -s 0 /var/tmp/podman-was-run
	agent sourceos-agent doctor $UNIT >"$BATS_TEST_TMPDIR/doctor" || [ $? -le 1 ]
	agent sourceos-agent status $UNIT >/dev/null || [ $? -le 1 ]
	root cat /var/tmp/podman-was-run
	root test ! -s /var/tmp/podman-was-run
	root rm /usr/local/bin/podman
	"$TESTHOST" api "$HOST" agent off 3>&-
}

@test "by its label" { there_and_back agent com.example.helper-sync; }
@test "by its unit name" { there_and_back agent $UNIT; }
@test "by its unit name, through sudo" { there_and_back via_sudo $UNIT; }
@test "by the path of its definition" { there_and_back agent "$(unit_dir)/$UNIT"; }
@test "by the path of its definition, as root" { there_and_back root "$(unit_dir)/$UNIT"; }

@test "a name that nothing has: says which agents exist and where it looked, exit 2" {
	run -2 agent sourceos-agent quarantine no-such-agent
	[[ $output == *node-commander* ]]
	[[ $output == */usr/local/share/sourceos/agents.d* ]]
	[[ $output == */home/agent/.config/sourceos/agents.d* ]]
}
