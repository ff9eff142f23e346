#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# doctor, status, logs on the incident, live and from its bundle: the same findings.
load helper

setup_file() {
	host_up || return 1
	plant --local --keep || return 1
}
teardown_file() { host_down; }

failures() { jq -r '[.findings[] | select(.verdict == "fail") | .check] | unique | join(" ")' "$1"; }
has() { [[ " $1 " == *" $2 "* ]] || { echo "no $2 in: $1"; return 1; }; }

@test "AC-4 PP-02 PP-03 PP-05 PP-06: the patterns are flagged" {
	agent sourceos-agent doctor node-commander --json >"$BATS_FILE_TMPDIR/live" || [ $? -eq 1 ]
	local f; f=$(failures "$BATS_FILE_TMPDIR/live")
	has "$f" PP-02; has "$f" PP-03; has "$f" PP-06
	[ "$(jq -r '.findings[] | select(.check == "PP-06" and .verdict == "fail") | .location | "\(.file):\(.line)"' "$BATS_FILE_TMPDIR/live")" = /home/agent/.local/libexec/node-commander:3 ]
}

@test "PP-04 RC-07 the helper is named and was not run by us" {
	: >"$HOST_ROOT/var/tmp/docker-credential-gcloud.log"
	agent sourceos-agent doctor node-commander >/dev/null || [ $? -eq 1 ]
	agent sourceos-agent status >/dev/null || [ $? -eq 1 ] || [ $? -eq 3 ]
	agent sourceos-agent preflight node-commander >/dev/null || [ $? -eq 1 ]
	[ ! -s "$HOST_ROOT/var/tmp/docker-credential-gcloud.log" ]
}

@test "a bundle has the host's findings, and is verified first" {
	agent sourceos-agent collect node-commander --output $EV --quiet || [ $? -eq 3 ]
	BUNDLE=$(agent sh -c "ls $EV/*.tar.zst")
	same_from_bundle agent node-commander
	agent sourceos-agent doctor --from "$BUNDLE" --json >"$BATS_TEST_TMPDIR/bundle" || [ $? -eq 1 ]
	[ "$(jq -r .from.verified "$BATS_TEST_TMPDIR/bundle")" = true ]
	agent sourceos-agent status --from "$BUNDLE" | grep -q '^node-commander *running'
	agent sourceos-agent logs --from "$BUNDLE" | grep -q 'node-commander is up'
	# somebody else's desk: nobody trusts the key there, and that is said loudly
	run -4 root sourceos-agent doctor --from "$BUNDLE"
	run root sourceos-agent doctor --from "$BUNDLE" --insecure
	[[ $output == *WARNING* && $output == *"NOT VERIFIED"* ]]
	# a few bytes: a single one may be that one already
	root sh -c 'cp "$1" /var/tmp/b.tar.zst; cp "$1.minisig" /var/tmp/b.tar.zst.minisig; printf changed! | dd of=/var/tmp/b.tar.zst bs=1 seek=5000 conv=notrunc status=none; chown agent /var/tmp/b.tar.zst*' cp "$BUNDLE"
	run -4 agent sourceos-agent doctor --from /var/tmp/b.tar.zst
	run -2 agent sourceos-agent doctor other --from "$BUNDLE"
}

@test "local-runtime tells of an installed agent all that doctor tells, live and from its bundle" {
	t=$BATS_TEST_TMPDIR
	bundle=$(agent sh -c "ls $EV/*.tar.zst")
	agent sourceos-agent doctor node-commander --json >"$t/doctor" || [ $? -eq 1 ]
	agent sourceos doctor local-runtime --json >"$t/local" || [ $? -eq 1 ]
	agent sourceos doctor local-runtime --from "$bundle" --json >"$t/bundle" || [ $? -eq 1 ]
	for doc in doctor local bundle; do
		jq -r '.findings[] | select(.subject // "" | split(", ") | index("node-commander")) | "\(.check) \(.verdict)"' "$t/$doc" | sort >"$t/$doc.rows"
	done
	grep -q '^DR-12 ' "$t/local.rows" && grep -q '^DR-14 ' "$t/local.rows" && grep -q '^DR-10 ' "$t/local.rows" && grep -q '^DR-02 ' "$t/local.rows"
	diff "$t/doctor.rows" "$t/local.rows"
	diff "$t/doctor.rows" "$t/bundle.rows"
}

@test "doctor and preflight --sarif are valid against the schema of SARIF 2.1.0, live and from the bundle" {
	for verb in doctor preflight; do
		agent sourceos-agent $verb node-commander --sarif >"$BATS_TEST_TMPDIR/$verb.sarif" || [ $? -eq 1 ]
		agent sourceos-agent $verb --from "$(agent sh -c "ls $EV/*.tar.zst")" --sarif >"$BATS_TEST_TMPDIR/$verb-bundle.sarif" || [ $? -eq 1 ]
	done
	agent sourceos doctor local-runtime --sarif >"$BATS_TEST_TMPDIR/local.sarif" || [ $? -eq 1 ]
	"$TOP/tests/schema/run" "$TOP/tests/schema/upstream/sarif-2.1.0.json" "$BATS_TEST_TMPDIR"/*.sarif
	for f in "$BATS_TEST_TMPDIR"/*.sarif; do jq -e '.runs[0].results | length > 0' "$f"; done
}

@test "logs come in the order of time, redacted" {
	agent sourceos-agent logs node-commander -n 0 >"$BATS_TEST_TMPDIR/logs"
	grep -q 'node-commander is up' "$BATS_TEST_TMPDIR/logs"
	grep -q ' journal ' "$BATS_TEST_TMPDIR/logs"
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/logs" | sort -c
	mkdir "$BATS_TEST_TMPDIR/json"
	agent sourceos-agent logs node-commander -n 20 --json | split -l 1 - "$BATS_TEST_TMPDIR/json/"
	"$TOP/tests/schema/run" "$TOP/docs/formats/logline.schema.json" "$BATS_TEST_TMPDIR"/json/*
	while read -r secret; do ! grep -qF -- "$secret" "$BATS_TEST_TMPDIR/logs"; done <"$HOST/secrets"
}

@test "logs --source and --since: only these, only from then on; what is no time or source is refused" {
	t=$BATS_TEST_TMPDIR
	for source in app journal; do
		agent sourceos-agent logs node-commander -n 0 --source $source >"$t/$source"
		[ -s "$t/$source" ]
		[ "$(cut -d' ' -f2 "$t/$source" | sort -u)" = $source ]
	done
	agent sourceos-agent logs node-commander -n 0 --source journal --source app >"$t/both"
	[ "$(wc -l <"$t/both")" -ge "$(cat "$t/app" "$t/journal" | wc -l)" ]
	# from the last one's second on; and from the next second on, where none of these is
	from=$(tail -1 "$t/journal" | cut -d' ' -f1)
	agent sourceos-agent logs node-commander -n 0 --source journal --since "$from" >"$t/since"
	diff <(awk -v from="$from" '$1 >= from' "$t/journal" | head -20) <(head -20 "$t/since")
	[ "$(awk -v from="$from" '$1 < from' "$t/since" | wc -l)" -eq 0 ]
	agent sourceos-agent logs node-commander -n 0 --source journal --since "$(date -u -d "$from + 1 second" +%FT%TZ)" >"$t/after"
	[ "$(awk -v from="$from" '$1 <= from' "$t/after" | wc -l)" -eq 0 ]
	[ "$(agent sourceos-agent logs node-commander -n 0 --source journal --since 1d | wc -l)" -ge "$(wc -l <"$t/journal")" ]
	run -2 agent sourceos-agent logs node-commander --since yesterdayish
	[[ $output == *yesterdayish* ]]
	run -2 agent sourceos-agent logs node-commander --source syslog
	[[ $output == *syslog* ]]
}

@test "logs -f goes on with what comes" {
	agent timeout 20 sourceos-agent logs node-commander -n 1 -f --source app >"$BATS_TEST_TMPDIR/follow" &
	until_true 10 test -s "$BATS_TEST_TMPDIR/follow"
	agent sh -c 'echo something new >>/tmp/node-commander.log'
	until_true 15 grep -q 'something new' "$BATS_TEST_TMPDIR/follow"
	[ "$(grep -c 'something new' "$BATS_TEST_TMPDIR/follow")" = 1 ]
	wait
}

@test "logs -f is left with Ctrl-C or TERM: quietly, and that is a success" {
	for signal in INT TERM; do
		agent sh -c 'sourceos-agent logs node-commander -f --source app >/var/tmp/left 2>/var/tmp/left.err & pid=$!
			until [ -s /var/tmp/left ]; do sleep 0.1; done
			kill -s $1 $pid; wait $pid; echo $? >/var/tmp/left.status; rm -f /var/tmp/left' left $signal
		[ "$(agent cat /var/tmp/left.status)" = 0 ]
		[ -z "$(agent cat /var/tmp/left.err)" ]
	done
}

# follow FILE ARG…: logs -f into a file of the host, until unfollow FILE
follow() {
	local out=$1; shift
	agent sh -c 'out=$1; shift; sourceos-agent logs node-commander -f "$@" >"$out" 2>"$out.err" & echo $! >"$out.pid"' follow "$out" "$@"
	until_true 10 test -s "$HOST_ROOT$out"
}
unfollow() { agent sh -c 'kill $(cat "$1.pid")' unfollow "$1"; }

@test "logs -f loses nothing of a long log that grows: of lines that are unlike, and of lines that are all alike" {
	agent sh -c 'seq -f "filler %.0f, which has no time of its own" 30000 >>/tmp/node-commander.log'
	follow /var/tmp/long -n 50 --source app
	for i in 1 2 3 4 5; do
		agent sh -c 'yes the same again | head -n 100 >>/tmp/node-commander.log; seq -f "burst $1 line %.0f" 200 >>/tmp/node-commander.log' burst $i
		until_true 20 grep -q "burst $i line 200$" "$HOST_ROOT/var/tmp/long"
	done
	unfollow /var/tmp/long
	[ "$(grep -c ' burst ' "$HOST_ROOT/var/tmp/long")" = 1000 ]
	[ "$(grep ' burst ' "$HOST_ROOT/var/tmp/long" | sort -u | wc -l)" = 1000 ]
	[ "$(grep -c 'the same again' "$HOST_ROOT/var/tmp/long")" = 500 ]
	[ ! -s "$HOST_ROOT/var/tmp/long.err" ]
}

@test "logs -f -n 1 goes on with a journal that storms" {
	follow /var/tmp/storm -n 1 --source journal
	# shellcheck disable=SC2016
	agent sh -c 'for i in $(seq 60); do printf "MESSAGE=storm %s\nUSER_UNIT=%s\n" $i "$1" | logger --journald; done' storm $UNIT
	until_true 20 grep -q 'storm 60$' "$HOST_ROOT/var/tmp/storm"
	unfollow /var/tmp/storm
	[ "$(grep -c ' storm [0-9]*$' "$HOST_ROOT/var/tmp/storm")" = 60 ]
}

@test "logs -n 0 is all of a long log, live and from a bundle; what is not read of it is told" {
	t=$BATS_TEST_TMPDIR
	agent sh -c 'seq -f "line %.0f of a long log" 60000 >>/tmp/node-commander.log'
	agent sourceos-agent collect node-commander --output $EV.long --quiet || [ $? -eq 3 ]
	bundle=$(agent sh -c "ls $EV.long/*.tar.zst")
	for from in "" "--from $bundle"; do
		# shellcheck disable=SC2086
		agent sourceos-agent logs node-commander -n 0 --source app $from >"$t/all" 2>"$t/all.err"
		[ "$(grep -c 'of a long log$' "$t/all")" = 60000 ]
		not grep 'not shown' "$t/all.err"
		# shellcheck disable=SC2086
		agent sourceos-agent logs node-commander -n 100000 --source app $from >"$t/end" 2>"$t/end.err"
		[ "$(grep -c 'of a long log$' "$t/end")" -gt 10000 ]
		grep '/tmp/node-commander.log: not all of it was read, [0-9]* bytes are not shown' "$t/end.err"
		# shellcheck disable=SC2086
		agent sourceos-agent logs node-commander -n 5 --source app $from 2>&1 >/dev/null | grep 'not shown' && return 1
	done
	agent sourceos-agent logs node-commander -n 0 --source app --since 1d 2>&1 >/dev/null | grep '/tmp/node-commander.log: its lines tell no time'
}

@test "LA-02 an edited definition that was not reloaded is named with both values" {
	agent sed -i 's/^Restart=always/Restart=no/' .config/systemd/user/$UNIT
	agent sourceos-agent doctor node-commander --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(jq -r '.findings[] | select(.check == "LA-02") | .verdict' "$BATS_TEST_TMPDIR/doc")" = warn ]
	jq -r '.findings[] | select(.check == "LA-02") | .detail' "$BATS_TEST_TMPDIR/doc" | grep -q '^loaded  Restart=always'
	same_from_bundle agent node-commander
	agent sed -i 's/^Restart=no/Restart=always/' .config/systemd/user/$UNIT
	agent systemctl --user daemon-reload
}

@test "LA-04 output that goes elsewhere than declared is named with both values" {
	agent sh -c "cd ~/.config/systemd/user && mkdir -p $UNIT.d && printf '[Service]\nStandardError=append:%%h/elsewhere.log\n' >$UNIT.d/la04.conf && systemctl --user daemon-reload"
	agent sourceos-agent doctor node-commander --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	same_from_bundle agent node-commander
	agent sh -c "rm -r ~/.config/systemd/user/$UNIT.d && systemctl --user daemon-reload"
	jq -r '.findings[] | select(.check == "LA-04" and (.message | test("errors")))' "$BATS_TEST_TMPDIR/doc" >"$BATS_TEST_TMPDIR/finding"
	[ "$(jq -r .verdict "$BATS_TEST_TMPDIR/finding")" = warn ]
	jq -r .detail "$BATS_TEST_TMPDIR/finding" | grep -qx 'service   /home/agent/elsewhere.log'
	jq -r .detail "$BATS_TEST_TMPDIR/finding" | grep -qx 'declared  /home/agent/Library/Logs/SocioProphet/node-commander.log'
}

@test "PP-11 StartLimitIntervalSec in [Service] is ignored by the real systemd, and by our budget" {
	agent sh -c 'printf "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=10\nStartLimitIntervalSec=3600\nStartLimitBurst=3\n" >.config/systemd/user/ignored.service'
	agent systemctl --user daemon-reload
	[ "$(agent systemctl --user show -p StartLimitIntervalUSec --value ignored.service)" = 10s ]
	agent sourceos-agent doctor ignored.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	jq -r '.findings[] | select(.check == "PP-11" and .verdict == "fail") | .message' "$BATS_TEST_TMPDIR/doc" | grep -q 'systemd ignores it: up to 360 starts an hour, for ever'
	same_from_bundle agent ignored.service
	agent rm .config/systemd/user/ignored.service
	agent systemctl --user daemon-reload
}

@test "what nobody declared is found: a unit through its wrapper, a timer's service, a Quadlet, an autostart entry, a crontab" {
	plant --undeclared
	agent sh -c 'mkdir -p .config/autostart .config/containers/systemd
		printf "[Desktop Entry]\nExec=podman run localhost/x\n" >.config/autostart/hidden.desktop
		printf "[Container]\nImage=quay.io/x/y\n" >.config/containers/systemd/q.container
		printf "[Service]\nExecStart=/usr/bin/env podman run quay.io/x/z\n" >.config/systemd/user/nightly.service
		printf "[Timer]\nOnCalendar=daily\n" >.config/systemd/user/nightly.timer'
	root sh -c 'printf "5 4 * * * root docker run quay.io/c/d\n" >/etc/cron.d/sneaky'
	agent sourceos doctor local-runtime --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	for f in com.example.helper-sync.service hidden.desktop q.container nightly.service sneaky; do
		jq -e --arg f $f '.findings[] | select(.check == "PP-09" and .verdict == "fail" and .subject == $f)' "$BATS_TEST_TMPDIR/doc" >/dev/null || { echo "not found: $f"; return 1; }
	done
	same_undeclared_from_bundle agent node-commander
	# the host's own are not accused
	if jq -r '.findings[] | select(.verdict == "fail") | .location.file // ""' "$BATS_TEST_TMPDIR/doc" | grep '^/usr/lib'; then false; fi
}

@test "scan finds in the files what doctor finds on the host" {
	run -1 agent sourceos-agent scan .config/systemd/user .local/libexec --json
	for c in PP-02 PP-03 PP-06; do jq -e --arg c $c '.findings[] | select(.check == $c)' <<<"$output" >/dev/null; done
	run -0 agent sourceos-agent scan .config/systemd/user --fail-on never
	agent sourceos-agent scan .config/systemd/user --sarif | jq -e '.version == "2.1.0" and (.runs[0].results | length > 3)' || [ "${PIPESTATUS[1]}" = 0 ]
}

@test "status and doctor of what is quarantined say so, and what brings it back" {
	run agent sourceos-agent quarantine node-commander
	bundle=$(sed -n 's/^bundle *//p' <<<"$output")
	run agent sourceos-agent status --from "$bundle"
	[[ $output == *"of a quarantine: this is how things were before it"* ]]
	run agent sourceos-agent status node-commander
	[[ $output == *"not installed"*"quarantined; 'sourceos-agent restore /"* ]]
	run agent sourceos-agent doctor node-commander
	[[ $output == *"not installed: quarantined; 'sourceos-agent restore /"* ]]
	[[ $output != *PP-04* ]]
	agent sh -c "$(sed -n "s/.*quarantined; '\(sourceos-agent restore [^']*\)'.*/\1/p" <<<"$output")"
	run agent sourceos-agent doctor node-commander
	[[ $output != *"not installed"* ]]
}

@test "logs tells that the journal has more than was read of it" {
	# shellcheck disable=SC2016
	agent sh -c 'seq 10050 | /usr/bin/python3 -c "
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(\"/run/systemd/journal/socket\")
for i in sys.stdin: s.send(b\"MESSAGE=many %d\nUSER_UNIT=%s\n\" % (int(i), sys.argv[1].encode()))" "$1"' many $UNIT
	until_true 30 agent sh -c "journalctl --quiet --lines=1 USER_UNIT=$UNIT | grep -q 'many 10050'"
	agent sourceos-agent logs node-commander -n 0 --source journal 2>"$BATS_TEST_TMPDIR/err" >"$BATS_TEST_TMPDIR/out"
	grep -q 'journal: no more than its last 10000 were read, older ones are not shown' "$BATS_TEST_TMPDIR/err"
	grep -q ' many 10050$' "$BATS_TEST_TMPDIR/out"
	agent sourceos-agent logs node-commander -n 20000 --source journal 2>&1 >/dev/null | grep 'not shown' && return 1
	agent sourceos-agent logs node-commander -n 5 --source journal 2>&1 >/dev/null | grep 'not shown' && return 1
	true
}

@test "no line of a private key that the service logged line by line is in a bundle, nor of one that the log begins in" {
	t=$BATS_TEST_TMPDIR
	/usr/bin/python3 - "$t" <<-'END'
		import base64, os, sys
		def key(n): return [base64.b64encode(os.urandom(48)).decode() for _ in range(n)] + [base64.b64encode(os.urandom(20)).decode()]
		cut, whole = key(20), key(49)
		open(sys.argv[1] + "/secret", "w").write("\n".join(cut + whole))
		end = ["-----END RSA PRIVATE KEY-----"]
		open(sys.argv[1] + "/logged", "w").write("\n".join(cut + end + ["then this"] + ["-----BEGIN RSA PRIVATE KEY-----"] + whole + end + ["and that"]))
	END
	# shellcheck disable=SC2016
	agent sh -c 'exec /usr/bin/python3 -c "
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(\"/run/systemd/journal/socket\")
for l in sys.stdin: s.send((\"MESSAGE=%s\nUSER_UNIT=%s\n\" % (l.strip(), sys.argv[1])).encode())" "$1"' key $UNIT <"$t/logged"
	until_true 30 agent sh -c "journalctl --quiet --lines=5 USER_UNIT=$UNIT | grep -q 'and that'"
	agent sourceos-agent collect node-commander --output $EV.key --quiet || [ $? -eq 3 ]
	cat "$HOST_ROOT$EV.key"/*/unit-journal.jsonl >"$t/bundle"
	grep -q 'and that' "$t/bundle"
	grep -q 'then this' "$t/bundle"
	not grep -Ff "$t/secret" "$t/bundle"
	agent sourceos-agent logs node-commander -n 200 --source journal >"$t/shown"
	not grep -Ff "$t/secret" "$t/shown"
}
