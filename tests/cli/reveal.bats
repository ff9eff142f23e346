#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bundles with the operator's words and with pseudonyms; reveal on the host that made them, and elsewhere.
bats_require_minimum_version 1.5.0

SECRET=hunter2-Tr0ub4dor

setup_file() {
	export AGENT=${AGENT_BIN:-$PWD/build/sourceos-agent} T=$(mktemp -d) SECRET
	chmod 755 "$T"; mkdir "$T/host" "$T/desk" "$T/agents" "$T/config"; chmod 777 "$T/host" "$T/desk"; chmod 755 "$T/agents"
	export SOURCEOS_AGENTS_PATH=$T/agents
	printf 'connect from 10.9.8.7 password=%s\nproject Nighthawk for nobody\n' "$SECRET" >"$T/host/app.log"
	chmod 666 "$T/host/app.log"
	cat >"$T/agents/storm.json" <<-END
	{"name": "storm", "label": "org.example.storm", "scope": "user", "runtime": "podman", "image": "localhost/storm:1", "auth": {"mode": "none"},
	 "owner": {"project": "p", "component": "c", "contact": "ops@example.org"}, "lifecycle": {"restart": "manual"}, "logs": {"app": "$T/host/app.log"}}
	END
	chmod 644 "$T/agents/storm.json"
	echo nighthawk >"$T/words"; chmod 644 "$T/words"
	agent host collect storm --also-redact "$T/words" --output "$T/host/a" >"$T/out" 2>&1 || [ $? -eq 3 ]
	agent host collect storm --pseudonymize --output "$T/host/b" >"$T/out" 2>&1 || [ $? -eq 3 ]
	export A=$(echo "$T"/host/a/*.tar.zst) B=$(echo "$T"/host/b/*.tar.zst)
}

teardown_file() { rm -rf "$T"; }

agent() {
	local who=$1 as=; shift
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as env HOME="$T/$who" XDG_STATE_HOME="$T/$who/state" XDG_CONFIG_HOME="$T/config" "$AGENT" "$@"
}
text() { zstd -dqc "$1" | tar xO --wildcards '*/app.log'; }

@test "collect --also-redact: the word is nowhere in the bundle, in any letter case" {
	zstd -dqc "$A" >"$T/tar"
	run ! grep -aiq nighthawk "$T/tar"
	run ! grep -aq "$SECRET" "$T/tar"
	[[ $(text "$A") == *"project REDACTED_operatorWord_"* ]]
	# what it is told is kept for a run that goes on
	[ "$(stat -c %a "${A%.tar.zst}/private/also-redact.words")" = 600 ]
}

@test "collect: a rule of redact.d that does not hold stops it, and leaves nothing" {
	mkdir -p "$T/config/sourceos/redact.d"; echo '{"rules":[{"class":"x"}]}' >"$T/config/sourceos/redact.d/x.json"; chmod -R a+rX "$T/config"
	run -2 agent host collect storm --output "$T/host/c"
	[[ $output == *redact.d/x.json* ]]
	[ -z "$(ls "$T/host/c")" ]
	rm -r "$T/config/sourceos"
}

@test "collect --pseudonymize: no name and no address leaves; the map stays, and translate turns a reply back" {
	zstd -dqc "$B" >"$T/tar"
	run ! grep -aq -e 10.9.8.7 "$T/tar"
	line=$(text "$B")
	[[ $line == *"from REDACTED_address_"* && $line != *nobody* ]] || [ "$(id -u)" -ne 0 ]
	map=${B%.tar.zst}/private/pseudonyms.jsonl
	[ "$(stat -c %a "$map")" = 600 ]
	run ! tar tf "$T/tar" --wildcards '*pseudonyms*'
	# its evidence lies elsewhere: said with --evidence
	agent host translate --evidence "${B%.tar.zst}" - <<<"$line" >"$T/reply" || true
	[[ $(cat "$T/reply") == *"connect from 10.9.8.7"* ]]
	run -3 agent desk translate - <<<"$line"
	[[ $output == *"not known on this host"* ]]
	# off by default
	[[ $(text "$A") == *"from 10.9.8.7"* ]]
	[ ! -e "${A%.tar.zst}/private/pseudonyms.jsonl" ]
}

@test "translate: with bundles among the evidence of this host, whose maps it finds by itself" {
	run -3 agent host collect storm --pseudonymize
	bundle=$(echo "$T"/host/state/sourceos-agent/evidence/*.tar.zst)
	run -0 --separate-stderr agent host translate - <<<"$(text "$bundle")"
	[[ $output == *"connect from 10.9.8.7"* ]]
	agent host redact --pseudonymize "$T/host/app.log" -o "$T/host/clean.log"
	run -0 --separate-stderr agent host translate "$T/host/clean.log"
	[[ $output == *"connect from 10.9.8.7"* ]]
}

@test "reveal: from the host's own sources, by bundle or directory; the value is written nowhere" {
	token=$(text "$A" | grep -o 'password=REDACTED_[A-Za-z]*_[0-9a-f]*' | cut -d= -f2)
	run -0 --separate-stderr agent host reveal "$A" "$token"
	[ "$output" = "$SECRET" ]
	run -0 --separate-stderr agent host reveal "${A%.tar.zst}" "$token"
	[ "$output" = "$SECRET" ]
	run ! grep -rq "$SECRET" "$T/host/state" "$T/host/a"
	address=$(text "$B" | grep -o 'REDACTED_address_[0-9a-f]*' | head -1)
	run -0 --separate-stderr agent host reveal "$B" "$address"
	[ "$output" = 10.9.8.7 ]
	# a token of another bundle has another key
	run -3 agent host reveal "$B" "$token"
	[[ $output != *"$SECRET"* ]]
}

@test "reveal: elsewhere there is no key, and that is said" {
	token=$(text "$A" | grep -o 'password=REDACTED_[A-Za-z]*_[0-9a-f]*' | cut -d= -f2)
	cp "$A" "$T/desk/x.tar.zst"; chmod 644 "$T/desk/x.tar.zst"
	run -3 agent desk reveal "$T/desk/x.tar.zst" "$token"
	[[ $output == *"stayed on the host that made the bundle"* && $output != *"$SECRET"* ]]
	[ "$(id -u)" -eq 0 ] || skip "needs a second user"
	run -3 setpriv --reuid=65533 --regid=65533 --clear-groups env HOME=/nonexistent XDG_STATE_HOME="$T/desk" "$AGENT" reveal "${A%.tar.zst}" "$token"
	[[ $output != *"$SECRET"* ]]
}

@test "reveal: what rotated away since is said to be gone" {
	token=$(text "$A" | grep -o 'password=REDACTED_[A-Za-z]*_[0-9a-f]*' | cut -d= -f2)
	mv "$T/host/app.log" "$T/host/kept"
	run -3 agent host reveal "$A" "$token"
	mv "$T/host/kept" "$T/host/app.log"
	[[ $output == *"nothing on this host has that token any more"* ]]
}
