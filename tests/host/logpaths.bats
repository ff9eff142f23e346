#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Log files that the definition names with specifiers, as its manager expands them.
load helper

setup_file() {
	host_up || return 1
	agent sh -c 'mkdir -p Logs .config/systemd/user; cat >.config/systemd/user/spec.service; systemctl --user daemon-reload; systemctl --user start spec' <<'END'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo to the output; echo to the errors >&2'
StandardOutput=append:%S/%p.out.log
StandardError=append:%h/Logs/%N.err.log
END
}
teardown_file() { host_down; }

@test "logs reads what %S and %h name, and tells the errors from the output" {
	run -0 agent sourceos-agent logs spec --scope user --source stderr
	[[ $output == *"to the errors"* && $output != *"to the output"* ]]
	run -0 agent sourceos-agent logs spec --scope user --source app
	[[ $output == *"to the output"* && $output != *"to the errors"* ]]
}

@test "DR-10 names the files, live and from the bundle" {
	agent sourceos-agent doctor spec --json >"$BATS_TEST_TMPDIR/doc" || true
	# where this systemd has put it
	local out; out=$(agent sh -c 'ls -d ~/.config/spec.out.log ~/.local/state/spec.out.log 2>/dev/null || true')
	jq -e --arg o "$out" '[.findings[] | select(.check == "DR-10") | .message] | any(startswith($o + " has ")) and any(contains("Logs/spec.err.log has "))
		and (any(contains("the journal has them")) | not)' "$BATS_TEST_TMPDIR/doc"
	same_from_bundle agent spec
}
