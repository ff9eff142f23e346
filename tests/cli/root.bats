#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --root: a mounted disk image of a dead Mac or Linux host, examined on this one, which is not asked anything.
load helper

NAME=node-commander
LABEL=org.socioprophet.node-commander

setup() {
	image=$BATS_TEST_TMPDIR/image
	cp -R "$TOP/tests/replay/mac-incident/root" "$image"
	/usr/bin/python3 - "$image" <<-'EOF'
	import os, plistlib, sys
	def put(path, value):
	    path = sys.argv[1] + path
	    os.makedirs(os.path.dirname(path), exist_ok=True)
	    with open(path, "wb") as f:
	        plistlib.dump(value, f, fmt=plistlib.FMT_BINARY)
	for name, uid, home in (("alice", "501", "/Users/alice"), ("root", "0", "/var/root")):
	    put(f"/private/var/db/dslocal/nodes/Default/users/{name}.plist",
	        {"name": [name], "uid": [uid], "gid": ["20"], "home": [home], "shell": ["/bin/zsh"]})
	put("/private/var/db/com.apple.xpc.launchd/disabled.501.plist", {"org.socioprophet.node-commander": True})
	EOF
	# its home belongs to its person: to whoever runs this, unless that is root
	uid=501
	[ "$(id -u)" -ne 0 ] || chown -R 501:20 "$image/Users/alice"
	[ "$(id -u)" -eq 0 ] || {
		uid=$(id -u)
		record "d['uid'] = ['$uid']"
		mv "$image/private/var/db/com.apple.xpc.launchd/disabled.501.plist" "$image/private/var/db/com.apple.xpc.launchd/disabled.$uid.plist"
	}
}

# changes the directory service's record of alice
record() {
	/usr/bin/python3 - "$image/private/var/db/dslocal/nodes/Default/users/alice.plist" "$1" <<-'EOF'
	import plistlib, sys
	with open(sys.argv[1], "rb") as f: d = plistlib.load(f)
	exec(sys.argv[2])
	with open(sys.argv[1], "wb") as f: plistlib.dump(d, f)
	EOF
}

examine() { run_agent "$@" --root "$image" --owner alice; }
verdict() { jq -e --arg id "$1" --arg v "$2" '[.. | objects | select(.check? == $id and .verdict? == $v)] | length > 0' <<<"$output" >/dev/null; }

# The same incident on Linux; its person has another uid here, and a home that is not called after them.
linux_image() {
	image=$BATS_TEST_TMPDIR/linux
	cp -R "$TOP/tests/replay/linux-incident/root" "$image"
	mv "$image/home/alice" "$image/home/a.liddell"
	grep -rl /home/alice "$image" | xargs sed -i 's,/home/alice,/home/a.liddell,g'
	local uid=1000
	[ "$(id -u)" -eq 0 ] || uid=$(id -u)
	[ "$(id -u)" -ne 0 ] || chown -R 1000:1000 "$image/home/a.liddell"
	printf 'root:x:0:0:root:/root:/bin/sh\nalice:x:%s:1000::/home/a.liddell:/bin/sh\n' "$uid" >"$image/etc/passwd"
}

# Whatever a gatherer could run here leaves a mark.
poison() {
	mkdir -p "$BATS_TEST_TMPDIR/traps"
	for tool in systemctl journalctl loginctl podman docker dpkg-query rpm launchctl plutil profiles sw_vers log sfltool nix nix-store sudo setpriv runuser sh; do
		printf '#!%s\necho "$0 $*" >>%s/sprung\n' "$(command -v bash)" "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/traps/$tool"
		chmod +x "$BATS_TEST_TMPDIR/traps/$tool"
	done
}
every_read() { # VERB…: each read of the image, with the live host's tools poisoned and its declarations pointing elsewhere
	local reads=("list" "doctor $NAME" "doctor $LABEL" "doctor local-runtime" "preflight $NAME" "status" "status $NAME" "logs $NAME" "scan /"
		"collect $NAME -o $BATS_TEST_TMPDIR/evidence-$RANDOM$RANDOM") r
	for r in "${reads[@]}"; do
		# shellcheck disable=SC2086 # words
		run env -i "$@" HOME="$BATS_TEST_TMPDIR" SOURCEOS_AGENTS_PATH=/live/agents.d "$BIN" $r --root "$image"
		echo "$r: $status: $output"
		[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || [ "$status" -eq 3 ]
		[[ $output != *"no agents are declared"* && $output != *"/live/agents.d"* ]]
	done
}
no_probe_of_this_host() {
	command -v strace >/dev/null || skip "strace is not installed"
	poison
	every_read PATH="$BATS_TEST_TMPDIR/traps"
	[ ! -e "$BATS_TEST_TMPDIR/sprung" ] || { cat "$BATS_TEST_TMPDIR/sprung"; false; }
	for r in "doctor local-runtime" "doctor $NAME" "status $NAME" "logs $NAME" "scan /"; do
		# shellcheck disable=SC2086
		run env -i PATH="$PATH" HOME="$BATS_TEST_TMPDIR" strace -f -o "$BATS_TEST_TMPDIR/trace" \
			-e trace=execve,connect,openat,readlink,readlinkat,stat,newfstatat,access,statx "$BIN" $r --root "$image"
		[ "$(grep -c 'execve(' "$BATS_TEST_TMPDIR/trace")" -eq 1 ]
		# What is below the root is opened relative to it: an absolute path is this host's. Of this host only its own name,
		# user database (systemd's part of it too), state directory and rules are wanted: the operator is on this host.
		sed -i '/"\/\(run\|etc\)\/\(systemd\/\)\?userdb/d; /"\/etc\/sourceos\/redact.d"/d' "$BATS_TEST_TMPDIR/trace"
		if grep -E 'connect\(.*(podman|systemd|dbus)' "$BATS_TEST_TMPDIR/trace"; then false; fi
		if grep -E '\((AT_FDCWD|[0-9]+), "/(Users|Library|home|nix|run/systemd|etc/(systemd|containers|sourceos|cron)|var/spool|usr/(local/)?(lib/systemd|share/(sourceos|containers)))' \
			"$BATS_TEST_TMPDIR/trace"; then false; fi
	done
}

@test "a Mac's image: what its files tell is judged (PP-01, PP-02, PP-03, PP-05, PP-06, PP-08, RC-07)" {
	run -1 --separate-stderr examine doctor node-commander --json
	for id in PP-01 PP-02 PP-03 PP-04 PP-05 PP-06 PP-08; do
		jq -e --arg id $id '[.. | objects | select(.check? == $id and .verdict? == "fail")] | length > 0' <<<"$output" >/dev/null
	done
}

@test "a Mac's image: overrides come from launchd's database (RC-09)" {
	run -1 examine doctor node-commander
	[[ $output == *"DR-02"*"an override disables org.socioprophet.node-commander"* ]]
}

@test "a Mac's image: what only a running Mac tells is unknown, not fine" {
	run -1 --separate-stderr examine doctor node-commander --json
	for id in DR-01 DR-05 DR-06 DR-13; do
		jq -e --arg id $id '[.. | objects | select(.check? == $id and .verdict? == "unknown")] | length > 0' <<<"$output" >/dev/null
	done
}

@test "a Mac's image: nothing is asked of the host that reads it, by any verb" {
	no_probe_of_this_host
}

@test "a Linux image: nothing is asked of the host that reads it, by any verb" {
	linux_image
	no_probe_of_this_host
}

@test "a Linux image: what its files tell is judged, the rest is unknown (PP-02, PP-03, PP-04, PP-05, PP-06, PP-11)" {
	linux_image
	run -1 --separate-stderr examine doctor $NAME --json
	for id in PP-02 PP-03 PP-04 PP-05 PP-06; do verdict $id fail; done
	verdict PP-11 warn
	run ! --separate-stderr examine preflight $NAME --json
	verdict PF-02 unknown # nobody can say whether a manager ran
	run -1 --separate-stderr examine doctor $NAME --json
	for id in DR-01 DR-02 DR-05 DR-07 DR-08 DR-11 DR-12; do verdict $id unknown; done
	jq -e '[.. | objects | select(.check? == "DR-03" and .verdict? == "unknown")] | length == 0' <<<"$output" # its definition was read
}

@test "an image's people are those of its own user database, whatever their homes are called" {
	mv "$image/Users/alice" "$image/Users/wonderland"
	sed -i 's,/Users/alice,/Users/wonderland,' "$image/Users/wonderland/.config/sourceos/agents.d/node-commander.json"
	record "d['home'] = ['/Users/wonderland']"
	run -0 run_agent list --root "$image"
	[[ $output == *"/Users/wonderland/.config/sourceos/agents.d/node-commander.json"* ]]
}

@test "an image: a service that nobody declared is found by its name, label or path" {
	rm -r "$image/Users/alice/.config/sourceos"
	for name in $LABEL /Library/LaunchAgents/$LABEL.plist; do
		run -1 --separate-stderr examine doctor $name --json
		verdict PP-01 fail
	done
	linux_image
	rm -r "$image/home/a.liddell/.config/sourceos"
	for name in $LABEL $LABEL.service; do
		run -1 --separate-stderr examine doctor $name --json
		verdict PP-02 fail
	done
	run -2 examine doctor org.example.nothing
	[[ $output == *'no agent "org.example.nothing"'* ]]
}

@test "an image: local-runtime looks into every home and directory, and accuses a declared agent's list once (DR-14)" {
	cp "$image/Library/LaunchAgents/$LABEL.plist" "$image/Library/LaunchDaemons/org.example.other.plist"
	sed -i "s/$LABEL/org.example.other/" "$image/Library/LaunchDaemons/org.example.other.plist"
	mkdir -p "$image/Users/bob/Library/LaunchAgents"
	sed 's/org.example.other/org.example.third/' "$image/Library/LaunchDaemons/org.example.other.plist" >"$image/Users/bob/Library/LaunchAgents/org.example.third.plist"
	/usr/bin/python3 - "$image" "$(stat -c %u "$image/Users/bob")" <<-'EOF'
	import plistlib, sys
	uid = sys.argv[2] if int(sys.argv[2]) >= 500 else "502"
	plistlib.dump({"name": ["bob"], "uid": [uid], "gid": ["20"], "home": ["/Users/bob"]},
	    open(sys.argv[1] + "/private/var/db/dslocal/nodes/Default/users/bob.plist", "wb"))
	EOF
	[ "$(id -u)" -ne 0 ] || chown -R 502:20 "$image/Users/bob"
	run -1 examine doctor local-runtime
	[[ $output == *"1 declared agent, 2 undeclared"* ]]
	[[ $output == *"org.example.other.plist: a launchd job of the system runs containers, and nobody declared it"* ]]
	[[ $output == *"org.example.third.plist: a launchd job of bob runs containers, and nobody declared it"* ]]
	[[ $output != *"$LABEL.plist: a launchd job"* ]]
}

@test "an image: collect makes a bundle that verifies and can be examined; what a Mac's image has none of is a gap" {
	run -3 examine collect $NAME -o "$BATS_TEST_TMPDIR/evidence"
	[[ $output != *"service.unit.disabled"* ]]
	bundle=$(sed -n 's/^bundle *//p' <<<"$output")
	run -0 run_agent bundle verify "$bundle"
	run -1 --separate-stderr run_agent doctor --from "$bundle" --json
	verdict PP-02 fail
	verdict DR-01 unknown
	# the files that a bundle has are judged as those of a host, by their paths there
	run -1 --separate-stderr run_agent scan --from "$bundle"
	[[ $output == *"PP-01"*"/Library/LaunchAgents/$LABEL.plist"*"/Library/LaunchAgents/$LABEL.plist:13"* ]]
	file=$(run_agent scan --from "$bundle" --json | jq -r '[.findings[].location.file // empty][0]')
	run -1 run_agent scan --from "$bundle" "$file"
	run -2 run_agent scan --from "$bundle" /nowhere
	# nobody signed the directory beside it: it is examined as long as nobody else may write there
	dir=${bundle%.tar.zst}
	run -1 --separate-stderr run_agent doctor --from "$dir"
	[[ $output == *"$dir: an evidence directory"* && $stderr != *WARNING* ]]
	chmod g+w "$dir"
	run -4 run_agent doctor --from "$dir"
	[[ $output == *"nobody signed what is in it"*"--insecure"* ]]
	run -1 --separate-stderr run_agent doctor --from "$dir" --insecure
	[[ $output == *"NOT VERIFIED"* && $stderr == *WARNING* ]]
	run_agent doctor --from "$bundle" --sarif >"$BATS_TEST_TMPDIR/sarif" || [ $? -eq 1 ]
	[ "$(jq '.runs[0].invocations[0].toolExecutionNotifications | length' "$BATS_TEST_TMPDIR/sarif")" -eq \
		"$(run_agent doctor --from "$bundle" --json | jq '.gaps | length')" ]
}

@test "an image: status says that the state is unknown, and logs prints its files" {
	run -1 examine status $NAME
	[[ $output == *"$NAME  unknown"* && $output == *"enabled    disabled"* ]]
	run -0 --separate-stderr examine logs $NAME
	[[ $output == *"unable to connect to Podman socket"* ]]
}

@test "scan --root judges the image's paths, and no link leads out of it" {
	echo '[Service]' >"$BATS_TEST_TMPDIR/outside.service"
	ln -s "$BATS_TEST_TMPDIR/outside.service" "$image/Library/LaunchDaemons/outside.service"
	run -1 run_agent scan --root "$image" /Library
	[[ $output == *"1 file judged"* && $output == *"PP-02"* ]]
	run -2 run_agent scan --root "$image" "$BATS_TEST_TMPDIR"
}

@test "--root of what is no directory says so" {
	run run_agent doctor node-commander --root "$BATS_TEST_TMPDIR/nothing"
	[ "$status" -ne 0 ]
	[[ $output == *"$BATS_TEST_TMPDIR/nothing"* ]]
}
