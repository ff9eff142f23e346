#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What install must not do: each refusal, and each failure in the middle, on the real host. After it everything is as it was.
load lifecycle

setup_file() {
	host_up
	"$TESTHOST" image "$HOST"
	"$TESTHOST" helper "$HOST"
	declare_agent local
}
teardown_file() { host_down; }

# A whole home, without Podman's own: kind, mode, owner, time and content. The history of a failure stays, by design.
# shellcheck disable=SC2016
home_is() {
	root sh -c 'cd /home/agent && find . \( -path ./.local/share/containers -o -path ./.cache -o -path "./.config/c*" -o -name locks -o -name history.jsonl \) -prune \
		-o -type f -printf "%p %m %u %s %T@ " -exec sha256sum {} \; -o -type d -printf "%p %m %u\n" -o -printf "%p %y %u %l\n" | sort'
}
remember() { home_is >"$BATS_TEST_TMPDIR/home"; agent podman ps -a --format '{{.ID}} {{.Names}}' >"$BATS_TEST_TMPDIR/containers"; }
# …and nothing of what install would have made. The directories on the way to the history may be new, and the log of a start that failed.
is_as_it_was() {
	home_is | diff "$BATS_TEST_TMPDIR/home" - | grep '^[<>]' | grep -vE -e '^> \./\.local(/state(/local|/sourceos-agent(/agents(/local)?)?)?)? 7[05][05] agent$' -e 'local/local\.log' && return 1
	agent podman ps -a --format '{{.ID}} {{.Names}}' | diff "$BATS_TEST_TMPDIR/containers" -
}
not_enabled() { [ "$(agent systemctl --user is-enabled "$L" 2>/dev/null || true)" != enabled ]; }

@test "a unit of that name that is not ours" {
	agent sh -c "mkdir -p ~/.config/systemd/user && printf '[Service]\nExecStart=/bin/sleep 1d\n' >~/.config/systemd/user/$L"
	remember
	run -2 agent sourceos-agent install local
	[[ $output == *"/home/agent/.config/systemd/user/$L is there and was not written by us"* ]]
	run -2 agent sourceos-agent install local --replace
	is_as_it_was
	agent rm "/home/agent/.config/systemd/user/$L"
}

@test "PF-16 a label that another service owns" {
	root sh -c "mkdir -p /etc/systemd/user && printf '[Service]\nExecStart=/bin/sleep 1d\n' >/etc/systemd/user/$L"
	remember
	run -1 agent sourceos-agent install local
	[[ $output == *PF-16*"/etc/systemd/user/$L"* ]]
	is_as_it_was
	root rm "/etc/systemd/user/$L"
	agent systemctl --user daemon-reload
}

@test "PF-13 a container of that name that is somebody else's: running, or stopped with another image" {
	agent podman run -d --name local $IMAGE /bin/sleep infinity
	remember
	run -1 agent sourceos-agent install local
	[[ $output == *PF-13*"the container name local belongs to somebody else"* ]]
	is_as_it_was
	same_from_bundle agent local
	container_runs
	agent podman rm -f -t 0 local
	agent podman run -d --name local --label io.sourceos.agent=another $IMAGE /bin/true
	run -1 agent sourceos-agent install local
	[[ $output == *PF-13*"belongs to another"* ]]
	agent podman rm -f -t 0 local
	agent podman tag $IMAGE localhost/another:1
	agent podman run -d --pull=never --name local localhost/another:1 /bin/true
	remember
	run -1 agent sourceos-agent install local
	[[ $output == *PF-13*"belongs to somebody else"* ]]
	is_as_it_was
	agent podman rm -f -t 0 local
	agent podman untag localhost/another:1 localhost/another:1
}

@test "a home that is read-only" {
	root sh -c 'mount --bind /home/agent /home/agent && mount -o remount,ro,bind /home/agent'
	remember
	run -5 agent sourceos-agent install local
	[[ $output == *"Read-only file system"* ]]
	is_as_it_was
	root umount /home/agent
	not_enabled
}

@test "a configuration directory that is read-only: what was written elsewhere is taken back" {
	agent mkdir -p /home/agent/.config/systemd/user
	root sh -c 'mount --bind /home/agent/.config/systemd /home/agent/.config/systemd && mount -o remount,ro,bind /home/agent/.config/systemd'
	remember
	run -5 agent sourceos-agent install local
	[[ $output == *"make the directory"*"Read-only file system"* ]]
	[[ $output == *"everything is as it was before"* ]]
	is_as_it_was
	root umount /home/agent/.config/systemd
	not_enabled
}

@test "PF-02 a user who does not linger" {
	# a session keeps the manager when lingering goes
	root systemd-run --quiet --unit=keep-manager --property=PAMName=login --property=User=agent /bin/sleep infinity
	until_true 10 eval '[ -n "$(root loginctl show-user agent -p Sessions --value)" ]'
	root loginctl disable-linger agent
	remember
	run -1 agent sourceos-agent install local
	[[ $output == *PF-02*"does not linger"*"sudo loginctl enable-linger agent"* ]]
	is_as_it_was
	run -1 agent sourceos-agent preflight local
	root loginctl enable-linger agent
	root systemctl stop keep-manager
}

@test "PF-02 no manager of the user: root for a user who never logged in, and such a user through su" {
	root useradd -m -u 4343 lonely
	for who in 'root sourceos-agent install local --owner lonely' 'root setpriv --reuid lonely --regid lonely --init-groups env -i HOME=/home/lonely USER=lonely PATH=/usr/local/bin:/usr/bin:/bin sourceos-agent install local'; do
		run -1 $who
		[[ $output == *PF-02*"no service manager runs for lonely"*"sudo loginctl enable-linger lonely"* ]]
		[ -z "$(root find /home/lonely -name '*local*' -path '*systemd*')" ]
		[ ! -e "$(outside /home/lonely/.local/state/sourceos-agent/agents)" ]
	done
	[ ! -e "$(outside /var/lib/systemd/linger/lonely)" ]
}

@test "AC-1 RC-02 a Podman machine that is really stopped: one failure, and no unit, no link, no container, now or after a reload" {
	"$TESTHOST" machine "$HOST"
	declare_agent local '{"podman":{"requireMachine":true}}'
	remember
	run -1 agent sourceos-agent install local
	[ "$(grep -c '^[A-Z][A-Z]-[0-9]* ' <<<"$output")" -eq 1 ]
	[[ $output == *PF-07*"podman machine start podman-machine-default"* ]]
	is_as_it_was
	agent systemctl --user daemon-reload
	is_nowhere
	[ "$(agent systemctl --user show -p LoadState --value "$L")" = not-found ]
	[ -z "$(root find /home/agent/.config /etc/systemd /run/systemd /run/user/4242/systemd -name '*sourceos-agent@*' -o -path '*containers/systemd*' -name '*.container')" ]
	[ -z "$(agent podman ps -aq)" ]
	run -1 agent sourceos-agent install local --no-start
	is_as_it_was
	declare_agent local
}

# ---- a full disk ----

# The home on a disk of its own; Podman keeps its storage where it was.
small_home() {
	root sh -c 'mount -t tmpfs -o size=4m,nr_inodes=4k,mode=755,uid=4242,gid=4242 tmpfs /mnt && mkdir -p /mnt/.local/share/containers /mnt/.config /mnt/.cache &&
		chown -R agent: /mnt/.config /mnt/.local /mnt/.cache &&
		mount --bind /home/agent/.local/share/containers /mnt/.local/share/containers && mount --rbind /mnt /home/agent'
}
big_home() { root umount -R -l /home/agent; root umount -R -l /mnt; }
# leave PAGES|INODES N: so much of it is free, to the page (a small file is one), to the inode
# shellcheck disable=SC2016
leave() {
	case $1 in
	pages) root sh -c 'rm -f /mnt/filler; n=$(stat -f -c %a /mnt); head -c $(((n - $1) * 4096)) /dev/zero >/mnt/filler; [ "$(stat -f -c %a /mnt)" -eq "$1" ]' leave "$2" ;;
	inodes) root sh -c 'mount -o remount,nr_inodes=$(($(stat -f -c %c /mnt) - $(stat -f -c %d /mnt) + $1)) /mnt && [ "$(stat -f -c %d /mnt)" -eq "$1" ]' leave "$2" ;;
	esac
}
room() { root rm -f /mnt/filler; root mount -o remount,nr_inodes=4k /mnt; }

# The disk gets full a page (an inode) later each time, until there is room for all: every step has then failed once.
@test "a full disk in the middle of any step of an install: everything is as it was, and the reason is said" {
	small_home
	for what in pages inodes; do
		n=0 tried=0 step=${CRASH_STRIDE:-2}
		[ $what = pages ] || step=${CRASH_STRIDE:-3}
		while :; do
			leave $what $n
			remember
			run agent sourceos-agent install local
			[ "$status" -ne 0 ] || break
			echo "$what $n: $output"
			[ "$status" -eq 5 ]
			[[ $output == *"No space left on device"* ]]
			[[ $output == *"nothing was changed"* || $output == *"everything is as it was before"* ]]
			is_as_it_was
			not_enabled
			[ ! -e "$(outside "/home/agent/.local/state/sourceos-agent/agents/local/change")" ]
			n=$((n + step)) tried=$((tried + 1))
			[ $n -lt 60 ]
		done
		echo "# $what: refused or rolled back $tried times" >&3
		[ $tried -ge 4 ]
		is_up
		room
		agent sourceos-agent uninstall local --purge
	done
}

@test "a full disk in the middle of any step of an update: the old one is up again, byte for byte" {
	root mountpoint -q /mnt || small_home
	room
	agent sourceos-agent install local
	declare_agent local '{"lifecycle":{"restart":"manual"}}'
	for what in pages inodes; do
		n=0 tried=0 step=${CRASH_STRIDE:-2}
		while :; do
			leave $what $n
			remember_files=$(home_is)
			run agent sourceos-agent install local
			[ "$status" -ne 0 ] || break
			echo "$what $n: $output"
			[ "$status" -eq 5 ]
			[[ $output == *"No space left on device"* ]]
			diff <(echo "$remember_files") <(home_is)
			is_up
			container_runs
			grep -qx Restart=on-failure "$(outside "/home/agent/.config/systemd/user/$L")"
			n=$((n + step)) tried=$((tried + 1))
			[ $n -lt 60 ]
		done
		echo "# $what: refused or rolled back $tried times" >&3
		[ $tried -ge 3 ]
		grep -qx Restart=no "$(outside "/home/agent/.config/systemd/user/$L")"
		room
		agent sourceos-agent uninstall local --purge
		declare_agent local
		agent sourceos-agent install local
		declare_agent local '{"lifecycle":{"restart":"manual"}}'
	done
	declare_agent local
}

@test "on a full disk stop still stops, and uninstall leaves all or nothing" {
	leave pages 0
	run -0 agent sourceos-agent stop local
	not is_up
	no_container
	room
	agent sourceos-agent start local
	leave pages 0
	remember_files=$(home_is)
	run agent sourceos-agent uninstall local
	[ "$status" -eq 0 ] || diff <(echo "$remember_files") <(home_is)
	room
	run agent sourceos-agent uninstall local --purge
	is_nowhere
	big_home
}
