#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What bundles say: bundle summary, report, diff, index; and report.html in every bundle.

load helper

setup_file() {
	export T=$(mktemp -d) AGENT=${AGENT_BIN:-$PWD/build/sourceos-agent} ROOT=$PWD
	mkdir "$T/host" "$T/desk" "$T/agents"
	chmod 777 "$T/host" "$T/desk"; chmod 755 "$T" "$T/agents"
	export SOURCEOS_AGENTS_PATH=$T/agents
	# a secret in the declaration, and markup in a log's name
	printf 'started\n' >"$T/host/<img src=x>.log"
	declare_storm localhost/storm:1
	collect a; export A=$(echo "$T"/host/a/*.tar.zst)
	declare_storm localhost/storm:2
	collect b; export B=$(echo "$T"/host/b/*.tar.zst)
}

teardown_file() {
	rm -rf "$T"
}

declare_storm() {
	cat >"$T/agents/storm.json" <<-EOF
	{"name": "storm", "label": "org.example.storm", "scope": "user", "runtime": "podman", "image": "$1",
	 "owner": {"project": "p", "component": "c", "contact": "https://ops:hunter2-Tr0ub4dor@example.org/"}, "auth": {"mode": "none"},
	 "lifecycle": {"restart": "manual"}, "logs": {"app": "$T/host/<img src=x>.log"}}
	EOF
	chmod 644 "$T/agents/storm.json"
}

agent() {
	local who=$1; shift
	local as=
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as env HOME="$T/$who" XDG_STATE_HOME="$T/$who/state" "$AGENT" "$@"
}

collect() { agent host collect storm --output "$T/host/$1" >"$T/out" 2>&1 || [ $? -eq 3 ] || { cat "$T/out"; return 1; }; }

@test "summary: plain and Markdown, bounded, with hash, signer and how to verify" {
	run -0 agent host bundle summary "$A"
	[[ $output == "storm: "* && $output == *"root cause"*"What is missing"*"sha256     $(sha256sum <"$A" | cut -d' ' -f1)"*"trusted as this host"*"bundle verify"*"minisign -Vm"* ]]
	[ ${#output} -lt 6000 ]
	[[ $output != *hunter2* ]]
	# as it stands there it works, beside the bundle and nothing else
	command=$(sed -n 's/^  minisign /minisign /p' <<<"$output")
	[[ $command == *" -P RW"* && $output == *"Compare the key"*"key show"* ]]
	(cd "$T/host/a" && run -0 bash -c "$command")
	run -0 agent desk bundle summary "$A" --unverified
	[[ $output == *"-p host.pub"*"host.pub is the public key"*"key show"* ]]
	run -0 agent host bundle summary "$A" --markdown
	[[ $output == "### storm"* && $output == *"- **root cause:**"* ]]
	run -0 agent host bundle summary "$A" --json
	jq -e '.summary and .verdict' <<<"$output"
}

@test "summary and the rest refuse what is not trusted, sealed, or no bundle" {
	run -4 agent desk bundle summary "$A"
	run -0 agent desk bundle summary "$A" --unverified
	[[ $output == *"NOT trusted"* ]]
	age-keygen 2>/dev/null | age-keygen -y >"$T/host/r"
	age -R "$T/host/r" -o "$T/host/s.age" "$A"; chmod 644 "$T/host/s.age"
	run -2 agent host bundle report "$T/host/s.age" -o -
	[[ $output == *"is sealed"* ]]
	run ! agent host bundle summary "$T/agents/storm.json"
	run -2 agent host bundle diff "$A"
}

@test "report: in every bundle, and made from one; foreign text is text, no secret is in it" {
	run -0 agent host bundle show "$A" report.html
	[[ $output == *"<!DOCTYPE html>"*"Content-Security-Policy"*'href="./records.jsonl"'*"</html>" ]]
	[[ $output != *"<img"* && $output != *hunter2* ]]
	# redaction of the page left the policy whole
	css=$(sed -n 's:.*<style>\(.*\)</style>.*:\1:p' <<<"$output")
	[[ $output == *"sha256-$(printf %s "$css" | openssl dgst -sha256 -binary | base64)'"* ]]
	run -0 agent host bundle report "$A" -o "$T/host/report.html"
	grep -q "SHA-256 $(sha256sum <"$A" | cut -d' ' -f1)" "$T/host/report.html"
	not grep -Eq '<img|hunter2' "$T/host/report.html"
	run -2 agent host bundle report "$A" -o "$T/host/report.html"
	[[ $output == *"already there"* ]]
}

@test "case: who asked and why, in custody, manifest, signature, summary, page and rows; redacted" {
	local note='storms since noon,
	"password=hunter2-Tr0ub4dor" in argv sealed=age'
	agent host collect storm --output "$T/host/c" --case INC-1234 --note "$note" --json >"$T/out" || [ $? -eq 3 ]
	local c=$(echo "$T"/host/c/*.tar.zst)
	jq -e '.case.id == "INC-1234" and (.case.reason | startswith("storms since noon, \"password="))' "$T/out"
	run -0 agent host bundle verify "$c"
	[[ $output == *$'\n'"case INC-1234, captured by "*": storms since noon,"* ]]
	grep -q 'case=INC-1234 operator=[^ ]* reason="storms since noon, .password=REDACTED' "$c.minisig"
	run -0 agent host bundle show "$c" custody.jsonl
	jq -se '.[0] | .action == "case" and .case == "INC-1234" and (.detail | startswith("storms since"))' <<<"$output"
	run -0 agent host bundle show "$c" manifest.json
	echo "$output" >"$T/m.json"
	"$ROOT/tests/validate-json" "$ROOT/docs/formats/manifest.schema.json" "$T/m.json"
	run -0 agent host bundle summary "$c"
	[[ $output == *$'\n'"case       INC-1234"* && $output == *$'\n'"why        storms since noon,"* ]]
	run -0 agent host bundle show "$c" report.html
	[[ $output == *"Case <strong>INC-1234</strong>"* ]]
	run -0 agent host bundle index "$c"
	jq -se 'all(.case == "INC-1234")' <<<"$output"
	# the secret of the note is nowhere
	if zstd -dc "$c" | grep -a hunter2; then false; fi
	not grep hunter2 "$c.minisig"
	# a word and a line: nothing else, and nothing is left behind
	run -2 agent host collect storm --output "$T/host/d" --case "INC 1"
	[[ $output == *"one word"* ]]
	run -2 agent host collect storm --output "$T/host/d" --note "$(printf '%01001d' 0)"
	run -2 agent host collect storm --output "$T/host/d" --note " "
	[ ! -e "$T/host/d" ]
}

@test "diff: what changed, and nothing of the moment" {
	run -0 agent host bundle diff "$A" "$B"
	[[ $output == *"- localhost/storm:1"*"+ localhost/storm:2"* ]]
	[[ $output != *booted* ]]
	run -0 agent host bundle diff "$A" "$A"
	[[ $output == *"nothing that lasts changed"* ]]
	run -0 agent host bundle diff "$A" "$B" --json
	jq -e '.changes | any(.layer == "Agent" and .name == "image" and .before == "localhost/storm:1")' <<<"$output"
}

@test "index: JSON lines of many bundles; one that does not verify is left out and said" {
	agent host bundle index "$A" "$B" >"$T/rows"
	jq -es 'map(.kind) | unique | contains(["artifact", "fact", "finding"])' "$T/rows"
	jq -es 'map(.bundle) | unique | length == 2' "$T/rows"
	jq -es 'all(.agent == "storm" and .signer == "this host")' "$T/rows"
	cp "$A" "$T/host/alone.tar.zst"; chmod 644 "$T/host/alone.tar.zst"
	run -4 --separate-stderr agent host bundle index "$T/host/alone.tar.zst" "$B"
	[[ $stderr == *"left out"* && ${#lines[@]} -gt 5 ]]
}
