# SPDX-License-Identifier: MIT
# For the bats files here: a bundle made by collect, in a directory of the file's own, and servers on loopback.
bats_require_minimum_version 1.5.0

make_bundle() {
	T=$(mktemp -d)
	export T AGENT=$T/sourceos-agent ROOT=$PWD SOURCEOS_AGENTS_PATH=$T/agents.d
	# nobody may not look into /root, where a clone may lie
	cp "${AGENT_BIN:-$PWD/build/sourceos-agent}" "$AGENT"
	cp -r "$PWD/share/sourceos/agents.d" "$T/agents.d"
	export XDG_STATE_HOME=$T/state HOME=$T
	mkdir "$T/home"
	agent collect node-commander --output "$T/out" >"$T/collect.out" 2>&1 || [ $? -eq 3 ] || { cat "$T/collect.out"; return 1; }
	BUNDLE=$(echo "$T"/out/*.tar.zst)
	export BUNDLE
	chmod 755 "$T"
}

# make_big BYTES: $BIG, a bundle with so many bytes of a log that do not compress
make_big() {
	head -c "$1" /dev/urandom >"$T/big.log"; chmod 644 "$T/big.log"
	rm -rf "$T/big"
	mkdir -p "$T/agents"
	cat >"$T/agents/big.json" <<-EOF
	{"name": "big", "label": "org.example.big", "scope": "user", "runtime": "native", "command": ["/bin/true"],
	 "owner": {"project": "p", "component": "c", "contact": "x"}, "auth": {"mode": "none"},
	 "lifecycle": {"restart": "manual"}, "logs": {"app": "$T/big.log"}}
	EOF
	chmod 755 "$T/agents"; chmod 644 "$T/agents/big.json"
	SOURCEOS_AGENTS_PATH=$T/agents agent collect big --output "$T/big" >"$T/big.out" 2>&1 || [ $? -eq 3 ] || { cat "$T/big.out"; return 1; }
	BIG=$(echo "$T"/big/*.tar.zst)
	export BIG
}

agent() {
	local as=
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	[ -z "$as" ] || chown 65534:65534 "$T"
	$as env HOME="$T" XDG_STATE_HOME="$T/state" ${WRAP-} "$AGENT" "$@"
}

# A port that nobody has now.
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for URL PID: until something answers there, or the process is gone
wait_for() {
	until curl -s -o "$T/wait.out" "$1"; do kill -0 "$2" || return 1; done
}

end_server() {
	[ ! -e "$T/pid" ] || kill "$(cat "$T/pid")" 2>/dev/null || true
	rm -rf "$T"
}
