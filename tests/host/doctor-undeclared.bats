#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What starts by itself and nobody declared. A stock host is not accused; each place where something can hide is looked into.
load helper

setup_file() {
	host_up || return 1
	root mv /usr/local/share/sourceos/agents.d /usr/local/share/sourceos/kept
}
teardown_file() { host_down; }

# put PATH [MODE] <TEXT, in the host, as root
put() { root sh -c 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"' put "$1" "${2:-644}"; }
look() { as=$1; shift; $as sourceos doctor local-runtime --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]; }
# finding CHECK SUBJECT MEMBER: of that check about that file, whatever its verdict but ok
finding() { jq -r --arg c "$1" --arg s "$2" --arg m "$3" '.findings[] | select(.check == $c and .subject == $s and .verdict != "ok") | .[$m] // empty | if type == "object" then "\(.file):\(.line)" else . end' "$BATS_TEST_TMPDIR/doc"; }
accused() { [ "$(finding PP-09 "$1" verdict)" = fail ] || { echo "not found: $1"; jq -c '.findings[]' "$BATS_TEST_TMPDIR/doc"; return 1; }; }

@test "a stock host with cron and anacron is not accused of anything, by root or by a user" {
	put /etc/crontab <<-'END'
		SHELL=/bin/sh
		PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
		# *  *  *  *  * user-name command to be executed
		17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
		25 6	* * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
		52 6	1 * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }
	END
	put /etc/anacrontab <<-'END'
		START_HOURS_RANGE=3-22
		1	5	cron.daily	run-parts --report /etc/cron.daily
		@monthly	15	cron.monthly	run-parts --report /etc/cron.monthly
	END
	put /etc/cron.d/anacron <<-'END'
		30 7-23 * * *   root	[ -x /etc/init.d/anacron ] && if [ ! -d /run/systemd/system ]; then /usr/sbin/invoke-rc.d anacron start >/dev/null; fi
	END
	put /etc/cron.daily/logrotate 755 <<-'END'
		#!/bin/sh
		if [ -d /run/systemd/system ]; then
		    exit 0
		fi
		/usr/sbin/logrotate /etc/logrotate.conf
		EXITVALUE=$?
		if [ $EXITVALUE != 0 ]; then
		    /usr/bin/logger -t logrotate "ALERT exited abnormally with [$EXITVALUE]"
		fi
	END
	put /var/spool/cron/crontabs/agent 600 <<<'@daily $HOME/bin/backup --to /srv'
	run -0 root sourceos doctor local-runtime
	[[ ${lines[0]} == "0 declared agents, 0 undeclared: all well"* ]]
	run -0 agent sourceos doctor local-runtime
	[[ ${lines[0]} == "0 declared agents, 0 undeclared: all well"* ]]
}

@test "crontabs: the system's, cron.d, cron.hourly, anacron's, a user's; through the wrapper; with their rates" {
	put /opt/sync.sh 755 <<<$'#!/bin/sh\npodman run quay.io/x/wrapped'
	root sh -c 'echo "*/5 * * * * root /usr/bin/nice /usr/bin/true; /opt/sync.sh" >>/etc/crontab
		echo "7 3 hidden.job podman run quay.io/x/anacron" >>/etc/anacrontab
		echo "*/10 * * * * docker run quay.io/x/user >>/tmp/user.log" >>/var/spool/cron/crontabs/agent'
	put /etc/cron.d/sneaky <<<'0,30 4 * * * root docker run quay.io/c/d'
	put /etc/cron.hourly/tidy 755 <<<$'#!/bin/sh\npodman run quay.io/x/hourly'
	look root
	for f in crontab anacrontab sneaky tidy agent; do accused $f; done
	[ "$(finding PP-06 crontab location)" = /opt/sync.sh:2 ]
	[ "$(finding PP-06 sneaky message)" = "it is a raw docker run" ]
	[ "$(finding PP-09 sneaky detail)" = "its schedule: up to 2 starts an hour, for ever" ]
	[ "$(finding PP-03 agent location)" = /var/spool/cron/crontabs/agent:2 ]
	[[ $(finding PP-09 agent message) == "a crontab of agent runs containers"* ]]
}

@test "a user may not list the spool, and crontab -l answers for his own" {
	root sh -c 'chown root:crontab /var/spool/cron/crontabs 2>/dev/null; chmod 1730 /var/spool/cron/crontabs'
	put /usr/local/bin/crontab 755 <<<$'#!/bin/sh\n[ "$1" = -l ] && echo "5 4 * * * podman run quay.io/x/mine"'
	look agent
	accused agent
	agent sh -c 'mkdir -p .config/systemd/user && printf "[Service]\nExecStart=/bin/true\n" >.config/systemd/user/plain.service'
	same_undeclared_from_bundle agent plain.service
	root rm /usr/local/bin/crontab
}

@test "a file of a package that somebody changed is no longer the package's" {
	root sh -c 'for f in /etc/cron.daily/dpkg /etc/cron.daily/apt-compat; do [ ! -e $f ] || echo "podman run quay.io/x/evil" >>$f; done'
	look root
	accused dpkg
	root sh -c 'sed -i "/evil/d" /etc/cron.daily/dpkg /etc/cron.daily/apt-compat'
	look root
	[ -z "$(finding PP-09 dpkg verdict)" ]
}

@test "what a package of rpm's installed is not accused, once somebody changed it it is" {
	root mv /usr/bin/rpm.kept /usr/bin/rpm
	root mkdir /tmp/rpm
	put /tmp/rpm/vendor.spec <<-'END'
		Name: vendor
		Version: 1
		Release: 1
		Summary: a service that runs a container
		License: MIT
		BuildArch: noarch
		%description
		A service that runs a container.
		%install
		mkdir -p %{buildroot}/usr/lib/systemd/system
		printf "[Service]\nExecStart=/usr/bin/podman run quay.io/x/vendor\n" >%{buildroot}/usr/lib/systemd/system/by-rpm.service
		%files
		/usr/lib/systemd/system/by-rpm.service
	END
	root sh -c 'cd /tmp/rpm && rpmbuild --quiet -bb --define "_topdir /tmp/rpm" vendor.spec && rpm --install --nodeps RPMS/noarch/*.rpm' 2>/dev/null
	look root
	[ -z "$(finding PP-09 by-rpm.service verdict)" ]
	root sh -c 'echo "# changed" >>/usr/lib/systemd/system/by-rpm.service'
	look root
	accused by-rpm.service
	root mv /usr/bin/rpm /usr/bin/rpm.kept
}

@test "autostart entries and Quadlets, of everybody and of one user" {
	put /etc/xdg/autostart/all.desktop <<<$'[Desktop Entry]\nExec=sh -c "podman run quay.io/x/all"'
	put /etc/containers/systemd/users/4242/mine.container <<<$'[Container]\nImage=quay.io/x/mine'
	put /etc/containers/systemd/sys.container <<<$'[Container]\nImage=quay.io/x/sys'
	agent sh -c 'mkdir -p .config/autostart && printf "[Desktop Entry]\nExec=podman run quay.io/x/one\n" >.config/autostart/one.desktop'
	look agent
	for f in all.desktop one.desktop mine.container sys.container; do accused $f; done
	same_undeclared_from_bundle agent plain.service
}

@test "timers: the rate of OnCalendar in starts an hour; a second command; a path unit" {
	put /etc/systemd/system/quick.service <<<$'[Service]\nType=oneshot\nExecStart=/bin/true\nExecStart=/usr/bin/podman run localhost/quick'
	put /etc/systemd/system/quick.timer <<<$'[Timer]\nOnCalendar=*:0/5\nOnCalendar=Mon..Fri *-*-* 08..17:30'
	put /etc/systemd/system/often.service <<<$'[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/bin/podman run localhost/often'
	put /etc/systemd/system/every-second.timer <<<$'[Timer]\nOnCalendar=*:*:*\nUnit=often.service'
	put /etc/systemd/system/revived.service <<<$'[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/bin/podman run localhost/revived'
	put /etc/systemd/system/revived.path <<<$'[Path]\nPathExists=/etc/passwd'
	look root
	for f in quick often revived; do accused $f.service; done
	[ "$(finding PP-09 quick.service detail)" = "its schedule: up to 12 starts an hour, for ever" ]
	[[ $(finding PP-11 often.service message) == *"up to 3600 starts an hour, for ever" ]]
	[ "$(finding PP-02 revived.service verdict)" = fail ]
	[[ $(finding PP-02 revived.service message) == *"start limit switched off: as often as it can, without a limit" ]]
	same_from_bundle root often.service
	# systemd agrees on what the calendar means
	[ "$(root systemd-analyze calendar --iterations=13 --base-time='2026-11-20 23:59:59' '*:0/5' | grep -c '2026-11-21 00')" = 12 ]
}

@test "PP-11 the real systemd: a path or socket unit gives up with its service, a timer does not" {
	put /etc/systemd/system/by-path.service <<<$'[Service]\nType=oneshot\nExecStart=/bin/true'
	put /etc/systemd/system/by-path.path <<<$'[Path]\nPathExists=/etc/passwd'
	put /etc/systemd/system/by-socket.service <<<$'[Service]\nType=oneshot\nExecStart=/bin/true'
	put /etc/systemd/system/by-socket.socket <<<$'[Socket]\nListenStream=127.0.0.1:7070'
	put /etc/systemd/system/by-timer.service <<<$'[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=2\n[Service]\nType=oneshot\nExecStart=/bin/true'
	put /etc/systemd/system/by-timer.timer <<<$'[Timer]\nOnCalendar=*:*:*\nAccuracySec=1us'
	root systemctl daemon-reload
	root systemctl start by-path.path by-socket.socket by-timer.timer
	# whoever connects is never answered, so the service is started again and again
	root bash -c 'exec 3<>/dev/tcp/127.0.0.1/7070'
	until_true 20 eval '[ "$(root systemctl show -p Result --value by-timer.service)" = start-limit-hit ]'
	until_true 20 eval '[ "$(root systemctl show -p Result --value by-path.path)" = unit-start-limit-hit ]'
	until_true 20 eval '[ "$(root systemctl show -p Result --value by-socket.socket)" = service-start-limit-hit ]'
	[ "$(root systemctl is-active by-timer.timer)" = active ]
	for by in path socket; do
		root sourceos-agent doctor by-$by.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
		[ "$(jq -r '.findings[] | select(.check == "PP-11") | .message' "$BATS_TEST_TMPDIR/doc")" = "not restarted, but triggered: up to 1800 starts an hour, then it stays down" ]
	done
	root sourceos-agent doctor by-timer.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[[ $(jq -r '.findings[] | select(.check == "PP-11") | .message' "$BATS_TEST_TMPDIR/doc") == *"up to 2 starts an hour, for ever" ]]
	same_from_bundle root by-timer.service
}

@test "a declared agent's unit is its own, one of the system that is only called so is accused" {
	agent sh -c 'mkdir -p .config/sourceos/agents.d .config/systemd/user
		printf "%s\n" "{\"schemaVersion\":\"sourceos.local-agent.v1\",\"name\":\"local\",\"label\":\"org.example.local\",\"scope\":\"user\",\"runtime\":\"systemd\",\"command\":[\"/bin/true\"],\"linux\":{\"systemdUserUnit\":\"org.example.local.service\"},\"owner\":{\"project\":\"p\",\"component\":\"c\",\"contact\":\"d\"}}" >.config/sourceos/agents.d/local.json
		printf "[Service]\nExecStart=/usr/bin/podman run quay.io/x/own\n" >.config/systemd/user/org.example.local.service
		systemctl --user daemon-reload'
	put /etc/systemd/system/org.example.local.service <<<$'[Service]\nExecStart=/usr/bin/podman run quay.io/evil/x\nRestart=always'
	root systemctl daemon-reload
	look agent
	[ "$(finding PP-09 org.example.local.service location)" = /etc/systemd/system/org.example.local.service:2 ] || { jq -c '.findings[]' "$BATS_TEST_TMPDIR/doc"; false; }
	# root does not go by what a user declares
	look root
	[[ $(finding PP-09 org.example.local.service location) == *"/etc/systemd/system/org.example.local.service:2"* ]]
	agent rm .config/sourceos/agents.d/local.json
}

@test "a wrapper of a wrapper, a second command, an instance: doctor of the host, and of its bundle" {
	put /opt/chain.sh 755 <<<$'#!/bin/sh\nexport A=b\nexec /opt/chained.sh "$@"'
	put /opt/chained.sh 755 <<<$'#!/bin/sh\nexec podman run quay.io/x/chained'
	put /etc/systemd/system/chain.service <<<$'[Service]\nType=oneshot\nExecStart=/bin/sh -e /opt/chain.sh\nExecStart=/bin/true'
	put /etc/systemd/system/inst@.service <<<$'[Service]\nExecStart=/usr/bin/podman run --name %p-%i quay.io/x/%i'
	put /etc/systemd/system/compose.service <<<$'[Service]\nExecStart=/bin/true\nExecStartPost=/usr/bin/docker-compose -f /opt/x.yml up -d'
	root systemctl daemon-reload
	said() { jq -r --arg c "$1" '.findings[] | select(.check == $c) | .message' "$BATS_TEST_TMPDIR/doc"; }
	root sourceos-agent doctor chain.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(said PP-06)" = "a script hides a raw podman run" ]
	root sourceos-agent doctor inst@a.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[[ $(said PP-05) == *"registry image quay.io/x/a directly" ]]
	[[ $(said DR-07) != *%i* ]]
	root sourceos-agent doctor compose.service --json >"$BATS_TEST_TMPDIR/doc" || [ $? -eq 1 ]
	[ "$(said PP-06)" = "the service runs the containers of a compose file (docker-compose up)" ]
	for unit in chain.service inst@a.service compose.service; do same_from_bundle root $unit; done
}
