/* SPDX-License-Identifier: MIT */
#include "formats/text.h"
#include "lifecycle/generate.h"

/* conmon announces itself, and is then what systemd watches: the client is gone once the container
 * runs. Behind a connection there is no conmon here, and the client itself stays. */
static void add_podman(const struct recipe *r, struct buf *out)
{
	bool remote = agent_is_remote(r->agent, r->platform);

	if (remote)
		buf_adds(out, "Type=exec\n");
	else
		buf_adds(out, "Type=notify\nNotifyAccess=all\n");
	buf_adds(out, "Environment=PODMAN_SYSTEMD_UNIT=%n\n");
	buf_adds(out, "ExecStart=");
	unit_add_word(out, r->paths->wrapper);
	buf_adds(out, "\nExecStop=");
	unit_add_word(out, r->paths->wrapper);
	buf_adds(out, " --stop\n");
	/* what a container ends with when it is asked to */
	buf_adds(out, "SuccessExitStatus=143\n");
}

static void add_command(const struct recipe *r, struct buf *out)
{
	buf_adds(out, "Type=exec\nExecStart=");
	if (r->agent->runtime == RUNTIME_SYSTEMD) {
		for (char **w = r->agent->command; *w; w++) {
			if (w != r->agent->command)
				buf_addc(out, ' ');
			unit_add_word(out, *w);
		}
	} else {
		unit_add_word(out, r->paths->wrapper);
	}
	buf_addc(out, '\n');
}

/* Rootless Podman needs the setuid newuidmap, and namespaces: whatever implies NoNewPrivileges= or
 * makes a mount namespace breaks it. */
static void add_hardening(const struct agent *a, struct buf *out)
{
	buf_adds(out, "UMask=0077\n");
	if (a->runtime == RUNTIME_PODMAN)
		return;
	buf_adds(out, "NoNewPrivileges=yes\nLockPersonality=yes\nRestrictRealtime=yes\nRestrictSUIDSGID=yes\nSystemCallArchitectures=native\n");
	if (a->scope == SCOPE_SYSTEM)
		buf_adds(out, "PrivateTmp=yes\nProtectClock=yes\nProtectControlGroups=yes\nProtectKernelModules=yes\nProtectKernelTunables=yes\n");
}

static void add_description(const struct agent *a, struct buf *out)
{
	_cleanup_free_ char *project = text_safe(a->owner.project ? a->owner.project : "");

	buf_addf(out, "Description=Local agent %s", a->name);
	if (*project) {
		buf_adds(out, " of ");
		unit_add_value(out, project);
	}
	buf_addc(out, '\n');
}

void generate_unit(const struct recipe *r, struct buf *out)
{
	const struct agent *a = r->agent;

	generate_header(r, "# ", "", out);
	buf_adds(out, "\n[Unit]\n");
	add_description(a, out);
	if (a->scope == SCOPE_SYSTEM)
		buf_adds(out, "Wants=network-online.target\nAfter=network-online.target\n");
	unit_add_start_limit(r, out);
	buf_adds(out, "\n[Service]\n");
	if (a->runtime == RUNTIME_PODMAN)
		add_podman(r, out);
	else
		add_command(r, out);
	/* the health check has its own deadline; this one is for a start that hangs */
	buf_addf(out, "TimeoutStartSec=%u\nTimeoutStopSec=%u\nKillMode=mixed\n", a->lifecycle.startup_timeout_sec + 60, stop_timeout_of(a));
	unit_add_restart(a, out);
	/* the launcher's refusal: starting again would only be refused again */
	buf_adds(out, "RestartPreventExitStatus=78\n");
	unit_add_logs(a, out);
	add_hardening(a, out);
	unit_add_install(a, out);
}
