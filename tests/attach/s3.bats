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
	# incompressible, and larger than a part
	head -c 40000000 /dev/urandom >"$T/big.log"; chmod 644 "$T/big.log"
	mkdir -p "$T/agents"
	cat >"$T/agents/big.json" <<-EOF
	{"name": "big", "label": "org.example.big", "scope": "user", "runtime": "native", "command": ["/bin/true"],
	 "owner": {"project": "p", "component": "c", "contact": "x"}, "auth": {"mode": "none"},
	 "lifecycle": {"restart": "manual"}, "logs": {"app": "$T/big.log"}}
	EOF
	chmod 755 "$T/agents"; chmod 644 "$T/agents/big.json"
	SOURCEOS_AGENTS_PATH=$T/agents agent collect big --output "$T/big" >"$T/big.out" 2>&1 || [ $? -eq 3 ]
	big=$(echo "$T"/big/*.tar.zst)
	[ "$(stat -c %s "$big")" -gt 17000000 ] || skip "the evidence came out smaller than a part"
	run -0 agent bundle attach "$big" --to "$T/p.json" --ticket INC-9
	[[ $output == *"the same SHA-256"* ]]
}

@test "S3: an access key that nobody knows, a bucket that is not there" {
	profile secret evidence NOBODY
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *"403"* ]]
	profile secret nowhere
	run ! agent bundle attach "$BUNDLE" --to "$T/p.json" --ticket INC-8
	[[ $output == *"404"* ]]
}
