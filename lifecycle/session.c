/* SPDX-License-Identifier: MIT */
#include "lifecycle/session.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "bundle/trustmark.h"
#include "collect/dirlist.h"
#include "collect/live.h"
#include "formats/text.h"

static char *state_dir(const struct host *h, const struct user *caller)
{
	bool darwin = h->platform == PLATFORM_DARWIN;
	const char *xdg = host_env(h, "XDG_STATE_HOME");

	if (h->euid == 0)
		return mem_strdup(darwin ? "/Library/Application Support/sourceos-agent" : "/var/lib/sourceos-agent");
	if (xdg && xdg[0] == '/')
		return mem_printf("%s/sourceos-agent", xdg);
	return mem_printf(darwin ? "%s/Library/Application Support/sourceos-agent" : "%s/.local/state/sourceos-agent", caller->id.home);
}

/* What a signal stops: the one place that a handler can look at. Ctrl-C then ends what we started, and the
 * command returns through its own clean-up, with the journal saying where it stood. */
static _Atomic(struct source *) interruptible;

static void on_signal(int sig)
{
	struct source *s = atomic_load(&interruptible);

	if (s)
		source_live_stop(s);
}

static void catch_signals(struct source *live)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	atomic_store(&interruptible, live);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &sa, NULL);
}

/* The one person of a mounted image: the only home in it; NULL when there are none or several. */
static char *only_home(struct source *s, const char *homes)
{
	_cleanup_probe_ struct probe *p = probe_dir(homes);
	_cleanup_answer_ struct answer a = { 0 };
	char *found = NULL;

	if (source_get(s, p, &a, NULL))
		return NULL;
	struct dirlist d = dirlist_of(&a);
	while (dirlist_next(&d)) {
		/* a home need not be called after whose it is */
		const char *name = d.owner ? d.owner : d.name;
		bool person = d.uid >= 500 && strcmp(d.type, "d") == 0;
		char *kept = !person || text_eq(found, name) ? found : mem_strdup(found ? "" : name);
		if (kept != found)
			free(found);
		found = kept;
	}
	if (found && !*found)
		mem_freep(&found);
	return found;
}

/* Nobody calls from within an image: its person is who --owner says, or who is the only one there, else root. */
static int image_caller(const struct session *s, const struct cli *cli, struct user *ret, struct err *err)
{
	const char *owner = cli_get(cli, "owner");
	_cleanup_free_ char *only = only_home(s->source, s->host.platform == PLATFORM_DARWIN ? "/Users" : "/home");

	if (owner && *owner)
		return user_get(s->source, owner, ret, err);
	if (only && user_get(s->source, only, ret, NULL) == 0)
		return 0;
	return user_get(s->source, "root", ret, err);
}

static char *rules_dir(const struct host *h, const struct user *caller)
{
	const char *xdg = host_env(h, "XDG_CONFIG_HOME");

	return xdg && *xdg == '/' ? mem_printf("%s/sourceos/redact.d", xdg) : mem_printf("%s/.config/sourceos/redact.d", caller->id.home);
}

/* With --root what is read is the image's; what is kept (keys, evidence) is kept on this host, where the operator's rules are too. */
static int own_dirs(struct session *s, const char *root, struct err *err)
{
	_cleanup_source_ struct source *live = root ? source_live(NULL, err) : NULL;
	struct host host = { 0 };
	struct user caller = { 0 };
	int r = 0;

	if (!root) {
		s->state_dir = state_dir(&s->host, &s->caller);
		s->rules_dir = rules_dir(&s->host, &s->caller);
	} else {
		r = live ? host_get(live, &host, err) : -err->code;
		r = r ? r : caller_get(live, &caller, err);
		s->state_dir = r ? NULL : state_dir(&host, &caller);
		s->rules_dir = r ? NULL : rules_dir(&host, &caller);
		host_free(&host);
		user_free(&caller);
	}
	s->keys_dir = r ? NULL : mem_printf("%s/keys", s->state_dir);
	return r;
}

int session_open(const struct cli *cli, struct session *ret, struct err *err)
{
	const char *root = cli_get(cli, "root");
	struct session s = { .source = source_live(root, err) };
	int r = s.source ? host_get(s.source, &s.host, err) : -err->code;

	if (r == 0)
		r = root ? image_caller(&s, cli, &s.caller, err) : caller_get(s.source, &s.caller, err);
	if (r == 0)
		r = agents_load(s.source, &s.host, &s.caller.id, &s.agents, err);
	if (r == 0)
		r = own_dirs(&s, root, err);
	if (r) {
		session_close(&s);
		return r;
	}
	/* what only reads a bundle, or sends it, leaves nothing half done: there a signal ends us, at once */
	if (!text_starts(cli->verb->name, "bundle "))
		catch_signals(s.source);
	*ret = s;
	return 0;
}

void session_close(struct session *s)
{
	agents_close(&s->agents);
	host_free(&s->host);
	user_free(&s->caller);
	free(s->state_dir);
	free(s->keys_dir);
	free(s->rules_dir);
	atomic_store(&interruptible, NULL);
	source_close(s->source);
	*s = (struct session){ 0 };
}

char *session_evidence_dir(const struct session *s)
{
	return mem_printf("%s/evidence", s->state_dir);
}

void session_warn(const struct session *s, const struct cli *cli)
{
	for (char **p = s->agents.problems; p && *p; p++)
		fprintf(stderr, "%s: warning: %s\n", cli->program, *p);
	for (size_t i = 0; i < s->agents.warnings.n && !cli->quiet; i++)
		fprintf(stderr, "%s: warning: %s\n", cli->program, s->agents.warnings.v[i].text);
}

void session_warn_key(const struct session *s, const struct cli *cli, const struct minisign_pub *pub)
{
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_free_ char *remark = NULL;

	if (trust_load(&t, s->keys_dir, NULL) || !trust_judge(&t, pub, source_now_us(s->source), &remark, NULL))
		return;
	const struct keymark *m = trust_mark_of(&t, pub);
	char since[32];
	text_time(since, m->since_us);
	fprintf(stderr,
		"%s: warning: this host's key is marked %s since %s: what it signs will not be trusted.\n"
		"'%s key rotate' makes a new key, for what is signed from then on\n",
		cli->program, key_state_name(m->state), since, cli->program);
}
