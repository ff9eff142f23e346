#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the command line promises whatever the verb: help from the table, exit codes, clean stdout.
load helper

# every verb that help lists, as "bundle verify"
verbs() { run_agent help | sed -n 's/^  \([a-z]\{1,\}\( [a-z]\{1,\}\)\{0,1\}\).*/\1/p' | sed 's/ *$//'; }

@test "help lists the commands on stdout, exit 0" {
	run -0 --separate-stderr run_agent help
	[[ $output == usage:* ]]
	[[ $output == *quarantine* ]]
	[ -z "$stderr" ]
}

@test "no command: usage on stderr, exit 2" {
	run -2 --separate-stderr run_agent
	[ -z "$output" ]
	[[ $stderr == *help* ]]
}

@test "an unknown command is named, exit 2, nothing on stdout" {
	run -2 --separate-stderr run_agent quarantin x
	[ -z "$output" ]
	[[ $stderr == *'"quarantin"'* ]]
}

@test "an unknown option is named, exit 2" {
	run -2 --separate-stderr run_agent list --jsn
	[ -z "$output" ]
	[[ $stderr == *jsn* ]]
}

@test "too few and too many arguments: exit 2 with the synopsis" {
	run -2 --separate-stderr run_agent quarantine
	[[ $stderr == *NAME* ]]
	run -2 --separate-stderr run_agent list extra
}

@test "--help and help VERB print the same, for every verb" {
	while read -r v; do
		# shellcheck disable=SC2086
		a=$(run_agent help $v)
		# shellcheck disable=SC2086
		b=$(run_agent $v --help)
		[ -n "$a" ]
		diff <(echo "$a") <(echo "$b")
	done < <(verbs)
}

@test "every option of help has a sentence of what it does" {
	while read -r v; do
		# shellcheck disable=SC2086
		if run_agent help $v | grep -E '^ +(-., )?--[a-z-]+( [A-Z|a-z]+)?$'; then false; fi
	done < <(verbs)
}

@test "sourceos is the same binary under another name" {
	ln -s "$BIN" "$BATS_TEST_TMPDIR/sourceos"
	run -0 "$BATS_TEST_TMPDIR/sourceos" help
	[[ $output == "usage: sourceos "* ]]
}

@test "version prints one line" {
	run -0 run_agent version
	[ "${#lines[@]}" -eq 1 ]
	[[ $output =~ [0-9]+\.[0-9]+\.[0-9]+ ]]
}

@test "no colour where stdout is no terminal" {
	run -0 run_agent help
	[[ $output != *$'\033'* ]]
}

@test "stdout that cannot be written to is a failure, for help, version and list" {
	for v in help version list; do
		run run_agent_to_full $v
		[ "$status" -ne 0 ]
	done
}
run_agent_to_full() { run_agent "$@" >/dev/full; }

@test "the manual page is what the verb table says (make man writes it anew)" {
	run_agent help --man >"$BATS_TEST_TMPDIR/page"
	diff -u "$TOP/docs/man/sourceos-agent.1" "$BATS_TEST_TMPDIR/page"
}

@test "restore of what is not there is a usage error, not a change that failed" {
	run -2 run_agent restore nope
	[[ $output == *"nope: no such directory or bundle"* ]]
}
