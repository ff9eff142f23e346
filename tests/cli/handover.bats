#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# From a signed bundle to another desk and back: bundle seal, open, custody, attach; key untrust, mark, rotate.

bats_require_minimum_version 1.5.0

setup_file() {
	export T=$(mktemp -d) ROOT=$PWD
	export AGENT=$T/sourceos-agent SOURCEOS_AGENTS_PATH=$T/agents.d
	mkdir "$T/desk" "$T/host"
	chmod 777 "$T/desk" "$T/host"; chmod 755 "$T"
	# nobody may not look into /root, where a clone may lie
	cp "${AGENT_BIN:-$PWD/build/sourceos-agent}" "$AGENT"
	cp -r "$PWD/share/sourceos/agents.d" "$T/agents.d"
	agent host collect node-commander --output "$T/host/out" >"$T/collect.out" 2>&1 || [ $? -eq 3 ] || { cat "$T/collect.out"; return 1; }
	export BUNDLE=$(echo "$T"/host/out/*.tar.zst)
	age-keygen -o "$T/desk/age.key" 2>/dev/null; chmod 644 "$T/desk/age.key"
	export READER=$(age-keygen -y "$T/desk/age.key")
	export OTHER=$(age-keygen 2>/dev/null | age-keygen -y)
	cp "$T/host/state/sourceos-agent/keys/host.pub" "$T/desk/"
}

teardown_file() {
	rm -rf "$T"
}

setup() {
	[ ! -e "$T/server.pid" ] || stop_server
}

agent() {
	local who=$1; shift
	local as=
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as env HOME="$T/$who" XDG_STATE_HOME="$T/$who/state" SOME_TOKEN="${SOME_TOKEN-}" PASS="${PASS-}" "$AGENT" "$@"
}

# as whoever owns the desk and the host
as_nobody() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

files() { find "$T/host" "$T/desk" -type f | sort; }

sealed() { agent host bundle seal "$BUNDLE" -r "$READER" -r "$OTHER" -o "$T/host/$1" --case INC-1234 --force; }

@test "seal: age opens it, and what comes out is the bundle" {
	run -0 agent host bundle seal "$BUNDLE" -r "$READER" -r "$OTHER"
	[[ $output == *"$BUNDLE.age"*"can be read by $READER,$OTHER"* ]]
	age -d -i "$T/desk/age.key" "$BUNDLE.age" | cmp - "$BUNDLE"
	[ "$(stat -c %a "$BUNDLE.age")" = 600 ]
	as_nobody minisign -QVm "$BUNDLE.age" -p "$T/host/state/sourceos-agent/keys/host.pub"
	run -2 agent host bundle seal "$BUNDLE" -r "$READER"
	[[ $output == *"already there"* ]]
}

@test "open: what age sealed, and what we sealed" {
	as_nobody age -r "$READER" -o "$T/desk/its.age" "$BUNDLE"
	run -0 agent desk bundle open "$T/desk/its.age" -i "$T/desk/age.key"
	cmp "$T/desk/its" "$BUNDLE"
	run -0 sealed o.age
	run -0 agent host bundle open "$T/host/o.age" -i "$T/desk/age.key" --json
	jq -e --arg r "$READER" '.by == $r' <<<"$output"
}

@test "seal and open with a passphrase from a file or the environment; age opens it too" {
	printf 'correct horse\n' >"$T/host/pass"; chmod 644 "$T/host/pass"
	run -0 agent host bundle seal "$BUNDLE" --passphrase "file:$T/host/pass" -o "$T/host/p.age"
	PASS='correct horse' run -0 agent host bundle open "$T/host/p.age" --passphrase env:PASS
	cmp "$T/host/p" "$BUNDLE"
	rm "$T/host/p"
	PASS='wrong' run ! agent host bundle open "$T/host/p.age" --passphrase env:PASS
	[ ! -e "$T/host/p" ]
	# age asks on a terminal
	run -0 "$ROOT/tests/cli/pty" 'correct horse' -- age -d -o "$T/p.out" "$T/host/p.age"
	cmp "$T/p.out" "$BUNDLE"
	run -2 agent host bundle seal "$BUNDLE" --passphrase "correct horse" -o "$T/host/x.age"
	[[ $output != *horse* ]]
}

# on_terminal WHO ANSWER… -- ARG…: the agent on a terminal
on_terminal() {
	local who=$1 as= answers=(); shift
	while [ "$1" != -- ]; do answers+=("$1"); shift; done
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	"$ROOT/tests/cli/pty" "${answers[@]}" -- $as env HOME="$T/$who" XDG_STATE_HOME="$T/$who/state" "$AGENT" "${@:2}"
}

@test "a passphrase on the terminal: not shown, twice for a new one; the terminal is as before, whatever happens" {
	run -0 on_terminal host 'correct horse' 'correct horse' -- bundle seal "$BUNDLE" --passphrase ask -o "$T/host/t.age"
	[[ $output == *"New passphrase for ${BUNDLE##*/}: "*"The same again: "*"whoever has the passphrase"* && $output != *horse* ]]
	run -0 "$ROOT/tests/cli/pty" 'correct horse' -- age -d -o "$T/t.out" "$T/host/t.age"
	cmp "$T/t.out" "$BUNDLE"
	# opening asks by itself
	run -0 on_terminal host 'correct horse' -- bundle open "$T/host/t.age"
	cmp "$T/host/t" "$BUNDLE"
	rm "$T/host/t"
	as_nobody cp "$BUNDLE.minisig" "$T/host/t.minisig"
	run -0 on_terminal host 'correct horse' -- bundle verify "$T/host/t.age" --passphrase ask
	[[ $output == *"opened as passphrase"* ]]
	# and what age sealed
	run -0 "$ROOT/tests/cli/pty" 'battery staple' 'battery staple' -- age -p -o "$T/its.age" "$BUNDLE"
	chmod 644 "$T/its.age"
	run -0 on_terminal host 'battery staple' -- bundle open "$T/its.age" -o "$T/host/its"
	cmp "$T/host/its" "$BUNDLE"
	files >"$T/before"
	run -2 on_terminal host 'correct horse' 'correct house' -- bundle seal "$BUNDLE" --passphrase ask -o "$T/host/n.age"
	[[ $output == *"not the same"* ]]
	run -2 on_terminal host '' -- bundle seal "$BUNDLE" --passphrase ask -o "$T/host/n.age"
	[[ $output == *"nothing was typed"* ]]
	run -130 on_terminal host '^C' -- bundle seal "$BUNDLE" --passphrase ask -o "$T/host/n.age"
	run -143 on_terminal host 'correct horse' 'kill TERM' -- bundle seal "$BUNDLE" --passphrase ask -o "$T/host/n.age"
	run ! on_terminal host 'wrong' -- bundle open "$T/host/t.age"
	[[ $output == *"wrong passphrase"* || $output == *"passphrase"* ]]
	run -2 agent host bundle seal "$BUNDLE" --passphrase ask -r "$READER" -o "$T/host/n.age"
	[[ $output == *"both"* ]]
	# no terminal to ask on
	run -2 setsid --wait env HOME="$T/host" XDG_STATE_HOME="$T/host/state" "$AGENT" bundle open "$T/host/t.age"
	[[ $output == *"no terminal"* ]]
	files | diff "$T/before" -
}

@test "a passphrase: cut, damaged, and a file that asks for more work than we do" {
	PASS='correct horse' run -0 agent host bundle seal "$BUNDLE" --passphrase env:PASS -o "$T/host/w.age"
	head -c -1 "$T/host/w.age" >"$T/host/wcut.age"; head -c 60 "$T/host/w.age" >"$T/host/whead.age"
	sed '2s/ 18$/ 31/' "$T/host/w.age" >"$T/host/wmuch.age"
	chmod 644 "$T"/host/w*.age
	files >"$T/before"
	PASS='correct horse' run -4 agent host bundle open "$T/host/wcut.age" --passphrase env:PASS
	PASS='correct horse' run ! agent host bundle open "$T/host/whead.age" --passphrase env:PASS
	PASS='correct horse' run -3 agent host bundle open "$T/host/wmuch.age" --passphrase env:PASS
	[[ $output == *"work factor 31"* ]]
	PASS='' run -2 agent host bundle open "$T/host/w.age" --passphrase env:PASS
	files | diff "$T/before" -
}

@test "seal fails closed: no output of any kind, whatever is wrong" {
	cp "$BUNDLE" "$T/host/bad.tar.zst"; cp "$BUNDLE.minisig" "$T/host/bad.tar.zst.minisig"; printf x >>"$T/host/bad.tar.zst"
	chmod 644 "$T"/host/bad*
	files >"$T/before"
	run -2 agent host bundle seal "$BUNDLE" -o "$T/host/n.age"
	[[ $output == *"for whom"* ]]
	run -2 agent host bundle seal "$BUNDLE" -r "${READER%?}q" -o "$T/host/n.age"
	[[ $output == *"a character is wrong"* ]]
	run -2 agent host bundle seal "$BUNDLE" -r "ssh-ed25519 AAAA" -o "$T/host/n.age"
	[[ $output == *"SSH keys"* ]]
	secret=$(grep SECRET "$T/desk/age.key")
	run -2 agent host bundle seal "$BUNDLE" -r "$secret" -o "$T/host/n.age"
	[[ $output == *"secret key"* ]]
	run -4 agent host bundle seal "$T/host/bad.tar.zst" -r "$READER" -o "$T/host/n.age"
	[[ $output == *"is not sealed"* ]]
	run -4 agent desk bundle seal "$BUNDLE" -r "$READER" -o "$T/desk/n.age"
	run ! agent host bundle seal "$BUNDLE" -r "$READER" -o "$T/host/none/n.age"
	files | diff "$T/before" -
}

@test "open fails closed: damaged, cut, armored, for others" {
	run -0 sealed s.age
	as_nobody age -a -r "$READER" -o "$T/host/armored.age" "$BUNDLE"
	as_nobody age -r "$OTHER" -o "$T/host/others.age" "$BUNDLE"
	head -c -1 "$T/host/s.age" >"$T/host/cut.age"
	cp "$T/host/s.age" "$T/host/damaged.age"; printf changed! | dd of="$T/host/damaged.age" bs=1 seek=2000 conv=notrunc status=none
	chmod 644 "$T"/host/*.age
	files >"$T/before"
	run -4 agent host bundle open "$T/host/cut.age" -i "$T/desk/age.key"
	run -4 agent host bundle open "$T/host/damaged.age" -i "$T/desk/age.key"
	run ! agent host bundle open "$T/host/armored.age" -i "$T/desk/age.key"
	[[ $output == *armored* ]]
	run ! agent host bundle open "$T/host/others.age" -i "$T/desk/age.key"
	[[ $output == *"none of the 1 given identities"* ]]
	run ! agent host bundle open "$BUNDLE" -i "$T/desk/age.key" -o "$T/host/x"
	[[ $output == *"not an age file"* ]]
	files | diff "$T/before" -
}

@test "verify of a sealed bundle: both layers, who vouches, who can read" {
	run -0 sealed v.age
	run -0 agent host bundle verify "$T/host/v.age"
	[[ $output == *"2 recipients can open it"*"trusted as this host"*"sealed for $READER,$OTHER"*"the sealed layer holds" ]]
	[[ $output == *"custody, "*"sealed"*"case INC-1234"* ]]
	as_nobody cp "$BUNDLE.minisig" "$T/host/v.minisig"
	run -0 agent host bundle verify "$T/host/v.age" -i "$T/desk/age.key"
	[[ $output == *"opened as $READER"*"both layers hold" ]]
	[ ! -e "$T/host/v" ]
	run -0 agent host bundle verify "$T/host/v.age" -i "$T/desk/age.key" --json
	jq -e '.holds and .inner == "holds" and .sealed.recipients == 2 and (.custody | length) >= 1' <<<"$output"
	# a stranger sees the layers and trusts neither
	run -4 agent desk bundle verify "$T/host/v.age"
	[[ $output == *"nobody here trusts"* ]]
	printf changed! | as_nobody dd of="$T/host/v.age" bs=1 seek=2000 conv=notrunc status=none
	run -4 agent host bundle verify "$T/host/v.age"
}

@test "seal says what must be sent, and the receiver's commands work with it, or say what was not sent" {
	PASS='correct horse' run -0 agent host bundle seal "$BUNDLE" --passphrase env:PASS -o "$T/host/w2.age" --force
	[[ $output == *"send along: $T/host/w2.age.minisig"*"send along: $BUNDLE.minisig, for what is inside; as w2.minisig"*"public key: $T/host/state/sourceos-agent/keys/host.pub"*"bundle open w2.age"* ]]
	PASS='correct horse' run -0 agent host bundle seal "$BUNDLE" --passphrase env:PASS -o "$T/host/w3.age" --json
	jq -e --arg b "$BUNDLE" '.innerSignature == $b + ".minisig" and (.publicKey | endswith("/host.pub"))' <<<"$output"
	# the sealed file and its signature alone
	as_nobody mkdir "$T/desk/clean"; as_nobody cp "$T"/host/w2.age "$T/host/w2.age.minisig" "$T/desk/clean/"
	PASS='correct horse' run -0 agent desk bundle open "$T/desk/clean/w2.age" --passphrase env:PASS
	[[ $output == *"the signature of what was inside is not here"*"save it as $T/desk/clean/w2.minisig"*"bundle verify $T/desk/clean/w2"*"who sealed it can be checked already"*"bundle verify $T/desk/clean/w2.age"* ]]
	run -0 agent desk bundle verify "$T/desk/clean/w2.age" -p "$T/desk/host.pub"
	[[ $output == *"--passphrase ask opens and verifies it too"* ]]
	PASS='correct horse' run -4 agent desk bundle verify "$T/desk/clean/w2.age" --passphrase env:PASS -p "$T/desk/host.pub"
	[[ $output == *"the signature of the bundle inside is not here; ask for it"*"w2.minisig"*"the sealed layer holds; what is inside is not verified" ]]
	# sent after all; opened under another name
	as_nobody cp "$BUNDLE.minisig" "$T/desk/clean/w2.minisig"
	PASS='correct horse' run -0 agent desk bundle verify "$T/desk/clean/w2.age" --passphrase env:PASS -p "$T/desk/host.pub"
	PASS='correct horse' run -0 agent desk bundle open "$T/desk/clean/w2.age" --passphrase env:PASS -o "$T/desk/clean/o.tar.zst"
	[[ $output == *"now: "*"bundle verify $T/desk/clean/o.tar.zst --signature $T/desk/clean/w2.minisig"* ]]
	run -0 agent desk bundle verify "$T/desk/clean/o.tar.zst" --signature "$T/desk/clean/w2.minisig" -p "$T/desk/host.pub"
	# not even who sealed it
	as_nobody rm "$T/desk/clean/w2.age.minisig" "$T/desk/clean/w2.minisig" "$T/desk/clean/w2"
	PASS='correct horse' run -0 agent desk bundle open "$T/desk/clean/w2.age" --passphrase env:PASS
	[[ $output == *"ask for $T/desk/clean/w2.age.minisig as well"* ]]
}

@test "what reads a bundle says that it is sealed, and how to open it" {
	run -0 sealed l.age
	for verb in "bundle list" "bundle summary" "status --from" "doctor --from"; do
		run -2 agent host $verb "$T/host/l.age"
		[[ $output == *"$T/host/l.age is sealed; open it first: "*" bundle open $T/host/l.age" ]]
	done
	run -2 agent host bundle extract "$T/host/l.age" "$T/host/l.d"
	[[ $output == *"is sealed; open it first"* && ! -e $T/host/l.d ]]
}

@test "custody: each hand signs; verify shows it; a changed line is exit 4" {
	run -0 sealed c.age
	# another person, another key
	as_nobody cp "$T/host/c.age" "$T/host/c.age.custody.jsonl" "$T/host/c.age.minisig" "$T/desk/"
	run -0 agent desk bundle custody "$T/desk/c.age" --add received --case INC-1234 --note "by mail, password=hunter2-Tr0ub4dor"
	[[ $output == *"sealed"*"not trusted here"*"received"*": by mail, password=REDACTED_"*"trusted as this host"* ]]
	run -0 agent desk bundle open "$T/desk/c.age" -i "$T/desk/age.key"
	run -0 agent desk bundle custody "$T/desk/c.age" --json
	jq -e 'map(.action) == ["sealed", "received", "opened"] and all(.signed)' <<<"$output"
	as_nobody sed -i '2s/by mail/by hand/' "$T/desk/c.age.custody.jsonl"
	run -4 agent desk bundle custody "$T/desk/c.age"
	[[ $output == *"line 2"* ]]
	run -4 agent desk bundle verify "$T/desk/c.age" -p "$T/desk/host.pub"
	[[ $output == *"line 2"* ]]
	run -2 agent desk bundle custody "$T/desk/c.age" --add stolen
}

@test "key mark: what a leaked key signed since then does not verify, and verify says why" {
	run -0 agent desk key trust the-mac "$T/desk/host.pub"
	run -0 agent desk bundle verify "$BUNDLE"
	run -0 agent desk key mark the-mac leaked --since 2020-01-01 --note "laptop stolen"
	[[ $output == *"marked leaked"* ]]
	run -4 agent desk bundle verify "$BUNDLE"
	[[ $output == *"marked leaked since 2020-01-01T00:00:00Z (laptop stolen)"* ]]
	run -4 agent desk bundle verify "$BUNDLE" -p "$T/desk/host.pub"
	run -0 agent desk key mark the-mac leaked --since 2099-01-01
	run -0 agent desk bundle verify "$BUNDLE"
	[[ $output == *"note: "*"compare with the custody"* ]]
	run -0 agent desk key mark the-mac good
	run -0 agent desk key untrust the-mac
	run -4 agent desk bundle verify "$BUNDLE"
	run -2 agent desk key untrust the-mac
	run -2 agent desk key mark nobody leaked
	[[ $output == *"no key here has this name, id or fingerprint: \"nobody\"" ]]
	run -2 agent desk key mark the-mac stolen
}

@test "key rotate: old bundles stay verifiable, new ones are signed with the new key" {
	mkdir -m 777 "$T/rot"
	run -3 agent rot collect node-commander --output "$T/rot/a"
	old=$(echo "$T"/rot/a/*.tar.zst)
	run -0 agent rot key rotate --quiet
	[[ $output == *"this host"*"marked replaced"* ]]
	run -0 agent rot bundle verify "$old"
	[[ $output == *"replaced"* ]]
	run -3 agent rot collect node-commander --output "$T/rot/b"
	run -0 agent rot bundle verify "$T"/rot/b/*.tar.zst
	[[ $output == *"trusted as this host"* ]]
	k=$T/rot/state/sourceos-agent/keys
	as_nobody minisign -QVm "$k/host.pub" -p "$k"/trusted.d/host-*.pub
}

@test "collect and seal say that this host's key is marked, and what makes a new one" {
	mkdir -m 777 "$T/lost"
	run -0 agent lost key generate
	run -3 --separate-stderr agent lost collect node-commander --output "$T/lost/a"
	[[ $stderr != *"is marked"* ]]
	run -0 agent lost key mark "this host" lost
	run -3 --separate-stderr agent lost collect node-commander --output "$T/lost/b"
	[[ $stderr == *"this host's key is marked lost since "*"will not be trusted"*"key rotate"* ]]
	[ "$(grep -c 'is marked' <<<"$stderr")" = 1 ]
	run -4 agent lost bundle verify "$T"/lost/b/*.tar.zst
	run -0 agent lost bundle seal "$T"/lost/a/*.tar.zst -r "$READER" --unverified
	[[ $output == *"is marked lost"* ]]
	run -0 agent lost key rotate
	run -3 agent lost collect node-commander --output "$T/lost/c"
	[[ $output != *"is marked"* ]]
	run -0 agent lost bundle verify "$T"/lost/c/*.tar.zst
	# what it signed while it was lost stays untrusted
	run -4 agent lost bundle verify "$T"/lost/b/*.tar.zst
}

# ---- attach ----

start_server() {
	mkfifo "$T/server.in"
	/usr/bin/python3 "$ROOT/tests/attach/server.py" <"$T/server.in" >"$T/server.out" 3>&- &
	echo $! >"$T/server.pid"
	exec 9>"$T/server.in"
	until [ -s "$T/server.out" ]; do kill -0 "$(cat "$T/server.pid")" || return 1; done
	PORT=$(head -1 "$T/server.out")
}

stop_server() {
	exec 9>&- 2>/dev/null || true
	kill "$(cat "$T/server.pid")" 2>/dev/null || true
	rm -f "$T/server.pid" "$T/server.in" "$T/server.out"
}

teardown() {
	[ ! -e "$T/server.pid" ] || stop_server
}

profile() {
	cat >"$T/desk/$1.json"
	chmod 644 "$T/desk/$1.json"
}

@test "attach: a bundle with its signature to a URL, read back, and into the chain" {
	start_server
	run -0 agent host bundle attach "$BUNDLE" --to "http://127.0.0.1:$PORT/in/" --dry-run
	[[ $output == *"would attach"* ]]
	run ! grep -q '"PUT"' "$T/server.out"
	run -0 agent host bundle attach "$BUNDLE" --to "http://127.0.0.1:$PORT/in/"
	[[ $output == *"the same SHA-256"* ]]
	[ "$(grep -c '"PUT"' "$T/server.out")" -ge 2 ]
	run -0 agent host bundle attach "$BUNDLE" --to "http://127.0.0.1:$PORT/in/" --json
	jq -e '.already' <<<"$output"
	run -0 agent host bundle custody "$BUNDLE"
	[[ $output == *"attached"*"to http://127.0.0.1:"* ]]
}

@test "custody: collected, sealed, attached, received and opened are one chain, by two keys; verify shows it" {
	start_server
	cp "$BUNDLE" "$T/host/five.tar.zst"; cp "$BUNDLE.minisig" "$T/host/five.tar.zst.minisig"; chmod 644 "$T"/host/five.*
	run -0 agent host bundle custody "$T/host/five.tar.zst" --add collected --case INC-5
	run -0 agent host bundle seal "$T/host/five.tar.zst" -r "$READER" --case INC-5
	run -0 agent host bundle attach "$T/host/five.tar.zst.age" --to "http://127.0.0.1:$PORT/in/"
	# the signature of what is inside goes along: whoever opens it verifies with that
	grep -q '"PUT".*five.tar.zst.minisig' "$T/server.out"
	as_nobody cp "$T"/host/five.tar.zst.age* "$T/host/five.tar.zst.minisig" "$T/desk/"
	run -0 agent desk bundle custody "$T/desk/five.tar.zst.age" --add received --note "by download"
	run -0 agent desk bundle open "$T/desk/five.tar.zst.age" -i "$T/desk/age.key"
	run -0 agent desk bundle custody "$T/desk/five.tar.zst.age" --json
	jq -e 'map(.action) == ["collected", "sealed", "attached", "received", "opened"] and all(.signed) and (map(.keyId) | unique | length == 2)' <<<"$output"
	run -0 agent desk bundle verify "$T/desk/five.tar.zst.age" -p "$T/desk/host.pub" -i "$T/desk/age.key"
	[[ $output == *"5 hands"*collected*sealed*attached*received*opened*"both layers hold" ]]
	# a line taken out of the middle is told
	as_nobody sed -i 3d "$T/desk/five.tar.zst.age.custody.jsonl"
	run -4 agent desk bundle verify "$T/desk/five.tar.zst.age" -p "$T/desk/host.pub" -i "$T/desk/age.key"
}

@test "attach: refuses what does not verify, and a sealed file that nobody vouched for" {
	start_server
	cp "$BUNDLE" "$T/host/b2.tar.zst"; chmod 644 "$T/host/b2.tar.zst"
	run -4 agent host bundle attach "$T/host/b2.tar.zst" --to "http://127.0.0.1:$PORT/in/"
	[[ $output == *"not attached"* ]]
	run -4 agent desk bundle attach "$BUNDLE" --to "http://127.0.0.1:$PORT/in/"
	as_nobody age -r "$READER" -o "$T/host/foreign.age" "$BUNDLE"
	run -4 agent host bundle attach "$T/host/foreign.age" --to "http://127.0.0.1:$PORT/in/"
	run -0 agent host bundle seal "$T/host/b2.tar.zst" --unverified -r "$READER"
	[[ $output == *"not signed"* ]]
	run -4 agent host bundle attach "$T/host/b2.tar.zst.age" --to "http://127.0.0.1:$PORT/in/"
	[ "$(grep -c '"PUT"' "$T/server.out")" = 0 ]
	run -0 sealed a.age
	run -0 agent host bundle attach "$T/host/a.age" --to "http://127.0.0.1:$PORT/in/"
}

@test "attach: profiles, tickets, secrets from the environment and never printed" {
	start_server
	profile jira <<-EOF
	{"schema": "sourceos.attach-profile.v1", "type": "jira", "url": "http://127.0.0.1:$PORT", "auth": {"type": "bearer", "secret": "env:SOME_TOKEN"}}
	EOF
	"$ROOT/tests/validate-json" "$ROOT/docs/formats/attach-profile.schema.json" "$T/desk/jira.json"
	SOME_TOKEN=hunter2 run -0 agent host bundle attach "$BUNDLE" --to "$T/desk/jira.json" --ticket INC-7 -v
	[[ $output == *"/content/0"* && $output != *hunter2* ]]
	grep -q 'Bearer hunter2' "$T/server.out"
	SOME_TOKEN=hunter2 run ! agent host bundle attach "$BUNDLE" --to "$T/desk/jira.json" --ticket INC-8
	[[ $output == *"no ticket INC-8"* ]]
	run -2 agent host bundle attach "$BUNDLE" --to "$T/desk/jira.json" --ticket INC-7
	[[ $output == *"SOME_TOKEN is"* ]]
	run -2 agent host bundle attach "$BUNDLE" --to nowhere --ticket INC-7
	[[ $output == *"attach.d/nowhere.json"* ]]
	run -2 agent host bundle attach "$BUNDLE" --to http://example.org/in/
	[[ $output == *"use https"* ]]
	run -2 agent host bundle attach "$BUNDLE" --to "https://u:hunter2@example.org/"
	[[ $output != *hunter2* ]]
}
