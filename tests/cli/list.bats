#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
load helper

agent_json='{ "name": "alpha", "label": "com.example.alpha", "scope": "user", "runtime": "podman", "image": "localhost/alpha:1" }'

@test "declared agents, and the file each comes from" {
	declare_agent alpha <<<"$agent_json"
	run -0 run_agent list
	[[ $output == *alpha*com.example.alpha*"$BATS_TEST_TMPDIR/agents.d/alpha.json"* ]]
}

@test "--json is one document and nothing else" {
	declare_agent alpha <<<"$agent_json"
	run -0 --separate-stderr run_agent list --json
	jq -e '[.. | objects | select(.name? == "alpha")] | length == 1' <<<"$output"
}

@test "both spellings load, and the registry's is the shipped one" {
	declare_agent alpha <<<"{ \"alpha\": $agent_json, \"beta\": ${agent_json//alpha/beta} }"
	cp "$TOP/share/sourceos/agents.d/node-commander.json" "$BATS_TEST_TMPDIR/agents.d/"
	run -0 run_agent list
	[[ $output == *alpha* ]]
	[[ $output == *beta* ]]
	[[ $output == *node-commander* ]]
}

@test "an unknown key is a warning that names it" {
	declare_agent alpha <<<"${agent_json/\"image\"/\"imagge\": \"x\", \"image\"}"
	run -0 --separate-stderr run_agent list
	[[ $stderr == *imagge* ]]
	[[ $stderr == *alpha.json:* ]]
}

@test "a wrong value names file, line, key and the allowed values" {
	declare_agent alpha <<<"${agent_json/\"user\"/\"usr\"}"
	run --separate-stderr run_agent list
	[[ $stderr == *alpha.json:*scope* ]]
	[[ $stderr == *user*system* ]]
}

@test "a file that is not JSON does not hide the others" {
	declare_agent alpha <<<"$agent_json"
	declare_agent broken <<<'{ not json'
	run --separate-stderr run_agent list
	[[ $output == *alpha* ]]
	[[ $stderr == *broken.json* ]]
}

@test "a name with escapes reaches no terminal raw" {
	declare_agent alpha <<<"${agent_json/localhost/local\\u001b[31mhost}"
	declare_agent evil <<<'{ "name": "e\u001b[31mvil", "scope": "user", "runtime": "native", "command": ["x"] }'
	run run_agent list
	[[ $output != *$'\033'* ]]
}

@test "nothing is probed: no command of the host is run" {
	declare_agent alpha <<<"$agent_json"
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -e trace=execve -o "$BATS_TEST_TMPDIR/trace" env -i HOME="$BATS_TEST_TMPDIR" SOURCEOS_AGENTS_PATH="$BATS_TEST_TMPDIR/agents.d" "$BIN" list
	[ "$(grep -c 'execve(' "$BATS_TEST_TMPDIR/trace")" -eq 2 ]
}

@test "DE-01: an unknown key is a finding of preflight, with its file and line, and fails --strict" {
	declare_agent alpha <<<"${agent_json/\"image\"/\"imagge\": \"x\", \"image\"}"
	run --separate-stderr run_agent preflight alpha --json
	jq -e --arg f "$BATS_TEST_TMPDIR/agents.d/alpha.json" '[.findings[] | select(.check == "DE-01")] | length == 1 and .[0].verdict == "warn" and .[0].location.file == $f
		and .[0].location.line == 1 and (.[0].message | test("imagge"))' <<<"$output"
	declare_agent alpha <<<"$agent_json"
	run --separate-stderr run_agent preflight alpha --json
	jq -e '[.findings[] | select(.check == "DE-01")] | length == 1 and .[0].verdict == "ok"' <<<"$output"
}

@test "a declaration that cannot be read, and no other: status does not call that well" {
	declare_agent alpha <<<'{ "name": '
	run -2 --separate-stderr run_agent status
	[[ $output == "no declaration could be read" && $stderr == *alpha.json* ]]
}

@test "a path that leads nowhere is named, and is no service that is well" {
	for verb in doctor preflight status; do
		run -2 --separate-stderr run_agent $verb /path/nosuch.service
		[[ $stderr == *"/path/nosuch.service does not exist"* ]]
	done
}
