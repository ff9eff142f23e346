#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An agent as a Quadlet, with Podman's own generator. QUADLET is that program: Debian 12's Podman is from before it, so that this is no
# part of `make check`; `make check-quadlet` fetches the one of Debian 13, which needs nothing but libc.
load lifecycle

setup_file() {
	[ -x "${QUADLET:-}" ] || skip "no generator: make check-quadlet"
	host_up
	"$TESTHOST" image "$HOST"
	install -D -m 755 "$QUADLET" "$HOST_ROOT/usr/libexec/podman/quadlet"
	for scope in user system; do
		mkdir -p "$HOST_ROOT/usr/lib/systemd/$scope-generators"
		ln -s /usr/libexec/podman/quadlet "$HOST_ROOT/usr/lib/systemd/$scope-generators/podman-$scope-generator"
	done
	# what a later generator expects and this Podman and kernel lack: control groups of its own, and an rm that removes the cidfile
	for dir in /home/agent/.config/containers/systemd /etc/containers/systemd; do
		root mkdir -p "$dir/local.container.d"
		printf '%s\n' '[Container]' 'PodmanArgs=--cgroups=disabled' '[Service]' 'ExecStopPost=-rm -f %t/%N.cid' >"$(outside "$dir/local.container.d/old-podman.conf")"
	done
	root chown -R agent: /home/agent/.config
	declare_agent local
}
teardown_file() { host_down; }

@test "the generator takes what is staged, and says nothing against it" {
	agent sourceos-agent stage local --quadlet --output /home/agent/q
	run -0 --separate-stderr agent env QUADLET_UNIT_DIRS="$(dirname "$(root find /home/agent/q -name local.container)")" /usr/libexec/podman/quadlet -user -dryrun
	echo "$stderr"
	[[ $output == *"--pull=never"*"--authfile="* ]]
	[[ $stderr != *[Uu]nsupported* && $stderr != *rror* ]]
}

@test "install --quadlet: the generated service is up, and enabled by its file" {
	agent sourceos-agent install local --quadlet
	[ "$(agent systemctl --user is-active local.service)" = active ]
	[ "$(agent systemctl --user show -p SourcePath --value local.service)" = /home/agent/.config/containers/systemd/local.container ]
	container_runs
	run -0 agent sourceos-agent install local
	[[ $output == *"installed already"* ]]
}

@test "status and doctor know it under the Quadlet's name, on the host as in its bundle" {
	run agent sourceos-agent doctor local
	echo "$output"
	[ "$status" -eq 0 ]
	run -0 agent sourceos-agent status local
	[[ $output == "local  running"*"local.service"* ]]
	# root without sudo finds whose it is
	run -0 root sourceos-agent status local
	[[ $output == "local  running"*"local.service"* ]]
	same_from_bundle agent local
}

la05() { agent sourceos-agent doctor local --json | jq -r '.findings[] | select(.check == "LA-05") | "\(.verdict) \(.message)"'; }

@test "LA-05 of a Quadlet, too, the launcher that it asks" {
	run=/home/agent/.local/state/sourceos-agent/agents/local/run
	[ "$(la05)" = "ok definition and launcher are as install wrote them" ]
	cp "$(outside $run)" "$BATS_TEST_TMPDIR/run"
	agent sh -c "echo '# edited' >>$run"
	[ "$(la05)" = "warn $run is not as install wrote it: somebody edited it" ]
	same_from_bundle agent local
	agent rm $run
	[ "$(la05)" = "warn $run is not as install wrote it: it is gone" ]
	same_from_bundle agent local
	agent tee $run <"$BATS_TEST_TMPDIR/run" >/dev/null
	agent chmod 755 $run
	[[ "$(la05)" == ok* ]]
}

@test "restart, stop and start act on it" {
	before=$(agent podman inspect --format '{{.Id}}' local)
	agent sourceos-agent restart local
	[ "$(agent podman inspect --format '{{.Id}}' local)" != "$before" ]
	agent sourceos-agent stop local
	no_container
	agent sourceos-agent start local
	container_runs
}

@test "quarantine takes the Quadlet away, restore brings it back" {
	unit=/home/agent/.config/containers/systemd/local.container
	hash=$(sha256sum <"$(outside $unit)")
	agent sourceos-agent quarantine local --output $EV --json >"$BATS_FILE_TMPDIR/q.json"
	[ ! -e "$(outside $unit)" ]
	[ "$(agent systemctl --user show -p LoadState --value local.service)" = not-found ]
	no_container
	agent sourceos-agent restore "$(json q .directory)"
	[ "$(sha256sum <"$(outside $unit)")" = "$hash" ]
	[ "$(agent systemctl --user show -p LoadState --value local.service)" = loaded ]
}

@test "uninstall leaves nothing of it" {
	agent sourceos-agent uninstall local --purge
	[ ! -e "$(outside /home/agent/.config/containers/systemd/local.container)" ]
	[ "$(agent systemctl --user show -p LoadState --value local.service)" = not-found ]
	no_container
}
