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
	quarantine_as "$1" "$2"
	is_quarantined helper-sync
	[ -f "$(outside "$(json q .directory)")/service.unit.disabled" ]
	[ -f "$(outside "$(json q .directory)")/container-inspect.json" ]
	restore_as "$1"
	no_secrets_in "$(json q .directory)" "$(json q .bundle)"
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
