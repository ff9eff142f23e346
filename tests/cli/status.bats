#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# status, where nobody answers: what it prints, not what it finds (tests/host has that).
load helper

valid() { /usr/bin/python3 "$TOP/tests/schema/run" "$TOP/docs/formats/status.schema.json" "$1"; }
declare_long() {
	declare_agent "$1" <<-END
		{ "name": "$1", "label": "com.example.$1", "scope": "user", "runtime": "podman", "auth": { "mode": "forbidden-ambient" },
		  "image": "localhost/somebody/$1-of-a-long-name:2026.11.24-1", "logs": { "app": "/home/somebody/Library/Logs/SocioProphet/$1.log" } }
	END
}

@test "status of all, of one and of none is valid against its schema" {
	run run_agent status --json
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/none"
	declare_long alpha
	declare_long beta
	run --separate-stderr run_agent status --json
	[ "$(jq '.agents | length' <<<"$output")" = 2 ]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/all"
	run --separate-stderr run_agent status alpha --json
	[ "$(jq '.agents | length' <<<"$output")" = 1 ]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/one"
	for f in none all one; do valid "$BATS_TEST_TMPDIR/$f"; done
	jq '.agents[0].findings.fail = -1' "$BATS_TEST_TMPDIR/one" >"$BATS_TEST_TMPDIR/wrong"
	not valid "$BATS_TEST_TMPDIR/wrong"
}

@test "status --sarif is valid SARIF; with --strict a warning is a failure" {
	declare_long alpha
	for args in "alpha" ""; do
		run --separate-stderr run_agent status $args --sarif
		printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/sarif"
		/usr/bin/python3 "$TOP/tests/schema/run" "$TOP/tests/schema/upstream/sarif-2.1.0.json" "$BATS_TEST_TMPDIR/sarif"
		jq -e '.runs[0].tool.driver.rules | all(.defaultConfiguration.level == "error" or .defaultConfiguration.level == "warning")' "$BATS_TEST_TMPDIR/sarif"
	done
	run --separate-stderr run_agent status alpha --strict
	[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
}

@test "the table of all tells image, authentication and logs, in 120 columns" {
	declare_long alpha
	declare_long an-agent-whose-name-is-longer-than-anybody-would-like
	run --separate-stderr run_agent status
	[[ ${lines[0]} == NAME*STATE*SINCE*PID*RESTARTS*LAST*IMAGE*AUTH*LOGS*FINDINGS ]]
	[[ ${lines[1]} == alpha*unknown*forbi*log* ]]
	[[ ${lines[2]} == "an-agent-whose-name-is-longer"* ]]
	for line in "${lines[@]}"; do [ "$(LC_ALL=C.UTF-8 wc -m <<<"$line")" -le 121 ] || { echo "$line"; return 1; }; done
}
