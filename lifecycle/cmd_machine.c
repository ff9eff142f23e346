/* SPDX-License-Identifier: MIT */
/* machine start: the one command that a failed preflight names, with the patience that a booting machine needs. */
#include <stdio.h>
#include <string.h>

#include "formats/podman.h"
#include "formats/text.h"
#include "lifecycle/become.h"
#include "lifecycle/commands.h"
#include "lifecycle/session.h"

#define BOOT_MS (10 * 60 * 1000)

static int ask(struct session *s, const struct identity *as, char **words, uint32_t timeout_ms, struct answer *ret, struct err *err)
{
	_cleanup_strv_ char **argv = words;
	_cleanup_probe_ struct probe *p = probe_cmd("machine", argv, as, PAYLOAD_PODMAN);

	p->limits.timeout_ms = timeout_ms;
	return source_get(s->source, p, ret, err);
}

static int no_machine(const struct identity *as, const char *name, const struct podman_machine *list, size_t n, struct err *err)
{
	_cleanup_buf_ struct buf names = { 0 };

	if (!n)
		return err_set(err, ERR_USAGE, "%s has no Podman machine; run: podman machine init %s", as->name, name);
	for (size_t i = 0; i < n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", list[i].name);
	return err_set(err, ERR_USAGE, "%s has no Podman machine %s, but: %s", as->name, name, buf_str(&names));
}

/* 1: running, 0: not; negative when there is none of that name, or Podman does not say. */
static int is_running(struct session *s, const struct identity *as, const char *name, struct err *err)
{
	_cleanup_answer_ struct answer a = { 0 };
	struct podman_machine *list = NULL;
	size_t n = 0;
	int r = ask(s, as, strv_new("podman", "machine", "list", "--format", "json", NULL), 60000, &a, err);

	if (r)
		return r;
	if (!record_answered(&a.rec) || a.rec.status)
		return err_set(err, ERR_CHANGE, "podman machine list: %s", a.rec.reason ? a.rec.reason : a.err.len ? buf_str(&a.err) : "failed");
	r = podman_machines_parse("podman machine list", buf_str(&a.out), a.out.len, &list, &n, err);
	const struct podman_machine *m = r ? NULL : podman_machine_find(list, n, name);
	if (r == 0)
		r = m ? m->running : no_machine(as, name, list, n, err);
	podman_machines_free(list, n);
	return r;
}

static int start(const struct cli *cli, struct session *s, const struct identity *as, const char *name, struct err *err)
{
	_cleanup_answer_ struct answer a = { 0 };
	int running = is_running(s, as, name, err);

	if (running < 0)
		return running;
	if (running) {
		printf("the machine %s runs already\n", name);
		return EXIT_OK;
	}
	cli_progress(cli, "starting the machine %s; this may take minutes …", name);
	int r = ask(s, as, strv_new("podman", "machine", "start", name, NULL), BOOT_MS, &a, err);
	cli_progress_done(cli);
	if (r)
		return r;
	if (!record_answered(&a.rec) || a.rec.status) {
		const char *said = a.err.len ? buf_str(&a.err) : buf_str(&a.out);
		_cleanup_free_ char *last = mem_strndup(said, strcspn(said, "\n"));
		return err_set(err, ERR_CHANGE, "the machine %s did not start: %s", name, a.rec.reason ? a.rec.reason : last);
	}
	running = is_running(s, as, name, err);
	if (running < 0)
		return running;
	if (!running)
		return err_set(err, ERR_CHANGE, "podman machine start says 0, and the machine %s does not run", name);
	printf("the machine %s runs\n", name);
	return EXIT_OK;
}

int cmd_machine_start(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	const char *owner = cli_get(cli, "owner"), *name = cli->args[0];
	struct user named = { 0 };
	int r = session_open(cli, &s, err);

	if (r == 0 && owner)
		r = user_get(s.source, owner, &named, err);
	const struct identity *as = owner ? &named.id : &s.caller.id;
	if (r == 0 && as->uid == 0)
		r = err_set(err, ERR_USAGE, "root has no Podman machines; run as the user whose machine it is, or name them with --owner");
	if (r == 0)
		r = become_owner(as, err);
	if (r == 0)
		r = start(cli, &s, as, name, err);
	user_free(&named);
	return r;
}
