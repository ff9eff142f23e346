#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# stage, install, stop, start, restart, uninstall of a user's Podman agent, read back from systemd and Podman.
load lifecycle

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
	declare_agent local
	poison
}
teardown_file() { host_down; }

@test "stage writes everything to a directory, lints, and touches nothing else" {
	agent sourceos-agent list >/dev/null
	snapshot >"$BATS_TEST_TMPDIR/before"
	run -0 agent sourceos-agent stage local --output /home/agent/staged
	snapshot >"$BATS_TEST_TMPDIR/after"
	[ -z "$(diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" | grep '^[<>]' | grep -v -e '/home/agent/staged' -e './home/agent d' || true)" ]
	[ -x "$(outside "/home/agent/staged$STATE/run")" ]
	run -2 agent sourceos-agent stage local --output /home/agent/staged
}

@test "PF-18 RC-13 the staged wrapper is POSIX sh" {
	w=$(outside "/home/agent/staged$STATE/run")
	sh -n "$w"; dash -n "$w"
	[ "$(wc -l <"$w")" -eq 3 ]
	agent sourceos-agent scan "/home/agent/staged$STATE/run"
}

@test "install --dry-run prints the plan and touches nothing" {
	snapshot >"$BATS_TEST_TMPDIR/before"
	run -0 agent sourceos-agent install local --dry-run
	snapshot >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[[ $output == *"enable $L"* ]]
}

@test "install: up, enabled, container running, each file where it belongs" {
	run -0 agent sourceos-agent install local
	is_up
	container_runs
	[ "$(agent systemctl --user is-enabled "$L")" = enabled ]
	[ "$(stat -c %a "$(outside "$STATE/sourceos-empty-auth.json")")" = 600 ]
	[ "$(cat "$(outside "$STATE/sourceos-empty-auth.json")")" = '{"auths":{}}' ]
	[ ! -e "$(outside "$STATE/change")" ]
	agent systemctl --user show -p Type,MainPID "$L" | grep -qx Type=notify
	[ "$(cat "/proc/$(cat "$HOST/pid")/root/proc/$(agent systemctl --user show -p MainPID --value "$L")/comm")" = conmon ]
	same_from_bundle agent local
}

@test "systemd-analyze verify is clean" {
	agent systemd-analyze --user verify --recursive-errors=yes "/home/agent/.config/systemd/user/$L"
}

@test "AC-3 RC-05 RC-08 the container runs a local image with the empty auth file" {
	agent podman inspect --format '{{json .Config.CreateCommand}}' local >"$BATS_TEST_TMPDIR/argv"
	grep -q -- '--pull=never' "$BATS_TEST_TMPDIR/argv"
	grep -q -- "--authfile=$STATE/sourceos-empty-auth.json" "$BATS_TEST_TMPDIR/argv"
}

@test "install again changes nothing" {
	snapshot >"$BATS_TEST_TMPDIR/before"
	run -0 agent sourceos-agent install local
	[[ $output == *already* ]]
	snapshot >"$BATS_TEST_TMPDIR/after"
	diff <(grep -v locks "$BATS_TEST_TMPDIR/before") <(grep -v locks "$BATS_TEST_TMPDIR/after")
}

@test "install again makes the directory of the log that somebody cleared away" {
	agent systemctl --user stop "$L"
	root rm -r "$(dirname "$LOG")"
	run -0 agent sourceos-agent install local
	[[ $output == *"is installed for agent"* ]]
	is_up
	[ -e "$(outside "$LOG")" ]
	run -0 agent sourceos-agent install local
	[[ $output == *"installed already"* ]]
}

@test "restart brings another container up" {
	before=$(agent podman inspect --format '{{.Id}}' local)
	run -0 agent sourceos-agent restart local
	is_up
	[ "$(agent podman inspect --format '{{.Id}}' local)" != "$before" ]
}

@test "stop: service down, container gone" {
	run -0 agent sourceos-agent stop local
	not is_up
	no_container
	same_from_bundle agent local
	run -0 agent sourceos-agent stop local
}

@test "start waits for the health check, and resets the count of starts" {
	for _ in 1 2 3 4 5; do agent sh -c "echo 1 >/dev/null; date +%s000000' start' >>$STATE/starts"; done
	run -0 agent sourceos-agent start local
	is_up
	container_runs
	[ "$(wc -l <"$(outside "$STATE/starts")")" -eq 1 ]
}

@test "AC-2 RC-07 no credential helper was executed by install, start, restart or stop" {
	[ "$(helper_runs)" -eq 0 ]
}

@test "a changed declaration: install shows the difference and updates" {
	declare_agent local '{"lifecycle":{"restart":"manual"}}'
	run -0 agent sourceos-agent install local
	[[ $output == *"- Restart=on-failure"* ]]
	[[ $output == *"+ Restart=no"* ]]
	is_up
	grep -qx Restart=no "$(outside "/home/agent/.config/systemd/user/$L")"
}

la05() { agent sourceos-agent doctor local --json | jq -r '.findings[] | select(.check == "LA-05") | "\(.verdict) \(.message)"'; }

@test "LA-05 a launcher that is not as installed is named, live and from a bundle" {
	local r=$STATE/run not="$STATE/run is not as install wrote it:"
	[ "$(la05)" = "ok definition and launcher are as install wrote them" ]
	cp "$(outside "$r")" "$BATS_TEST_TMPDIR/run"
	while IFS='|' read -r how said; do
		agent sh -c "$how"
		[ "$(la05)" = "$said" ]
		same_from_bundle agent local
		agent rm -f "$r"
		agent tee "$r" <"$BATS_TEST_TMPDIR/run" >/dev/null
		agent chmod 755 "$r"
	done <<-END
		echo '# edited' >>$r|warn $not somebody edited it
		echo '# REDACTED_ API_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a' >>$r|warn $not somebody edited it
		cp /bin/true $r|warn $not it is a program, or no file at all
		rm $r|warn $not it is gone
		head -c 300000 /dev/zero >>$r|warn $not it is larger than anything that install writes
		chmod 000 $r|unknown $r was not read: whether it is as installed cannot be told
	END
	[[ "$(la05)" == ok* ]]
}

@test "LA-05 a drop-in that starts something else, and a damaged record" {
	local dir=/home/agent/.config/systemd/user/$L.d record
	agent sh -c "mkdir -p $dir; printf '[Service]\nExecStart=\nExecStart=/bin/sleep 1d\n' >$dir/x.conf; systemctl --user daemon-reload"
	[ "$(la05)" = "warn $STATE/run is not as install wrote it: the service starts something else" ]
	same_from_bundle agent local
	agent sh -c "rm -r $dir; systemctl --user daemon-reload"
	cp "$(outside "$STATE/installed.json")" "$BATS_TEST_TMPDIR/installed"
	for record in '{}' '{"files":[]}' '{"files":[{"what":"wrapper","path":"/x","sha256":"0"}]}' 'no'; do
		agent sh -c "printf '%s\n' '$record' >$STATE/installed.json"
		[[ "$(la05)" == "unknown $STATE/installed.json is damaged"* ]]
	done
	agent tee "$STATE/installed.json" <"$BATS_TEST_TMPDIR/installed" >/dev/null
	[[ "$(la05)" == ok* ]]
}

@test "what a person edited is not overwritten without being asked, and then kept aside" {
	agent sh -c "echo '# mine' >>~/.config/systemd/user/$L"
	run -2 agent sourceos-agent install local
	[[ $output == *"# mine"* ]]
	run -0 agent sourceos-agent install local --replace
	not grep -q '# mine' "$(outside "/home/agent/.config/systemd/user/$L")"
	same_from_bundle via_sudo local
	grep -rq '# mine' "$(outside "$STATE/aside")"
}

@test "two writers: the second is told who holds the lock, and a dead one's lock is free" {
	agent sh -c "exec flock ~/.local/state/sourceos-agent/locks/local.lock sleep 30" &
	holder=$!
	until_true 10 agent sh -c '! flock -n ~/.local/state/sourceos-agent/locks/local.lock true'
	run -5 agent sourceos-agent stop local
	[[ $output == *"holds the lock"* ]]
	is_up
	agent pkill -u agent -f '^sleep 30$' || true
	kill $holder 2>/dev/null || true
	until_true 10 agent flock -n /home/agent/.local/state/sourceos-agent/locks/local.lock true
	run -0 agent sourceos-agent start local
}

@test "root through sudo acts on the user's agent, and leaves nothing of root's in his home" {
	run -0 via_sudo sourceos-agent restart local
	is_up
	[ -z "$(find "$(outside /home/agent)" -user root -path '*sourceos*')" ]
}

@test "a person's edit survives uninstall, aside; nothing else does but the history" {
	agent sh -c "echo '# mine too' >>~/.config/systemd/user/$L"
	run -0 agent sourceos-agent uninstall local
	[[ $output == *aside* ]]
	is_nowhere
	grep -rq '# mine too' "$(outside "$STATE/aside")"
	[ "$(find "$(outside "$STATE")" -type f ! -path '*/aside/*')" = "$(outside "$STATE/history.jsonl")" ]
}

@test "history tells every change, by whom, and its chain holds" {
	run -0 agent sourceos-agent history local
	for verb in install start stop restart uninstall; do [[ $output == *" $verb "* ]]; done
	[[ $output == *"(as root)"* ]]
	agent sed -i 's/restart/restert/' "$STATE/history.jsonl"
	run -4 agent sourceos-agent history local
	agent sed -i 's/restert/restart/' "$STATE/history.jsonl"
}

@test "a bundle holds the history" {
	agent sourceos-agent collect local --output $EV --json >"$BATS_FILE_TMPDIR/c.json" || [ $? -eq 3 ]
	agent sourceos-agent bundle show "$(json c .bundle)" history.jsonl | grep -q uninstall
}

@test "uninstall --purge removes the history too" {
	run -0 agent sourceos-agent uninstall local --purge
	[ ! -e "$(outside "$STATE/history.jsonl")" ]
}

@test "uninstall of what is not installed says so" {
	run -2 agent sourceos-agent uninstall local
	[[ $output == *"not installed"* ]]
}

@test "uninstall --quarantine: the evidence first, then nothing of it is left" {
	agent sourceos-agent install local
	run -2 agent sourceos-agent uninstall local --quarantine --json
	is_up
	run -0 agent sourceos-agent uninstall local --quarantine
	bundle=$(sed -n 's/^bundle *//p' <<<"$output")
	is_nowhere
	[ ! -e "$(outside "$STATE/run")" ]
	[ ! -e "$(outside "$STATE/installed.json")" ]
	agent sourceos-agent bundle verify "$bundle"
	agent sourceos-agent bundle list "$bundle" | grep -q installed.json
}

@test "what was uninstalled after a quarantine is restored into directories that are gone, and installed anew over it" {
	agent sourceos-agent install local
	run -0 agent sourceos-agent uninstall local --quarantine
	evidence=$(sed -n 's/^evidence *//p' <<<"$output")
	agent rm -rf .config/systemd
	agent sourceos-agent restore "$evidence"
	[ "$(agent systemctl --user is-enabled "$L")" = enabled ]
	run -2 agent sourceos-agent uninstall local
	[[ $output == *"there is no record that local was installed for agent"*"sourceos-agent quarantine local" ]]
	agent sourceos-agent install local
	is_up
	agent sourceos-agent uninstall local
	is_nowhere
}
