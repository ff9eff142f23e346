#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# preflight, doctor, status, logs and explain on a real host, the regression cases of the contract by id.
load helper

setup_file() {
	host_up || return 1
	agent mkdir -p Library/Logs/SocioProphet
	"$TESTHOST" image "$HOST" localhost/x/local:1
}
teardown_file() { host_down; }

# declare NAME MORE…: an agent of the user that runs in his own Podman; MORE are members of the declaration
declare_agent() {
	local name=$1; shift
	root sh -c 'mkdir -p /etc/sourceos/agents.d && cat >/etc/sourceos/agents.d/"$1".json' put "$name" <<-END
		{ "schemaVersion": "sourceos.local-agent.v1", "name": "$name", "label": "org.example.$name", "scope": "user", "runtime": "podman",
		  "owner": { "project": "p", "component": "c", "contact": "d" }${*:+, $*} }
	END
}
LOCAL='"container": { "name": "local", "runtimeImage": "localhost/x/local:1", "pullPolicy": "never" }, "auth": { "mode": "empty-authfile" }'

# verdict CHECK FILE: the worst verdict of a check in a document; failures FILE: the ids that fail
verdict() { jq -r --arg c "$1" '[.findings[] | select(.check == $c) | .verdict] | if index("fail") then "fail" elif index("unknown") then "unknown" elif index("warn") then "warn" elif index("blocked") then "blocked" elif index("ok") then "ok" else .[0] // "none" end' "$2"; }
failures() { jq -r '[.findings[] | select(.verdict == "fail") | .check] | unique | join(" ")' "$1"; }
message() { jq -r --arg c "$1" --arg v "$2" '.findings[] | select(.check == $c and .verdict == $v) | .message' "$3"; }
ask() { agent sourceos-agent "$@" --json >"$BATS_TEST_TMPDIR/doc" || true; DOC=$BATS_TEST_TMPDIR/doc; }
no_helper_ran() { [ ! -s "$HOST_ROOT/var/tmp/docker-credential-gcloud.log" ]; }

@test "a clean host gives no false alarm: doctor local-runtime" {
	root mv /usr/local/share/sourceos/agents.d /usr/local/share/sourceos/kept
	run -0 agent sourceos doctor local-runtime
	[[ ${lines[0]} == "0 declared agents, 0 undeclared: all well"* ]]
	run -0 root sourceos doctor local-runtime
	root mv /usr/local/share/sourceos/kept /usr/local/share/sourceos/agents.d
}

@test "a packaged service whose directory is a link is no second definition" {
	root sourceos-agent doctor systemd-logind.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(jq -r '.findings[] | select(.check == "DR-02") | .verdict' "$BATS_TEST_TMPDIR/doc")" = ok ]
}

@test "RC-01 machine missing: one failure, with its command" {
	ask preflight node-commander
	[ "$(failures "$DOC")" = PF-06 ]
	[ "$(jq -r '.findings[] | select(.verdict == "fail") | .remedy' "$DOC")" = "podman machine init podman-machine-default" ]
	[ "$(verdict PF-08 "$DOC")" = blocked ]
	same_from_bundle agent node-commander
}

@test "RC-04 image missing, RC-05 image present, in the owner's own Podman" {
	declare_agent local "$LOCAL"
	ask preflight local
	[ "$(verdict PF-09 "$DOC")" = ok ]
	[ "$(failures "$DOC")" = "" ]
	declare_agent local "${LOCAL/local:1/none:1}"
	ask preflight local
	[ "$(failures "$DOC")" = PF-09 ]
	ask status
	[ "$(jq -r '.agents[] | select(.name == "local").image' "$DOC")" = "localhost/x/none:1, missing" ]
	same_from_bundle agent local
	declare_agent local "$LOCAL"
	ask status
	[ "$(jq -r '.agents[] | select(.name == "local").image' "$DOC")" = "localhost/x/local:1, there" ]
	"$TOP/tests/schema/run" "$TOP/docs/formats/status.schema.json" "$DOC"
	same_from_bundle agent local
}

@test "RC-05 by the API socket as by the command" {
	declare_agent local "$LOCAL"
	"$TESTHOST" api "$HOST" agent on
	ask preflight local
	[ "$(verdict PF-09 "$DOC")" = ok ]
	[[ $(message PF-08 ok "$DOC") == "the API socket answers" ]]
	same_from_bundle agent local
	"$TESTHOST" api "$HOST" agent off
}

# scopes: those that the agent's manager has made for a Podman, since it began; which of them it keeps is up to the control groups
scopes() {
	root journalctl --sync
	agent journalctl --quiet --output=cat USER_UNIT=init.scope + _SYSTEMD_USER_UNIT=init.scope | grep -o 'podman-[0-9]*\.scope' | sort -u
}
pause() { root cat /run/user/4242/libpod/tmp/pause.pid; }
set_pause() { agent sh -c 'rm /run/user/4242/libpod/tmp/pause.pid && echo "$1" >/run/user/4242/libpod/tmp/pause.pid' set "$1"; }
group() { root grep -m1 -o 'podman-pause-[0-9a-f]*\.scope' "/proc/$1/cgroup"; }
# pause_is_new PID: Podman made the process that holds its name spaces, and it is not in our own control group
pause_is_new() { [ "$(pause)" != "$1" ] && [ -n "$(group "$(pause)")" ]; }

@test "asked through the command, Podman has no scope made for us; the process that outlives us has one" {
	declare_agent local "$LOCAL"
	agent podman ps >/dev/null
	pid=$(pause)
	scopes >"$BATS_TEST_TMPDIR/before"
	[ -s "$BATS_TEST_TMPDIR/before" ]
	ask preflight local
	[ "$(verdict PF-09 "$DOC")" = ok ]
	ask doctor local
	jq -e 'any(.findings[]; .check == "DR-06" and (.message | endswith("the podman command answers")))' "$DOC"
	via_sudo sourceos-agent preflight local --json >"$DOC" || true
	[ "$(verdict PF-09 "$DOC")" = ok ]
	scopes | diff "$BATS_TEST_TMPDIR/before" -
	[ "$(pause)" = "$pid" ]
}

@test "where Podman has to make the process that outlives us, it gets its scope: none lives, or another has its pid" {
	declare_agent local "$LOCAL"
	agent podman ps >/dev/null
	for other in gone 1 "$(agent systemctl --user show --property=MainPID --value dbus.service)"; do
		pid=$(pause)
		root kill -KILL "$pid"
		until_true 10 not root kill -0 "$pid"
		[ "$other" = gone ] || set_pause "$other"
		ask preflight local
		[ "$(verdict PF-09 "$DOC")" = ok ]
		pause_is_new "$pid"
		pause_is_new "$other"
	done
}

@test "what stands where Podman has the pid of that process is the user's, and root does not wait for it" {
	dir=/run/user/4242/libpod/tmp
	agent sh -c "cd $dir && mv pause.pid kept && mkfifo pause.pid"
	run via_sudo timeout -k 1 20 sourceos-agent list
	agent mv "$dir/kept" "$dir/pause.pid"
	[ "$status" -eq 0 ]
}

# messages COUNT FIELD=VALUE…: so many entries with these fields, as anybody may write them
messages() {
	agent /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/run/systemd/journal/socket")
for i in range(int(sys.argv[1])): s.send("\n".join(sys.argv[2:] + ["MESSAGE=%d" % i, ""]).encode())' "$@"
	root journalctl --sync
}
STARTED=MESSAGE_ID=39f53479d3a045ac8e11786248231fbf

@test "PP-10 by any name of a unit, and however much it logs itself" {
	# shellcheck disable=SC2016
	agent sh -c 'cd ~/.config/systemd/user && printf "[Service]\nType=oneshot\nExecStart=/bin/true\n" >often.service && ln -s often.service known-as.service
		systemctl --user daemon-reload; for i in 1 2 3 4 5 6 7 8 9; do systemctl --user start often.service; done'
	# as many as are read of the journal, which the unit itself wrote; it lives until the journal knows whose they are
	# shellcheck disable=SC2016
	agent sh -c 'echo "i=0; while [ \$i -lt 10010 ]; do i=\$((i + 1)); echo \$i; done; while [ ! -e seen ]; do sleep 0.1; done" >much
		printf "[Service]\nType=oneshot\nWorkingDirectory=%%h\nExecStart=/bin/sh much\nLogRateLimitIntervalSec=0\n" >~/.config/systemd/user/often.service
		systemctl --user daemon-reload; systemctl --user start --no-block often.service'
	until_true 60 agent sh -c 'journalctl --quiet --output=cat _SYSTEMD_USER_UNIT=often.service | grep -qx 10010'
	agent touch seen
	until_true 30 agent sh -c '[ "$(systemctl --user is-active often.service)" = inactive ]'
	for name in often known-as; do
		ask doctor $name.service
		[ "$(verdict PP-10 "$DOC")" = fail ]
		[[ $(message PP-10 fail "$DOC") == *"up to 10 starts in one hour"* ]]
		same_from_bundle agent $name.service
	done
	agent sh -c 'rm seen much ~/.config/systemd/user/often.service ~/.config/systemd/user/known-as.service; systemctl --user daemon-reload'
}

@test "PP-10 of a system unit counts what PID 1 wrote, and says so to who may not read it" {
	for _ in 1 2; do root systemctl restart systemd-journal-flush.service; done
	messages 50 UNIT=systemd-journal-flush.service $STARTED
	root sourceos-agent doctor systemd-journal-flush.service --json >"$BATS_TEST_TMPDIR/doc" || true
	[ "$(verdict PP-10 "$BATS_TEST_TMPDIR/doc")" = ok ]
	jq -e 'any(.findings[]; .check == "DR-12" and (tostring | test("journal: [1-9] starts")))' "$BATS_TEST_TMPDIR/doc"
	ask doctor systemd-journal-flush.service
	[ "$(verdict PP-10 "$DOC")" = unknown ]
	[[ $(message PP-10 unknown "$DOC") == *"the caller may not read the system's journal: ask as root" ]]
	# who may read it, and finds nothing there, is told what it says
	root journalctl --rotate
	root journalctl --vacuum-time=1s
	root sourceos-agent doctor systemd-journal-flush.service --json >"$DOC" || true
	[ "$(verdict PP-10 "$DOC")" = ok ]
	jq -e 'any(.findings[]; .check == "DR-12" and (tostring | test("it does not reach back to its last start")))' "$DOC"
}

@test "RC-06 registry image tag" {
	declare_agent reg '"container": { "name": "reg", "runtimeImage": "quay.io/x/y:1", "pullPolicy": "always" }, "auth": { "mode": "empty-authfile" }'
	ask preflight reg
	[ "$(verdict PF-10 "$DOC")" = fail ]
	same_from_bundle agent reg
	root rm /etc/sourceos/agents.d/reg.json
}

@test "RC-07 RC-08 a Docker config with Google's helper: named, kept out of what is declared empty-authfile, and never run" {
	"$TESTHOST" helper "$HOST"
	agent sh -c 'mkdir -p .docker && echo "{\"credHelpers\":{\"gcr.io\":\"gcloud\",\"localhost\":\"gcloud\"}}" >.docker/config.json'
	declare_agent local "$LOCAL"
	ask preflight local
	[ "$(verdict PF-12 "$DOC")" = ok ]
	[[ $(message PF-12 ok "$DOC") == *".docker/config.json holds credentials or helpers, which the launcher keeps out" ]]
	declare_agent strict "${LOCAL/empty-authfile/forbidden-ambient}"
	ask preflight strict
	[ "$(verdict PF-12 "$DOC")" = fail ]
	same_from_bundle agent local
	same_from_bundle agent strict
	no_helper_ran
	root rm /etc/sourceos/agents.d/strict.json
	agent rm -r .docker
}

@test "RC-03 socket refused: a connection whose socket nobody listens on" {
	# shellcheck disable=SC2016
	agent /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/user/4242/dead.sock")'
	agent podman system connection add dead unix:///run/user/4242/dead.sock
	declare_agent dead "$LOCAL"', "podman": { "connection": "dead" }'
	ask preflight dead
	[ "$(failures "$DOC")" = PF-08 ]
	[ "$(message PF-08 fail "$DOC")" = "nobody listens on the socket of the connection dead" ]
	[ "$(verdict PF-09 "$DOC")" = blocked ]
	same_from_bundle agent dead
	declare_agent dead "$LOCAL"', "podman": { "connection": "nosuch" }'
	ask preflight dead
	[ "$(message PF-08 fail "$DOC")" = "Podman knows no connection named nosuch" ]
	same_from_bundle agent dead
	root rm /etc/sourceos/agents.d/dead.json
	agent podman system connection remove dead
}

@test "a stale socket file, a socket that stays silent: said, within the deadline, and the rest is judged" {
	declare_agent local "$LOCAL"
	agent sh -c 'mkdir -p /run/user/4242/podman; rm -f /run/user/4242/podman/podman.sock
		/usr/bin/python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"/run/user/4242/podman/podman.sock\")"'
	ask preflight local
	[[ $(message PF-08 warn "$DOC") == "a stale API socket"* ]]
	[ "$(verdict PF-09 "$DOC")" = ok ]
	same_from_bundle agent local
	agent rm /run/user/4242/podman/podman.sock
	agent /usr/bin/python3 -c 'import socket,time,os
s=socket.socket(socket.AF_UNIX); s.bind("/run/user/4242/podman/podman.sock"); s.listen(9)
if os.fork() == 0:
    os.setsid(); [os.close(f) for f in (0,1,2)]
    open("/run/user/4242/silent.pid","w").write(str(os.getpid()))
    time.sleep(120)' 3>&-
	until_true 10 agent test -s /run/user/4242/silent.pid
	ask preflight local
	[[ $(message PF-08 warn "$DOC") == *"accepts and stays silent"* ]]
	[ "$(verdict PF-09 "$DOC")" = ok ]
	same_from_bundle agent local
	agent sh -c 'kill $(cat /run/user/4242/silent.pid); rm -f /run/user/4242/podman/podman.sock'
}

@test "RC-14 log directory missing" {
	declare_agent local "$LOCAL"', "logs": { "app": "/home/agent/nowhere/x.log" }'
	ask preflight local
	[ "$(failures "$DOC")" = PF-14 ]
	[ "$(jq -r '.findings[] | select(.verdict == "fail") | .remedy' "$DOC")" = "mkdir -p /home/agent/nowhere" ]
	same_from_bundle agent local
	declare_agent local "$LOCAL"', "logs": { "app": "/root/x.log" }'
	ask preflight local
	[ "$(verdict PF-14 "$DOC")" != ok ]
	same_from_bundle agent local
}

@test "RC-12 a container stuck in stopping" {
	declare_agent local "$LOCAL"
	"$TESTHOST" image "$HOST"
	"$TESTHOST" stuck "$HOST" agent local
	ask preflight local
	[ "$(failures "$DOC")" = PF-13 ]
	[ "$(message PF-13 fail "$DOC")" = "the container local is stuck in stopping" ]
	ask doctor local
	[ "$(verdict DR-08 "$DOC")" = fail ]
	same_from_bundle agent local
	agent podman rm -f local
}

@test "RC-02 AC-1 machine stopped: one failure that says so, and the socket's refusal, and its one next command" {
	"$TESTHOST" machine "$HOST"
	run -1 agent sourceos-agent preflight node-commander
	[ "${lines[0]}" = "node-commander: 1 check fails" ]
	[[ $output == *"the Podman machine podman-machine-default is stopped, and its socket refuses connections"* ]]
	[[ $output == *"podman machine start podman-machine-default"* ]]
	ask preflight node-commander
	[ "$(jq .counts.fail "$DOC")" = 1 ]
	[ "$(jq .counts.unknown "$DOC")" = 0 ]
	ask status node-commander
	[ "$(jq -c '.agents[0].findings' "$DOC")" = '{"fail":1,"warn":0,"unknown":0}' ]
	for member in container image; do
		[[ $(jq -r ".agents[0].$member" "$DOC") == *", not known: the Podman machine podman-machine-default is stopped"* ]]
	done
	same_from_bundle agent node-commander
}

# silent SOCKET: somebody of ours accepts there and says nothing; silent_ends SOCKET
silent() {
	agent /usr/bin/python3 -c 'import socket,time,os,sys
s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(99)
if os.fork() == 0:
    os.setsid(); [os.close(f) for f in (0,1,2)]
    open(sys.argv[1]+".pid","w").write(str(os.getpid()))
    time.sleep(600)' "$1"
	until_true 10 agent test -s "$1.pid"
}
silent_ends() { agent sh -c 'kill $(cat "$1.pid"); rm -f "$1" "$1.pid"' end "$1"; }
stale() { agent /usr/bin/python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"; }
# roots SOCKET: one of root's, mode 0600, that listens
roots() {
	root /usr/bin/python3 -c 'import socket,time,os,sys
s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o600); s.listen(9)
if os.fork() == 0:
    os.setsid(); [os.close(f) for f in (0,1,2)]
    open("/run/roots.pid","w").write(str(os.getpid()))
    time.sleep(600)' "$1"
	until_true 10 root test -s /run/roots.pid
}
roots_ends() { root sh -c 'kill $(cat /run/roots.pid); rm /run/roots.pid "$1"' end "$1"; }

# one_failure CALLER NAME MESSAGE REMEDY: of preflight and doctor the way to the engine alone fails, with one command, and nothing is unknown that hangs on it
one_failure() {
	local caller=$1 name=$2 verb check doc=$BATS_TEST_TMPDIR/doc
	for verb in preflight doctor; do
		SECONDS=0
		$caller timeout 20 sourceos-agent $verb "$name" --json >"$doc" || [ $? -le 3 ]
		[ $SECONDS -lt 10 ]
		[ $verb = preflight ] && check=PF-08 || check=DR-06
		[[ $(message $check fail "$doc") == *"$3"* ]] || { jq -c '.findings[]' "$doc"; return 1; }
		[[ $(jq -r --arg c $check '.findings[] | select(.check == $c and .verdict == "fail") | .remedy' "$doc") == *"$4"* ]]
		[ "$(jq --arg c $check '[.findings[] | select(.blockedBy == $c)] | length > 1' "$doc")" = true ]
		[ $verb = doctor ] || [ "$(failures "$doc")" = PF-08 ]
		[ $verb = doctor ] || [ "$(jq .counts.unknown "$doc")" = 0 ]
	done
	SECONDS=0
	$caller timeout 20 sourceos-agent status "$name" --json >"$doc" || [ $? -le 3 ]
	[ $SECONDS -lt 10 ]
	[ "$(jq -c '.agents[0].findings' "$doc")" = '{"fail":1,"warn":0,"unknown":0}' ]
	[[ $(jq -r '.agents[0].container' "$doc") == *", not known: $3"* || $(jq -r '.agents[0].container' "$doc") == *", not known: podman-machine-default $3"* ]]
	same_from_bundle "$caller" "$name"
}

@test "a machine that is said to run, with a dead gvproxy, a stale, a silent and a wrong owner's socket: one failure, with its command" {
	local sock=/run/user/4242/podman/podman.sock again="podman machine stop podman-machine-default; podman machine start podman-machine-default"
	"$TESTHOST" running "$HOST" 3>&- 4>&-
	agent podman machine list --noheading | grep -q 'Currently running'
	sock=$(agent podman machine inspect | jq -r '.[0].ConnectionInfo.PodmanSocket.Path')
	one_failure agent node-commander "is said to run, but nothing answers behind its socket" "$again"
	agent sh -c 'mkdir -p "$(dirname "$1")"' dir "$sock"
	stale "$sock"
	one_failure agent node-commander "is said to run, but nothing answers behind its socket" "$again"
	agent rm "$sock"
	silent "$sock"
	one_failure agent node-commander "the socket of podman-machine-default accepts and stays silent" "$again"
	SECONDS=0
	agent timeout 20 sourceos-agent status || [ $? -le 3 ]
	[ $SECONDS -lt 10 ]
	silent_ends "$sock"
	roots "$sock"
	one_failure agent node-commander "agent may not open the socket of podman-machine-default" "$again"
	one_failure via_sudo node-commander "agent may not open the socket of podman-machine-default" "$again"
	roots_ends "$sock"
	agent pkill -f /var/tmp/monitor.py
	agent rm /run/user/4242/podman/qmp_podman-machine-default.sock
}

@test "a stale, a silent and a wrong owner's socket of a connection: one failure, which says whose it is" {
	local sock=/run/user/4242/far.sock next="podman system connection list"
	agent podman system connection add far unix://$sock
	declare_agent far "$LOCAL"', "podman": { "connection": "far" }'
	one_failure agent far "the socket of the connection far is not there" "$next"
	stale $sock
	one_failure agent far "nobody listens on the socket of the connection far" "$next"
	agent rm $sock
	silent $sock
	one_failure agent far "the socket of the connection far accepts and stays silent" "$next"
	silent_ends $sock
	roots $sock
	one_failure agent far "the socket of the connection far is somebody else's: agent may not open it" "$next"
	one_failure via_sudo far "the socket of the connection far is somebody else's: agent may not open it" "$next"
	roots_ends $sock
	root rm /etc/sourceos/agents.d/far.json
	agent podman system connection remove far
}

@test "a connection to a Podman that answers is as good as his own" {
	"$TESTHOST" api "$HOST" agent on
	agent podman system connection add far unix:///run/user/4242/podman/podman.sock
	declare_agent far "$LOCAL"', "podman": { "connection": "far" }'
	ask preflight far
	[ "$(message PF-08 ok "$DOC")" = "the socket of the connection far answers" ]
	[ "$(failures "$DOC")" = "" ]
	[ "$(verdict PF-09 "$DOC")" = ok ]
	same_from_bundle agent far
	root rm /etc/sourceos/agents.d/far.json
	agent podman system connection remove far
	"$TESTHOST" api "$HOST" agent off
}

@test "a root caller without the user is told so" {
	run -1 root sourceos-agent preflight node-commander
	[[ $output == *"Podman has no machines for root"* ]] || [[ $output == *"is stopped"* ]]
	run -1 via_sudo sourceos-agent preflight node-commander
	[[ $output == *"is stopped, and its socket refuses connections"* ]]
	[[ $output == *"sudo -iu agent podman machine start podman-machine-default"* ]]
	same_from_bundle root node-commander
	same_from_bundle via_sudo node-commander
}

@test "a unit of 10 MB, a name with escapes, a declaration with a typo: named, bounded, coded" {
	agent sh -c 'mkdir -p .config/systemd/user && { echo "[Service]"; echo "ExecStart=/bin/true"; head -c 10000000 /dev/zero | tr "\0" "#"; echo; } >.config/systemd/user/big.service'
	agent systemctl --user daemon-reload
	agent timeout 60 sourceos-agent doctor big.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -lt 4 ]
	jq -e '.findings | length > 10' "$BATS_TEST_TMPDIR/doc"
	same_from_bundle agent big.service
	agent rm .config/systemd/user/big.service
	run -2 agent sourceos-agent doctor $'no\e[31msuch'
	[[ $output != *$'\e'* ]]
	declare_agent typo '"contaner": {}, "container": { "name": "t", "runtimeImage": "localhost/t:1" }'
	run agent sourceos-agent status
	[[ $output == *contaner* ]]
	root rm /etc/sourceos/agents.d/typo.json
}

@test "a directory that may not be read is named, its verdict unknown, and the rest is judged" {
	declare_agent local "$LOCAL"
	agent sh -c 'mkdir -p .config/autostart && chmod 000 .config/autostart'
	ask doctor local
	[ "$(verdict DR-14 "$DOC")" = unknown ]
	[ "$(jq -r '.findings[] | select(.check == "DR-14") | .detail' "$DOC")" = "/home/agent/.config/autostart: denied" ]
	same_from_bundle agent local
	ask doctor local-runtime
	[ "$(message DR-14 unknown "$DOC")" = "/home/agent/.config/autostart was not looked at: denied" ]
	run -3 agent sourceos-agent scan .config
	[[ $output == *"/home/agent/.config/autostart: Permission denied"* ]]
	# root may
	root sourceos doctor local-runtime --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(verdict DR-14 "$BATS_TEST_TMPDIR/doc")" != unknown ]
	agent chmod 755 .config/autostart
}

@test "DR-04 Guix: store paths, what is gone, the profile's generation, with no tool there to ask" {
	local item=/gnu/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-wrap-1.0
	root sh -c 'mkdir -p "$1/bin" /var/guix/profiles/per-user/agent && printf "#!/bin/sh\nexec podman run localhost/x/local:1\n" >"$1/bin/w" && chmod 755 "$1/bin/w" &&
		ln -s guix-profile-7-link /var/guix/profiles/per-user/agent/guix-profile' put $item
	agent sh -c 'mkdir -p .config/systemd/user && printf "[Service]\nExecStart=%s/bin/w\n" "$1" >.config/systemd/user/guix.service && systemctl --user daemon-reload' put $item
	ask doctor guix.service
	[ "$(message DR-04 ok "$DOC")" = "its Guix store path is there" ]
	jq -r '.findings[] | select(.check == "DR-04") | .detail' "$DOC" | grep -q '^generation guix-profile-7-link'
	[ "$(message PP-08 fail "$DOC")" = "the only visible command is zv883l8g80caw3lhmwxnnylqss7bsrhb-wrap-1.0, a store path that hides a container" ]
	root rm -r $item
	ask doctor guix.service
	[[ $(message DR-04 fail "$DOC") == "its Guix store path is gone"* ]]
	[ "$(verdict PP-06 "$DOC")" = blocked ]
	same_from_bundle agent guix.service
	agent sh -c 'rm .config/systemd/user/guix.service; systemctl --user daemon-reload'
}

@test "LA-01 LA-02 what is loaded is compared, with the declaration and with the disk, key by key" {
	# shellcheck disable=SC2016
	agent sh -c 'mkdir -p ~/.config/systemd/user && cd ~/.config/systemd/user && printf "[Service]\nExecStart=/usr/bin/tail -f /dev/null\n" >org.example.plain.service &&
		printf "[Service]\nExecStart=/bin/true\n" >org.example.local.service && systemctl --user daemon-reload && systemctl --user start org.example.plain.service'
	declare_agent plain '"command": ["/usr/bin/sleep", "100"], "linux": { "systemdUserUnit": "org.example.plain.service" }'
	root sed -i 's/"runtime": "podman"/"runtime": "native"/' /etc/sourceos/agents.d/plain.json
	declare_agent local "$LOCAL"', "linux": { "systemdUserUnit": "org.example.local.service" }'
	ask doctor plain
	[ "$(message LA-01 fail "$DOC")" = "the service runs another command than is declared" ]
	[ "$(jq -r '.findings[] | select(.check == "LA-01").detail' "$DOC")" = $'declared  /usr/bin/sleep\nservice   /usr/bin/tail' ]
	same_from_bundle agent plain
	ask doctor local
	[ "$(message LA-01 warn "$DOC")" = "in what the service runs no container is to be seen" ]
	agent sh -c 'printf "[Unit]\nStartLimitBurst=9\n[Service]\nRestart=on-failure\nExecStart=/usr/bin/sleep 100\n" >~/.config/systemd/user/org.example.plain.service'
	ask doctor plain
	[ "$(message LA-01 fail "$DOC")" = "the service runs another command than is declared" ]
	for line in "disk    StartLimitBurst=9" "loaded  StartLimitBurst=5" "disk    Restart=on-failure" "loaded  Restart=no" "disk    ExecStart=/usr/bin/sleep" "loaded  ExecStart=/usr/bin/tail"; do
		jq -r '.findings[] | select(.check == "LA-02").detail' "$DOC" | grep -qxF "$line"
	done
	[ "$(jq -r '.findings[] | select(.check == "LA-02").detail' "$DOC" | wc -l)" = 6 ]
	same_from_bundle agent plain
	agent sh -c 'systemctl --user stop org.example.plain.service; rm ~/.config/systemd/user/org.example.plain.service ~/.config/systemd/user/org.example.local.service; systemctl --user daemon-reload'
	root rm /etc/sourceos/agents.d/plain.json
}

@test "explain tells of a check, and of none" {
	run -0 agent sourceos-agent explain pf-07
	[[ $output == *"looks at"*"because"*"to fix"* ]]
	run -2 agent sourceos-agent explain PF-99
}
