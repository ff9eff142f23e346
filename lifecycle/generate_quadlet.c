/* SPDX-License-Identifier: MIT */
#include "formats/text.h"
#include "lifecycle/generate.h"
#include "lifecycle/launch.h"

/* Quadlet writes the command itself, so what the launcher would put there are PodmanArgs= here, and its
 * count of starts is a condition: a start too many is skipped, and what is skipped is not restarted. */
void generate_quadlet(const struct recipe *r, struct buf *out)
{
	const struct agent *a = r->agent;
	_cleanup_strv_ char **options = launch_isolation(a, r->paths);

	generate_header(r, "# ", "", out);
	buf_addf(out, "\n[Unit]\nDescription=Local agent %s\n", a->name);
	unit_add_start_limit(r, out);
	buf_addf(out, "\n[Container]\nContainerName=%s\nImage=", a->container_name);
	unit_add_value(out, a->image);
	buf_adds(out, "\nPodmanArgs=");
	for (char **o = options; *o; o++) {
		if (o != options)
			buf_addc(out, ' ');
		unit_add_word(out, *o);
	}
	buf_addf(out, " --log-driver=passthrough --stop-timeout=%u\n", launch_stop_seconds(a));
	if (a->command) {
		buf_adds(out, "Exec=");
		for (char **w = a->command; *w; w++) {
			if (w != a->command)
				buf_addc(out, ' ');
			unit_add_word(out, *w);
		}
		buf_addc(out, '\n');
	}
	buf_adds(out, "\n[Service]\n");
	if (!a->auth.allow_ambient_docker_config) {
		_cleanup_free_ char *docker = mem_printf("DOCKER_CONFIG=%s", r->paths->docker_dir);
		buf_adds(out, "Environment=");
		unit_add_word(out, docker);
		buf_addc(out, '\n');
	}
	buf_adds(out, "ExecCondition=");
	unit_add_word(out, r->paths->wrapper);
	buf_adds(out, " --check\n");
	buf_addf(out, "TimeoutStartSec=%u\nTimeoutStopSec=%u\n", a->lifecycle.startup_timeout_sec + 60, stop_timeout_of(a));
	unit_add_restart(a, out);
	buf_adds(out, "SuccessExitStatus=143\n");
	unit_add_logs(a, out);
	buf_adds(out, "UMask=0077\n");
	/* a generated unit cannot be enabled: its [Install] alone decides */
	if (a->lifecycle.run_at_load)
		unit_add_install(a, out);
}
