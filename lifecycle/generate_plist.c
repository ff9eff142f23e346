/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/plist.h"
#include "formats/text.h"
#include "lifecycle/generate.h"

/* The XML of formats/plist.h with our comment after the document type. */
static void add_commented(const struct recipe *r, const struct buf *xml, struct buf *out)
{
	const char *root = strstr(buf_str(xml), "<plist");
	size_t head = root ? (size_t)(root - xml->data) : 0;

	size_t from = out->len + head + strlen("<!-- ");
	buf_add(out, xml->data, head);
	generate_header(r, "<!-- ", " -->", out);
	/* a comment may not hold "--", and a path may */
	for (char *p = out->data + from; (p = strstr(p, "--")); p += 2)
		if (p[2] != '>' && !(p - out->data >= 2 && text_starts(p - 2, "<!--")))
			p[1] = '~';
	buf_add(out, xml->data + head, xml->len - head);
}

/* launchd gives /usr/bin:/bin:/usr/sbin:/sbin, where no podman of Homebrew's, of its installer's or of Nix's is. */
#define SERVICE_PATH "/opt/homebrew/bin:/usr/local/bin:/opt/podman/bin:/run/current-system/sw/bin:/usr/bin:/bin:/usr/sbin:/sbin"

/* launchd has no start limit: the launcher bounds the starts, and ends with 0 once it refuses, which
 * SuccessfulExit=false takes for the end. */
void generate_plist(const struct recipe *r, struct buf *out)
{
	const struct agent *a = r->agent;
	struct buf log[2] = { { 0 }, { 0 } }, xml = { 0 };
	struct launchd_plist p;

	launchd_plist_init(&p);
	p.label = mem_strdup(a->label);
	if (a->runtime == RUNTIME_SYSTEMD)
		p.arguments = strv_dup(a->command);
	else
		p.arguments = strv_add(NULL, r->paths->wrapper);
	p.environment.v = mem_alloc(sizeof(*p.environment.v));
	p.environment.v[0] = (struct launchctl_pair){ mem_strdup("PATH"), mem_strdup(SERVICE_PATH) };
	p.environment.n = 1;
	p.run_at_load = a->lifecycle.run_at_load ? TRI_YES : TRI_NO;
	if (a->lifecycle.restart == RESTART_MANUAL) {
		p.keepalive = KEEPALIVE_FALSE;
	} else {
		p.keepalive = KEEPALIVE_DICT;
		p.keepalive_successful_exit = TRI_NO;
	}
	p.throttle_interval = a->linux_unit.has_restart_sec && a->linux_unit.restart_sec > 10 ? (int64_t)a->linux_unit.restart_sec : 10;
	p.exit_timeout = stop_timeout_of(a);
	p.process_type = mem_strdup("Background");
	p.umask = 077;
	for (int i = 0; i < 2; i++)
		generate_log_path(a, i == 1, &log[i]);
	p.stdout_path = log[0].len ? mem_strdup(log[0].data) : NULL;
	p.stderr_path = log[1].len ? mem_strdup(log[1].data) : NULL;
	launchd_plist_write(&p, &xml);
	add_commented(r, &xml, out);
	launchd_plist_free(&p);
	buf_free(&log[0]);
	buf_free(&log[1]);
	buf_free(&xml);
}
