#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What libsystemd tells is what the program prints: systemctl byte for byte, for every unit of every manager here; journalctl entry for
# entry, for the whole journal.
load helper

setup_file() {
	host_up || return 1
	install -m 755 "$SHOWDIRECT" "$HOST_ROOT/usr/local/bin/showdirect"
	/usr/bin/python3 - >"$HOST_ROOT/etc/systemd/user/ascii.service" <<-'END'
		escape = {'"': '\\"', "\\": "\\\\", "%": "%%"}
		print("[Service]\nExecStart=/bin/true", *('Environment="V%d=%s"' % (ord(c), escape.get(c, c)) for c in map(chr, range(32, 127))), sep="\n")
	END
	# every kind of value: exits and signals, spans with fractions, lists, structures, errors, what systemctl quotes
	agent sh -c 'mkdir -p ~/.config/systemd/user/drop.service.d && cd ~/.config/systemd/user
		printf "[Service]\nType=oneshot\nExecStartPre=-/bin/false a b\nExecStart=/bin/sh -c \"kill -9 \$\$\$\$\"\n" >killed.service
		printf "[Service]\nExecStart=/bin/false\nRestart=on-failure\nRestartSec=1h 3min 2s 5ms\nTimeoutStopSec=1.5\nTimeoutStartSec=40d\nRuntimeMaxSec=250us\n" >failed.service
		printf "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStart=/bin/echo \"a  b\" c\nExecStop=/bin/true\nEnvironment=A=1 B=/x:y\nEnvironmentFile=-/etc/no\nEnvironmentFile=/etc/os-release\nLogsDirectory=a b\nWorkingDirectory=-/tmp\nUMask=0027\n" >drop.service
		printf "[Service]\nStandardError=inherit\n" >drop.service.d/50-more.conf
		printf "[Service]\nExecStart=/bin/sleep infinity\nEnvironment=\"Q=a b\" D=\$x \"E=\"\n" >quoted.service
		printf "[Service]\nExecStart=/bin/true\nEnvironment=\"Q=\303\251\"\n" >utf8.service
		printf "[Service]\nExecStart=/bin/sleep infinity\n" >of-a-template@.service
		printf "[Service]\nType=nonsense\nExecStart=/bin/true\n" >odd.service
		printf "[Service]\nExecStart=relative\n" >bad.service
		printf "[Timer]\nOnCalendar=daily\nOnBootSec=3h\n[Install]\nWantedBy=timers.target\n" >drop.timer
		printf "[Path]\nPathExists=/nowhere\nUnit=drop.service\n" >look.path
		ln -s /dev/null masked.service
		systemctl --user daemon-reload
		systemctl --user enable --quiet --now drop.timer look.path
		systemctl --user start drop.service quoted.service of-a-template@x.service
		systemctl --user start killed.service failed.service || :' >/dev/null 2>&1
}
teardown_file() { host_down; }

MORE='ascii.service utf8.service of-a-template@x.service quoted.service nope.service masked.service bad.service odd.service killed.service failed.service drop.service'

# same_over_bus CALLER SCOPE ATLEAST: a unit that changes while it is looked at is left out; so many must remain
same_over_bus() {
	local t=$BATS_TEST_TMPDIR units
	units=$($1 sh -c "systemctl $2 list-units --all --plain --no-legend --type=service,timer,path,socket,target | sed 's/ .*//'")
	# shellcheck disable=SC2086
	{
		$1 showdirect "$2" unit $units $MORE >"$t/before"
		$1 showdirect "$2" --direct unit $units $MORE >"$t/bus" 2>"$t/said" || [ $? -eq 3 ]
		$1 showdirect "$2" unit $units $MORE >"$t/after"
	}
	/usr/bin/python3 - "$t" "$3" <<-'END'
		import re, sys
		number = re.compile(r"(?m)^(MemoryCurrent|TasksCurrent)=\d+$")
		# in the order of a hash, which changes when a unit is loaded anew between two looks
		units = re.compile(r"(?m)^(RequiredBy|WantedBy|BoundBy|PartOf|Wants|Requires|After|Triggers|TriggeredBy)=(.*)$")
		text = lambda name: number.sub(r"\1=N", open(f"{sys.argv[1]}/{name}").read())
		read = lambda name: units.sub(lambda m: m[1] + "=" + " ".join(sorted(m[2].split(" "))), text(name))
		blocks = lambda name: dict(b.split("\n", 1) for b in read(name).split("---- ")[1:])
		before, bus, after = (blocks(n) for n in ("before", "bus", "after"))
		asked = {line.split(":")[0] for line in open(f"{sys.argv[1]}/said")}
		still = [u for u in before if before[u] == after.get(u) and u.split()[0] not in asked]
		pairs = [(u, a, b) for u in still for a, b in zip(before[u].splitlines(), bus[u].splitlines()) if a != b]
		print("\n".join(f"{u}\n< {a}\n> {b}" for u, a, b in pairs))
		print(f"{len(still)} units compared, {len(asked)} asked of the command")
		sys.exit(any(before[u] != bus[u] for u in still) or len(still) < int(sys.argv[2]))
	END
	grep -q "^---- nope.service ok 0" "$t/bus"
}

@test "a user's manager, asked by its user" { same_over_bus agent --user 15; }
@test "the system's manager, asked by a user" { same_over_bus agent --system 50; }
@test "the system's manager, asked by root" { same_over_bus root --system 50; }

@test "units that are asked together are told as systemctl tells them, or all by it" {
	t=$BATS_TEST_TMPDIR
	still=(drop.service failed.service nope.service look.path masked.service drop.service)
	agent showdirect --user units "${still[@]}" >"$t/command"
	agent showdirect --user --direct units "${still[@]}" >"$t/bus"
	[ "$(grep -c '^Id=' "$t/bus")" -eq 6 ]
	[ "$(grep -c '^$' "$t/bus")" -eq 5 ]
	diff <(sed 's/^\(MemoryCurrent\|TasksCurrent\)=.*/\1/' "$t/command") <(sed 's/^\(MemoryCurrent\|TasksCurrent\)=.*/\1/' "$t/bus")
	for unit in 'dro*.service' utf8.service drop --all; do
		run -3 agent showdirect --user --direct units drop.service "$unit"
		[[ $output == *'units: through the command'* ]]
	done
	run -3 agent showdirect --user --direct "--limit=$(($(wc -c <"$t/bus") - 40))" units "${still[@]}"
	[[ $output == *'---- units cut 0'* ]]
}

@test "what systemctl quotes is quoted; what is no plain ASCII is asked of systemctl" {
	run -0 agent showdirect --user --direct unit quoted.service ascii.service of-a-template@x.service
	[[ $output == *'Environment="Q=a b" "D=\$x" E='* ]]
	[[ $output == *'V64=@ '* ]]
	[[ $output == *'"app-of\\x2da\\x2dtemplate.slice"'* ]]
	run -3 agent showdirect --user --direct unit utf8.service
	[[ $output == *'utf8.service: through the command'* ]]
}

@test "a pattern and an abbreviation are asked of systemctl" {
	run -3 agent showdirect --user --direct unit 'dro*.service'
	run -3 agent showdirect --user --direct unit drop
	[[ $output == *Id=drop.service* ]]
}

# odd_entries: what a program may write to the journal; each of ENTRIES fields
odd_entries() {
	root tee /usr/local/bin/odd-entries >/dev/null <<-'END'
		#!/usr/bin/python3
		import socket, struct
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.connect("/run/systemd/journal/socket")
		entry = lambda *fields: s.send(b"".join(n + b"\n" + struct.pack("<Q", len(v)) + v + b"\n" for n, v in fields + ((b"ODD", b"1"),)))
		for text in (b"plain", b"", b"a=b", b"two\n\tlines", b"esc \x1b[31m", b"\r", b"nul \0", b"\x7f", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80",
			"\u00e9\u20ac\U0001f600 \"q\" \\ /".encode(), "\u0085".encode(), "\ufdd0".encode(), "\uffff".encode(), b"x" * 100000): entry((b"MESSAGE", text))
		entry((b"TWICE", b"a"), (b"TWICE", b"\xff"), (b"TWICE", b"a"), (b"MESSAGE", b"twice"))
	END
	root chmod 755 /usr/local/bin/odd-entries
	agent odd-entries
	until_true 10 root sh -c 'journalctl --quiet ODD=1 TWICE=a | grep -q twice'
}

# same_journal CALLER ATLEAST LINES MATCH…: what came in between the two questions is left out; $detail: a word for showdirect
same_journal() {
	local caller=$1 least=$2 t=$BATS_TEST_TMPDIR detail=${detail-}
	shift 2
	$caller showdirect $detail journal "$@" >"$t/command"
	run -0 $caller showdirect $detail --direct journal "$@"
	echo "$output" >"$t/direct"
	/usr/bin/python3 - "$t" "$least" "$detail" <<-'END'
		import json, sys
		def read(name):
		    head, *lines = open(f"{sys.argv[1]}/{name}").read().rstrip("\n").split("\n")
		    entries = list(map(json.loads, lines))
		    if not sys.argv[3]: return head, {e["__CURSOR"]: e for e in entries}
		    told = [{k: e[k] for k in ("__REALTIME_TIMESTAMP", "MESSAGE_ID") if k in e} for e in entries]
		    return head, {(e["__REALTIME_TIMESTAMP"], e.get("MESSAGE_ID")): e for e in told}
		(a, command), (b, direct) = read("command"), read("direct")
		both = [c for c in command if c in direct]
		late = [c for c in direct if c not in command]
		differ = [(command[c], direct[c]) for c in both if command[c] != direct[c]]
		print(a, b, len(command), len(direct), len(both), *differ[:1], sep="\n")
		sorted_ok = list(command)[-len(both):] == list(direct)[:len(both)] if both else True
		sys.exit(a != b or bool(differ) or not sorted_ok or len(both) < int(sys.argv[2]) or len(both) + len(late) < len(direct))
	END
}

@test "the whole journal, with what programs write to be odd, is what journalctl prints" {
	odd_entries
	same_journal root 90 1000000
	same_journal agent 17 1000000
	same_journal root 17 17 ODD=1
	same_journal root 3 3 ODD=1 _UID=4242 + _SYSTEMD_UNIT=user@4242.service
	same_journal agent 0 5 ODD=nothing
}

@test "so are an entry's event and time alone, as doctor asks" {
	detail=--events same_journal root 90 1000000
	detail=--events same_journal agent 2 1000000 USER_UNIT=drop.service _UID=4242
	detail=--events same_journal root 2 2 _PID=1
	grep -q '"MESSAGE_ID":"[0-9a-f]*"' "$BATS_TEST_TMPDIR/direct"
	not grep -q '"MESSAGE":' "$BATS_TEST_TMPDIR/direct"
}

@test "of a journal beyond its limit the newest entries are had" {
	t=$BATS_TEST_TMPDIR
	root showdirect --direct journal 1000000 _UID=4242 | sed 1d >"$t/all"
	run -0 root showdirect --direct --limit=20000 journal 1000000 _UID=4242
	[ "${lines[0]}" = "---- journal cut 0" ]
	sed 1d <<<"$output" >"$t/some"
	n=$(wc -l <"$t/some")
	[ "$(wc -c <"$t/some")" -le 20000 ] && [ "$n" -gt 3 ] && [ "$n" -lt "$(wc -l <"$t/all")" ]
	tail -n "$n" "$t/all" | diff - "$t/some"
	# not one fits: the command is asked
	run -3 root showdirect --direct --limit=20 journal 1000000 _UID=4242
}

@test "a journal file that is damaged is told of by journalctl" {
	dir=$(root sh -c 'ls -d /run/log/journal/* /var/log/journal/* 2>/dev/null | grep -m1 "/$(cat /etc/machine-id)$"')
	root sh -c "head -c 4096 /dev/zero >$dir/user-4242@damaged.journal; chmod 644 $dir/user-4242@damaged.journal"
	run -3 root showdirect --direct journal 3 ODD=1
	root rm "$dir/user-4242@damaged.journal"
	[[ $output == *'---- journal ok 0'* ]]
	[ "$(grep -c '"ODD"' <<<"$output")" -eq 3 ]
}

@test "who may read no journal is told by journalctl" {
	run -3 root setpriv --reuid=65534 --regid=65534 --clear-groups showdirect --direct journal 3
	[[ $output == *'---- journal ok 1'* ]]
}

# via CALLER OUTPUT WHAT: how it was asked, as the evidence has it
via() {
	$1 sourceos-agent collect drop.service --output "$2" --json --quiet >"$BATS_TEST_TMPDIR/c" || [ $? -eq 3 ]
	jq -rs --arg what "$3" '.[] | select(.key // "" | test($what)) | "\(.via) \(.outcome) \(.command | split(" ")[0])"' \
		"$(outside "$(jq -r .directory "$BATS_TEST_TMPDIR/c")")/records.jsonl"
}

@test "the record says which way it came; root asks a user's manager with that user's rights, through the command" {
	[ "$(via agent $EV /show/drop.service)" = "bus ok systemctl" ]
	[ "$(via via_sudo $EV.root /show/drop.service)" = "null ok systemctl" ]
	[ "$(via agent $EV.2 ^journal/)" = "journal ok journalctl" ]
}

@test "a manager that does not answer is a timeout, not a hang" {
	pid=$(agent systemctl show -p MainPID --value user@4242.service)
	root kill -STOP "$pid"
	run agent showdirect --user --direct unit drop.service
	root kill -CONT "$pid"
	[ "$status" -eq 3 ]
	[[ $output == *'no answer of the service manager within '*' ms'* ]]
	[[ $output == *'---- drop.service timeout'* ]]
}
