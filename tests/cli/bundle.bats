#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bundle verify, list, show, extract and key show, generate, trust, on a bundle that collect makes here.

bats_require_minimum_version 1.5.0

setup_file() {
	export T=$(mktemp -d) ROOT=$PWD
	export AGENT=$T/sourceos-agent SOURCEOS_AGENTS_PATH=$T/agents.d
	mkdir "$T/desk" "$T/host"
	chmod 777 "$T/desk" "$T/host"; chmod 755 "$T"
	# nobody may not look into /root, where a clone may lie
	cp "${AGENT_BIN:-$PWD/build/sourceos-agent}" "$AGENT"
	cp -r "$PWD/share/sourceos/agents.d" "$T/agents.d"
	# whatever the host has, something is captured, and what is missing is a gap
	agent host collect node-commander --output "$T/host/out" >"$T/collect.out" 2>&1 || [ $? -eq 3 ] || { cat "$T/collect.out"; return 1; }
	export BUNDLE=$(echo "$T"/host/out/*.tar.zst)
	# the desk got the two files and the host's public key
	cp "$BUNDLE" "$BUNDLE.minisig" "$T/host/state/sourceos-agent/keys/host.pub" "$T/desk"
	export GOT=$T/desk/${BUNDLE##*/}
	chmod 644 "$GOT" "$GOT.minisig"
}

teardown_file() {
	rm -rf "$T"
}

# agent WHO ARG…: as the user "host" or "desk", each with a state directory of its own and without root's
agent() {
	local who=$1; shift
	local as=
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as env HOME="$T/$who" XDG_STATE_HOME="$T/$who/state" "$AGENT" "$@"
}

@test "verify: gaps come before files, files before the signer; everything holds" {
	run -0 agent host bundle verify "$BUNDLE"
	[[ ${lines[0]} == node-commander,\ collect\ of* ]]
	[[ ${lines[1]} == *gap* ]]
	[[ $output == *gap*files:*"ok "*"manifest=sha256:"*"everything holds" ]]
	[[ $output == *"trusted as this host"* ]]
}

@test "verify: an evidence directory" {
	run -0 agent host bundle verify "${BUNDLE%.tar.zst}"
	[[ $output == *"nobody signed it"*"everything holds"* ]]
}

@test "verify --json is one document that says the same" {
	run -0 agent host bundle verify "$BUNDLE" --json
	jq -e '.holds and .signature.state == "trusted" and (.files | length > 3) and all(.files[]; .state == "ok") and (.problems == [])' <<<"$output"
}

@test "verify: a key that is not trusted is exit 4, and names the key; -p or key trust make it 0" {
	run -4 agent desk bundle verify "$GOT"
	[[ $output == *"nobody here trusts"* && $output == *"does NOT hold"* ]]
	run -0 agent desk bundle verify "$GOT" -p "$T/desk/host.pub"
	run -0 agent desk bundle verify "$GOT" --key="$(sed -n 2p "$T/desk/host.pub")"
	run -0 agent desk key trust the-mac "$T/desk/host.pub"
	run -0 agent desk bundle verify "$GOT"
	[[ $output == *"trusted as the-mac"* ]]
	run -0 agent desk key show --json
	jq -e '.keys[0].name == "the-mac"' <<<"$output"
}

@test "verify: a changed bundle is exit 4 and the file is named" {
	run -0 zstd -dqo "$T/desk/t.tar" "$GOT"
	# one byte of a payload
	sed 's/"schemaVersion": "sourceos.redactions.v1"/"schemaVersion": "sourceos.redactionz.v1"/' "$T/desk/t.tar" | zstd -q >"$T/desk/bad.tar.zst"
	cp "$GOT.minisig" "$T/desk/bad.tar.zst.minisig"
	run -4 agent desk bundle verify "$T/desk/bad.tar.zst" -p "$T/desk/host.pub"
	[[ $output == *"redactions.json was changed"* && $output == *"does not hold"* ]]
	run -4 agent desk bundle list "$T/desk/bad.tar.zst" -p "$T/desk/host.pub"
	run -4 agent desk bundle show "$T/desk/bad.tar.zst" redactions.json --unverified
	[[ $output != *redactionz* ]]
}

@test "verify: without a signature is exit 4; a missing file is not a verdict" {
	cp "$GOT" "$T/desk/alone.tar.zst"
	run -4 agent desk bundle verify "$T/desk/alone.tar.zst"
	[[ $output == *"there is no signature"* ]]
	run -0 agent desk bundle list "$T/desk/alone.tar.zst" --unverified
	run -3 agent desk bundle verify "$T/desk/none.tar.zst"
	[[ $output == *"cannot open the bundle"* ]]
	run -3 agent desk bundle verify "$GOT" --signature "$T/desk/none.minisig"
}

@test "list and show agree with the manifest" {
	run -0 agent host bundle list "$BUNDLE" --json
	jq -e '.records | any(.key == "fact/host")' <<<"$output"
	run -0 agent host bundle show "$BUNDLE" manifest.json
	jq -e '.agent == "node-commander"' <<<"$output"
	# by the key of a record
	run -0 agent host bundle show "$BUNDLE" fact/host
	jq -e '.platform' <<<"$output"
	run -2 agent host bundle show "$BUNDLE" ../private/redaction.key
	run -2 agent host bundle show "${BUNDLE%.tar.zst}" private/redaction.key
}

@test "extract gives what sha256sum accepts, and never over anything" {
	run -0 agent desk bundle extract "$GOT" "$T/desk/x" -p "$T/desk/host.pub"
	(cd "$T/desk/x" && sha256sum -c --quiet --strict SHA256SUMS)
	[ ! -e "$T/desk/x/private" ]
	run -2 agent desk bundle extract "$GOT" "$T/desk/x" -p "$T/desk/host.pub"
	[[ $output == *"not empty"* ]]
}

@test "a terminal gets no control characters, a pipe gets the bytes" {
	mkdir "$T/agents"
	printf 'before\033[31mred\n' >"$T/host/esc.log"
	cat >"$T/agents/esc.json" <<-EOF
	{"name": "esc", "label": "org.example.esc", "scope": "user", "runtime": "native", "command": ["/bin/true"],
	 "owner": {"project": "p", "component": "c", "contact": "x"}, "auth": {"mode": "none"},
	 "lifecycle": {"restart": "manual"}, "logs": {"app": "$T/host/esc.log"}}
	EOF
	SOURCEOS_AGENTS_PATH=$T/agents run -3 agent host collect esc --output "$T/host/esc" --json
	dir=$(jq -r .directory <<<"$output")
	agent host bundle show "$dir" logs/esc.log >"$T/piped"
	cmp "$T/piped" "$T/host/esc.log"
	run -0 script -qec "$(declare -f agent); T=$T AGENT=$AGENT; agent host bundle show '$dir' logs/esc.log" /dev/null
	[[ $output == *'before\x1b[31mred'* && $output != *$'\033'* ]]
}

@test "key generate makes the host's key once, 0600" {
	mkdir -m 777 "$T/new"
	run -0 agent new key generate
	[ "$(stat -c %a "$T/new/state/sourceos-agent/keys/host.key")" = 600 ]
	run -2 agent new key generate
	[[ $output == *"has a key already"* ]]
	run -0 agent new key show
	[[ $output == *"this host"*"fingerprint"* ]]
}

@test "stock minisign, zstd, tar and the schemas accept the bundle" {
	minisign -QVm "$GOT" -p "$T/desk/host.pub"
	mkdir "$T/desk/stock"
	zstd -dqo "$T/desk/stock.tar" "$GOT"
	tar xf "$T/desk/stock.tar" -C "$T/desk/stock"
	cd "$T/desk/stock"/* && sha256sum -c --quiet --strict SHA256SUMS
	"$ROOT/tests/validate-json" "$ROOT/docs/formats/sourceos/DiagnosticsBundle.json" diagnostics-bundle.json
	"$ROOT/tests/validate-json" "$ROOT/docs/formats/manifest.schema.json" manifest.json
}
