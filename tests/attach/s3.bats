#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bundle attach to a real S3 server, s3rver from npm ($S3RVER: make check-attach sets it). It does not check SigV4
# signatures, tests/unit/test_upload.c does.
load helper

setup_file() {
	[ -e "${S3RVER-}" ] || { echo "s3rver is missing: make check-attach installs it" >&2; return 1; }
	make_bundle
	export PORT=$(free_port)
	mkdir "$T/s3" "$T/s3/evidence"
	node "$S3RVER" -d "$T/s3" -a 127.0.0.1 -p "$PORT" --silent >"$T/s3.out" 2>&1 3>&- &
	echo $! >"$T/pid"
	wait_for "http://127.0.0.1:$PORT/" $! || { cat "$T/s3.out"; return 1; }
	printf '%s\n' S3RVER >"$T/secret"; chmod 644 "$T/secret"
}

teardown_file() { end_server; }

profile() {
	cat >"$T/p.json" <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "s3", "url": "http://127.0.0.1:$PORT", "bucket": "${2-evidence}", "prefix": "cases/{ticket}",
	 "auth": {"type": "keys", "user": "${3-S3RVER}", "secret": "file:$T/$1"}, "retries": 1}
	EOF
	chmod 644 "$T/p.json"
}

@test "S3: put, signed, read back by hash" {
	profile secret
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-7
	[[ $output == *"/evidence/cases/INC-7/"*"the same SHA-256"* ]]
	run -0 agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-7
	[[ $output == *"was there already"* ]]
}

@test "S3: a large file goes in parts" {
	profile secret
	make_big 60000000
	[ "$(stat -c %s "$BIG")" -gt 50000000 ]
	run -0 agent bundle attach "$BIG" --to "$T/p.json" --ticket INC-9
	[[ $output == *"the same SHA-256"* ]]
	[ ! -e "$BIG.attach.json" ]
}

@test "S3: killed between two parts, the same command goes on with the next one" {
	profile secret
	make_big 60000000
	# the second part is written down by a rename: there it is killed
	WRAP="strace -f -qq -o /dev/null -P $BIG.attach.json -e trace=rename,renameat,renameat2 -e inject=rename,renameat,renameat2:signal=KILL:when=2" \
		run ! agent bundle attach "$BIG" --to "$T/p.json" --ticket INC-10
	[ "$(jq '.etags | length' "$BIG.attach.json")" -ge 1 ]
	run -0 agent bundle attach "$BIG" --to "$T/p.json" --ticket INC-10 --json
	jq -e '.readBack == "hash" and .resumedFrom >= 16777216' <<<"$output"
	[ ! -e "$BIG.attach.json" ]
}

@test "S3: an access key that nobody knows, a bucket that is not there" {
	profile secret evidence NOBODY
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *"403"* ]]
	profile secret nowhere
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *"404"* ]]
}
