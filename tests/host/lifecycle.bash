# SPDX-License-Identifier: MIT
# For the lifecycle-*.bats: an agent `local` of the user agent, a local image, and the words to look at it.
load helper

L=sourceos-agent@local.service
STATE=/home/agent/.local/state/sourceos-agent/agents/local
IMAGE=localhost/socioprophet/node-commander:dev-boot
LOG=/home/agent/.local/state/local/local.log
HELPER_LOG=/var/tmp/docker-credential-gcloud.log
export L STATE IMAGE LOG HELPER_LOG

# declare NAME JSON…: an agent NAME of the user, the members given over these
declare_agent() {
	local name=$1 more=${2:-{\}}
	jq -n --arg name "$name" --argjson more "$more" --arg image "$IMAGE" \
		'{($name): ({name: $name, scope: "user", runtime: "podman", image: $image,
			lifecycle: {restart: "bounded", maxRestartsPerHour: 3, startupTimeoutSeconds: 30, shutdownTimeoutSeconds: 3},
			logs: {app: "~/.local/state/\($name)/\($name).log"}} * $more)}' >"$BATS_FILE_TMPDIR/declaration.json"
	root sh -c 'mkdir -p /etc/sourceos/agents.d && cat >"/etc/sourceos/agents.d/$1.json"' put "$name" <"$BATS_FILE_TMPDIR/declaration.json"
}

# poison the user's Docker config with Google's helper, for every registry that is anywhere named
poison() {
	agent sh -c 'mkdir -p ~/.docker && cat >~/.docker/config.json' <<-END
		{ "credHelpers": { "us-central1-docker.pkg.dev": "gcloud", "gcr.io": "gcloud", "localhost": "gcloud" } }
	END
}
helper_runs() { wc -l <"$(outside $HELPER_LOG)"; }

is_up() { [ "$(agent systemctl --user is-active "$L" || true)" = active ]; }
container_runs() { agent podman ps --format '{{.Names}}' | grep -qx local; }
no_container() { ! agent podman container exists local; }
# Nothing of it where a manager looks, nothing enabled, nothing running
is_nowhere() {
	[ ! -e "$(outside "/home/agent/.config/systemd/user/$L")" ]
	[ -z "$(find "$(outside /home/agent/.config)" -name '*local.service*' 2>/dev/null)" ]
	[ "$(agent systemctl --user is-enabled "$L" 2>/dev/null || true)" != enabled ]
	not is_up
	no_container
}
