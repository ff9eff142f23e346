#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a manager tells over its socket is what systemctl prints, byte for byte, for every unit of every manager here.
load helper

setup_file() {
	host_up || return 1
	install -m 755 "$UNITSHOW" "$HOST_ROOT/usr/local/bin/unitshow"
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
		$1 unitshow "$2" $units $MORE >"$t/before"
		$1 unitshow "$2" --bus $units $MORE >"$t/bus" 2>"$t/said" || [ $? -eq 3 ]
		$1 unitshow "$2" $units $MORE >"$t/after"
	}
	/usr/bin/python3 - "$t" "$3" <<-'END'
		import re, sys
		number = re.compile(r"(?m)^(MemoryCurrent|TasksCurrent)=\d+$")
		read = lambda name: number.sub(r"\1=N", open(f"{sys.argv[1]}/{name}").read())
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

@test "what systemctl quotes is quoted; what is no plain ASCII is asked of systemctl" {
	run -0 agent unitshow --user --bus quoted.service ascii.service of-a-template@x.service
	[[ $output == *'Environment="Q=a b" "D=\$x" E='* ]]
	[[ $output == *'V64=@ '* ]]
	[[ $output == *'"app-of\\x2da\\x2dtemplate.slice"'* ]]
	run -3 agent unitshow --user --bus utf8.service
	[[ $output == *'utf8.service: not over the bus'* ]]
}

@test "a pattern and an abbreviation are asked of systemctl" {
	run -3 agent unitshow --user --bus 'dro*.service'
	run -3 agent unitshow --user --bus drop
	[[ $output == *Id=drop.service* ]]
}

# via CALLER OUTPUT: how the manager was asked, as the evidence has it
via() {
	$1 sourceos-agent collect drop.service --output "$2" --json --quiet >"$BATS_TEST_TMPDIR/c" || [ $? -eq 3 ]
	jq -rs '.[] | select(.key // "" | test("/show/drop.service$")) | "\(.via) \(.outcome) \(.command | split(" ")[0])"' \
		"$(outside "$(jq -r .directory "$BATS_TEST_TMPDIR/c")")/records.jsonl"
}

@test "the record says which way it came; root asks a user's manager with that user's rights, through the command" {
	[ "$(via agent $EV)" = "bus ok systemctl" ]
	[ "$(via via_sudo $EV.root)" = "null ok systemctl" ]
}

@test "a manager that does not answer is a timeout, not a hang" {
	pid=$(agent systemctl show -p MainPID --value user@4242.service)
	root kill -STOP "$pid"
	run agent unitshow --user --bus drop.service
	root kill -CONT "$pid"
	[ "$status" -eq 3 ]
	[[ $output == *'no answer of the service manager within '*' ms'* ]]
	[[ $output == *'---- drop.service timeout'* ]]
}
