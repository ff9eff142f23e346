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

# judged NAME CHECK VERDICT TEXT LOCATION: what `doctor NAME` says, of the unit that was put there
judged() {
	look "$1"
	jq -e --arg c "$2" --arg v "$3" --arg t "$4" --arg l "$5" 'any(.findings[]; .check == $c and .verdict == $v and (.message | contains($t))
		and ($l == "" or "\(.location.file):\(.location.line)" == $l))' "$BATS_TEST_TMPDIR/doc" >/dev/null ||
		{ jq -c --arg c "$2" '.findings[] | select(.check == $c)' "$BATS_TEST_TMPDIR/doc"; return 1; }
}

@test "doctor looks through all commands of a service (PP-05, PP-06)" {
	put /etc/systemd/system/two.service <<<$'[Service]\nType=oneshot\nExecStart=/usr/bin/podman run quay.io/x/y\nExecStart=/bin/true'
	judged two.service PP-06 fail "the service is a raw podman run" /etc/systemd/system/two.service:3
	judged two.service PP-05 fail quay.io/x/y /etc/systemd/system/two.service:3
	put /etc/systemd/system/pre.service <<<$'[Service]\nExecStart=/bin/true\nExecStartPre=-/usr/bin/podman rm -f x\nExecStartPre=/bin/true ; /usr/bin/podman run quay.io/x/y'
	judged pre.service PP-06 fail "the service is a raw podman run" /etc/systemd/system/pre.service:4
	put /etc/systemd/system/rm.service <<<$'[Service]\nExecStart=/usr/bin/podman rm -f x'
	judged rm.service PP-06 ok "podman rm starts no container" ""
}

@test "wrappers are read through to the container: scripts within scripts, shells, env, nice, su (PP-06, PP-09)" {
	put /opt/w.sh 755 <<<$'#!/bin/sh\nexport A=b\nexec /opt/inner.sh "$@"'
	put /opt/inner.sh 755 <<<$'#!/bin/bash -e\n. /opt/lib.sh\nexec /bin/bash /opt/.innermost-wrapped'
	put /opt/lib.sh <<<'/opt/w.sh' # a cycle
	put /opt/.innermost-wrapped 755 <<<$'#!/bin/sh\n\nexec podman run quay.io/x/y'
	local i=0 line
	while read -r line; do
		i=$((i + 1))
		put /etc/systemd/system/w$i.service <<<"[Service]"$'\n'"ExecStart=$line"
	done <<-'END'
		/opt/w.sh
		/bin/sh -e /opt/w.sh
		/bin/bash -l /opt/w.sh
		/usr/bin/env FOO=1 /opt/w.sh
		/usr/bin/env bash /opt/w.sh
		/usr/bin/nice -n 5 /opt/w.sh
		/bin/sh -c 'exec /opt/w.sh'
		/bin/su - agent -c '/opt/w.sh'
	END
	put /etc/cron.d/su <<<"* * * * * root su - agent -c 'podman run quay.io/x/y'"
	[ $i = 8 ]
	look
	accused su
	for i in 1 2 3 4 5 6 7 8; do
		accused w$i.service
		[ "$(finding PP-06 w$i.service location)" = /opt/.innermost-wrapped:3 ]
	done
	for i in 1 2 3 4 5 6 7 8; do
		judged w$i.service PP-06 fail "a script hides a raw podman run" /opt/.innermost-wrapped:3
	done
}

@test "a chain of scripts that does not end is left, and what packages install is not looked into" {
	for i in $(seq 0 30); do put /opt/s$i 755 <<<"#!/bin/sh"$'\n'"exec /opt/s$((i + 1))"; done
	put /opt/s4 755 <<<$'#!/bin/sh\n/usr/bin/tool\n/opt/s5'
	put /opt/s5 755 <<<$'#!/bin/sh\npodman run x'
	put /usr/bin/tool 755 <<<$'#!/bin/sh\npodman run quay.io/x/y'
	put /etc/systemd/system/deep.service <<<$'[Service]\nExecStart=/opt/s0'
	put /etc/systemd/system/direct.service <<<$'[Service]\nExecStart=/usr/bin/tool'
	look
	[ -z "$(finding PP-09 deep.service verdict)" ]
	accused direct.service
	judged deep.service PP-06 unknown "what it starts is not known" ""
}

@test "what runs the containers of a compose or Kubernetes file is said to (PP-05, PP-06)" {
	put /opt/up.sh 755 <<<$'#!/bin/sh\ndocker compose -f /opt/x.yml pull\ndocker compose -f /opt/x.yml up'
	put /opt/play.sh 755 <<<$'#!/bin/sh\npodman play kube /opt/x.yml'
	put /etc/systemd/system/up.service <<<$'[Service]\nExecStart=/opt/up.sh'
	put /etc/systemd/system/play.service <<<$'[Service]\nExecStart=/opt/play.sh'
	put /etc/systemd/system/compose.service <<<$'[Service]\nExecStart=/usr/bin/docker-compose -f /opt/x.yml up'
	put /etc/systemd/system/podcompose.service <<<$'[Service]\nExecStart=/usr/bin/podman-compose up'
	look
	for i in up play compose podcompose; do accused $i.service; done
	judged compose.service PP-06 fail "the service runs the containers of a compose file (docker-compose up)" /etc/systemd/system/compose.service:2
	judged up.service PP-06 fail "a script runs the containers of a compose file (docker compose)" /opt/up.sh:3
	judged play.service PP-06 fail "a script runs the containers of a Kubernetes file (podman play)" /opt/play.sh:2
	judged play.service PP-05 warn "stands in a Kubernetes file" ""
}

@test "an autostart entry that is hidden starts nothing (PP-06, PP-09)" {
	put /home/alice/.config/autostart/shown.desktop <<<$'[Desktop Entry]\nHidden=false\nExec=podman run quay.io/x/y'
	put /home/alice/.config/autostart/hidden.desktop <<<$'[Desktop Entry]\nHidden=true\nExec=podman run quay.io/x/y'
	look
	accused shown.desktop
	[ -z "$(finding PP-09 hidden.desktop verdict)$(finding PP-06 hidden.desktop verdict)" ]
}

@test "Quadlets are found below their directories, as Podman's generator walks them (PP-09)" {
	put /etc/containers/systemd/apps/deep.container <<<$'[Container]\nImage=quay.io/x/deep'
	put /etc/containers/systemd/apps/more/deeper.container <<<$'[Container]\nImage=quay.io/x/deeper'
	put /etc/containers/systemd/users/apps/everybody.container <<<$'[Container]\nImage=quay.io/x/everybody'
	put /etc/containers/systemd/users/4242/another.container <<<$'[Container]\nImage=quay.io/x/another'
	put /home/alice/.config/containers/systemd/apps/mine.container <<<$'[Container]\nImage=quay.io/x/mine'
	put /etc/containers/systemd/apps/deep.container.d/x.conf <<<$'[Service]\nRestart=always'
	look
	for i in deep deeper everybody mine; do accused $i.container; done
	[ "$(finding PP-02 deep.container location)" = /etc/containers/systemd/apps/deep.container.d/x.conf:2 ]
	[ -z "$(finding PP-09 another.container verdict)" ]
}

@test "users who are not logged in: by their home, and who lingers (PP-09)" {
	local uid
	uid=$(id -u)
	[ "$uid" -ne 0 ] || uid=1001
	printf 'svc:x:%s:1001::/var/lib/svc:/bin/sh\nidle:x:1002:1002::/srv/idle:/bin/sh\nlinger:x:%s:1003::/srv/linger:/bin/sh\n' "$uid" "$uid" >>"$image/etc/passwd"
	put /var/lib/svc/.config/systemd/user/svc.service <<<$'[Service]\nExecStart=/usr/bin/podman run quay.io/x/svc'
	put /srv/linger/.config/autostart/on.desktop <<<$'[Desktop Entry]\nExec=podman run quay.io/x/on'
	put /var/lib/systemd/linger/linger </dev/null
	[ "$(id -u)" -ne 0 ] || chown -R 1001:1001 "$image/var/lib/svc" "$image/srv/linger"
	look
	accused svc.service
	accused on.desktop
	[[ $(finding PP-09 svc.service message) == "a unit of svc runs containers"* ]]
}

@test "rc.local and the scripts of init.d (PP-06, PP-09)" {
	put /etc/rc.local 755 <<<$'#!/bin/sh\npodman run quay.io/x/rc'
	put /etc/init.d/mine 755 <<<$'#!/bin/sh\ncase $1 in\nstart) docker run quay.io/x/init;;\nesac'
	put /etc/init.d/other 755 <<<$'#!/bin/sh\n. /lib/lsb/init-functions\nexec >>/tmp/other.log\nDAEMON=/usr/sbin/other\nstart-stop-daemon --start --exec $DAEMON'
	put /etc/init.d/native 755 <<<$'#!/bin/sh\npodman run quay.io/x/init' # which systemd starts the unit in place of
	put /etc/systemd/system/native.service <<<$'[Service]\nExecStart=/bin/true'
	look
	accused rc.local
	[ -z "$(finding PP-09 native verdict)" ]
	[[ $(finding PP-09 rc.local message) == "an init script of the system"* ]]
	[ "$(finding PP-06 mine location)" = /etc/init.d/mine:3 ]
	[ -z "$(finding PP-03 other verdict)" ]
	chmod 644 "$image/etc/rc.local"
	look
	[ -z "$(finding PP-09 rc.local verdict)" ]
}

@test "an instance's image and wrapper are named by its specifiers (PP-05, PP-06)" {
	put "/etc/systemd/system/tp@a-b.service" <<<$'[Service]\nExecStart=/usr/bin/podman run --name %p-%i quay.io/x/%i'
	judged tp@a-b.service PP-05 fail "the registry image quay.io/x/a-b directly" ""
	put "/etc/systemd/system/wr@a.service" <<<$'[Service]\nExecStart=/opt/%p/%i.sh'
	put /opt/wr/a.sh 755 <<<$'#!/bin/sh\nexec podman run quay.io/x/y'
	judged wr@a.service PP-06 fail "a script hides a raw podman run" /opt/wr/a.sh:2
	put /etc/systemd/system/machine.service <<<$'[Service]\nExecStart=/usr/bin/podman run quay.io/x/%m'
	judged machine.service PP-05 warn "not visible" ""
}
