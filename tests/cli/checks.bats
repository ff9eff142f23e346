#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# explain and scan, which need no host; the documents that are made from the rows.
load helper

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

@test "docs/checks.md is what the rows say (make docs/checks.md makes it)" {
	diff <(run_agent explain --markdown) "$top/docs/checks.md"
}

@test "explain lists every check, and --json is one document" {
	run -0 run_agent explain
	[[ $output == *PF-18* && $output == *DR-14* && $output == *PP-11* ]]
	run -0 --separate-stderr run_agent explain --json
	jq -e 'length > 43 and all(.[]; .id and .why and .looksAt and .fix)' <<<"$output"
	run -0 run_agent explain PP-02 --json
	jq -e '.id == "PP-02"' <<<"$output"
	run -2 run_agent explain XX-01
	run_agent explain --json >"$BATS_TEST_TMPDIR/all.json"
	run_agent explain PF-08 --json >"$BATS_TEST_TMPDIR/one.json"
	"$top/tests/schema/run" "$top/docs/formats/check.schema.json" "$BATS_TEST_TMPDIR"/{all,one}.json
	# every anchor is one of a heading, as GitHub makes them
	sed -n 's/^## //p' "$top/docs/checks.md" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n-' | sort >"$BATS_TEST_TMPDIR/headings"
	run_agent explain --json | jq -r '.[].anchor' | sort | diff "$BATS_TEST_TMPDIR/headings" -
}

incident() {
	mkdir -p "$BATS_TEST_TMPDIR/units/x.service.d"
	printf '[Service]\nExecStart=/usr/bin/podman run quay.io/x/y\nRestart=always\nRestartSec=10\n' >"$BATS_TEST_TMPDIR/units/x.service"
	printf '[Service]\nStandardOutput=append:/tmp/x.log\n' >"$BATS_TEST_TMPDIR/units/x.service.d/log.conf"
}

@test "scan: exit status by --fail-on, file and line named" {
	incident
	run -1 run_agent scan "$BATS_TEST_TMPDIR/units"
	[[ $output == *"units/x.service:3"* && $output == *"x.service.d/log.conf:2"* ]]
	run -0 run_agent scan "$BATS_TEST_TMPDIR/units" --fail-on never
	run -2 run_agent scan
	printf '[Service]\nExecStart=/nix/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-x/bin/x\n' >"$BATS_TEST_TMPDIR/warns.service"
	run -0 run_agent scan "$BATS_TEST_TMPDIR/warns.service"
	run -1 run_agent scan "$BATS_TEST_TMPDIR/warns.service" --strict
	run -0 run_agent scan "$BATS_TEST_TMPDIR/warns.service" --strict --fail-on fail
	run -2 run_agent scan "$BATS_TEST_TMPDIR/units" --fail-on sometimes
	run -2 run_agent scan "$BATS_TEST_TMPDIR/nowhere"
	mkdir "$BATS_TEST_TMPDIR/empty"
	run -0 --separate-stderr run_agent scan "$BATS_TEST_TMPDIR/empty"
	[[ $stderr == *"there was no unit,"*"to judge"* ]]
}

@test "scan: a file that was named and cannot be judged is said, and is no success when nothing else was" {
	incident
	cd "$BATS_TEST_TMPDIR"
	echo 'root:x:0:0::/:/bin/sh' >passwd
	echo '{"name": "x",' >agent.json
	run -3 --separate-stderr run_agent scan passwd agent.json
	[[ $stderr == *"passwd: not judged: neither a unit"*"agent.json: not judged"* ]]
	run -3 --separate-stderr run_agent scan passwd --json
	jq -e . <<<"$output"
	run -0 run_agent scan passwd --fail-on never
	# beside what was judged its verdict counts; below a directory nothing is said
	printf '[Unit]\nDescription=x\n[Timer]\nOnCalendar=daily\n' >fine.timer
	run -0 --separate-stderr run_agent scan fine.timer passwd
	[[ $stderr == *"passwd: not judged"* ]]
	cp passwd units/
	run -1 run_agent scan units
	[[ $output != *"not judged"* ]]
}

@test "scan: a drop-in is recognised that is named from inside of its directory" {
	mkdir -p "$BATS_TEST_TMPDIR/x.service.d" "$BATS_TEST_TMPDIR/y.socket.d"
	printf '[Service]\nRestart=always\n' >"$BATS_TEST_TMPDIR/x.service.d/a.conf"
	printf '[Socket]\nNoSuchKey\n' >"$BATS_TEST_TMPDIR/y.socket.d/a.conf"
	cd "$BATS_TEST_TMPDIR/x.service.d"
	run -0 run_agent scan a.conf
	[[ $output == *"1 file judged"* && $output == *"a.conf:2"* ]]
	cd "$BATS_TEST_TMPDIR/y.socket.d"
	run run_agent scan a.conf
	[[ $output == *"1 file judged"* ]]
}

@test "scan: a file that cannot be read is exit status 3, as the help says" {
	mkfifo "$BATS_TEST_TMPDIR/x.service" # which root cannot read either
	run -3 run_agent scan "$BATS_TEST_TMPDIR/x.service"
}

@test "scan --json is valid against its schema" {
	incident
	run_agent scan "$BATS_TEST_TMPDIR/units" --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	/usr/bin/python3 "$top/tests/schema/run" "$top/docs/formats/findings.schema.json" "$BATS_TEST_TMPDIR/doc"
}

@test "scan --sarif is valid against the schema of SARIF 2.1.0, and has what its text demands besides" {
	incident
	printf '[Service]\nExecStart=/bin/x\nRestart=allways\n' >"$BATS_TEST_TMPDIR/units/"$'\xff %\e[31mvil.service'
	run_agent scan "$BATS_TEST_TMPDIR/units" --sarif >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	/usr/bin/python3 "$top/tests/schema/run" "$top/tests/schema/upstream/sarif-2.1.0.json" "$BATS_TEST_TMPDIR/doc"
	jq -e '.version == "2.1.0" and (.runs | length) == 1' "$BATS_TEST_TMPDIR/doc"
	jq -e '.runs[0].tool.driver | .name and (.rules | length) > 40 and all(.rules[]; .id and .shortDescription.text and .help.text)' "$BATS_TEST_TMPDIR/doc"
	jq -e '.runs[0] as $r | all($r.results[]; .message.text and (.kind == "fail" or .level == "none") and $r.tool.driver.rules[.ruleIndex].id == .ruleId
		and (.locations[0].physicalLocation | .artifactLocation.uri and ((.region.startLine // 1) >= 1)))' "$BATS_TEST_TMPDIR/doc"
}

@test "scan reads what is hostile: a FIFO, a link to nowhere, control characters in a name" {
	incident
	mkfifo "$BATS_TEST_TMPDIR/units/f.service"
	ln -s nowhere "$BATS_TEST_TMPDIR/units/l.service"
	printf '[Service]\nExecStart=/bin/x\nRestart=allways\n' >"$BATS_TEST_TMPDIR/units/"$'e\e[31mvil.service'
	run -1 run_agent scan "$BATS_TEST_TMPDIR/units"
	[[ $output != *$'\e'* ]]
}
