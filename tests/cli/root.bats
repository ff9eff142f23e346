#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --root: a mounted disk image of a dead Mac, examined on this host.
load helper

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
}

examine() { run_agent "$@" --root "$image" --owner alice; }

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

@test "--root of what is no directory says so" {
	run run_agent doctor node-commander --root "$BATS_TEST_TMPDIR/nothing"
	[ "$status" -ne 0 ]
	[[ $output == *"$BATS_TEST_TMPDIR/nothing"* ]]
}
