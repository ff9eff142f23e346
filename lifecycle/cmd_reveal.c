/* SPDX-License-Identifier: MIT */
/*
 * reveal: what a token stands for. No bundle and no file of ours holds the value: with the key, which stayed on the host, what
 * the host still has is redacted once more, and the secret that gets this token is the answer.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/localkey.h"
#include "bundle/reader.h"
#include "bundle/sha256.h"
#include "formats/text.h"
#include "lifecycle/cleaning.h"
#include "lifecycle/commands.h"
#include "lifecycle/receipt.h"
#include "lifecycle/redaction.h"
#include "lifecycle/session_target.h"
#include "redact/value.h"

#define BUNDLE_SUFFIX ".tar.zst"
#define DIGITS 8
#define VALUE_MAX (64u << 10)
#define TOKEN_MAX 64

struct reveal {
	const struct cli *cli;
	struct session session;
	struct cleaning clean; /* its redactor has the key */
	const char *token;
	char *dir;   /* the evidence directory; NULL: FILE is an original */
	char *agent; /* whose evidence it is; NULL: not known */
	struct buf value;
	char class[64];
	const char *from; /* where the value was found, for people */
	bool found;
};

static void reveal_free(struct reveal *v)
{
	buf_wipe(&v->value);
	cleaning_free(&v->clean);
	redactor_free(v->clean.redactor);
	session_close(&v->session);
	free(v->dir);
	free(v->agent);
}

/* The digits are the secret's; the word before them may differ with where it stood. */
static void on_secret(void *context, const char *token, const char *class, const void *value, size_t n)
{
	struct reveal *v = context;

	if (v->found || strcasecmp(token + strlen(token) - DIGITS, v->token + strlen(v->token) - DIGITS) != 0 || n > VALUE_MAX)
		return;
	buf_reserve(&v->value, n + 1);
	buf_add(&v->value, value, n);
	snprintf(v->class, sizeof(v->class), "%s", class);
	v->found = true;
}

/* ---- the key ---- */

/* The bundle may have moved: what it is called inside is the name of its evidence directory. */
static int directory_of_bundle(struct reveal *v, const char *path, struct err *err)
{
	struct bundle_args args = { .fd = open(path, O_RDONLY | O_CLOEXEC), .sigfd = -1, .flags = BUNDLE_ANYONE, .only = "manifest.json" };
	_cleanup_bundle_ struct bundle *b = NULL;
	struct trust none = { 0 };

	args.trust = &none;
	int r = args.fd < 0 ? err_errno(err, errno, "cannot open %s", path) : bundle_open(&args, &b, err);
	fd_closep(&args.fd);
	if (r)
		return r;
	const struct bundle_report *report = bundle_report(b);
	_cleanup_free_ char *beside = realpath(path, NULL);
	if (beside && text_ends(beside, BUNDLE_SUFFIX))
		beside[strlen(beside) - strlen(BUNDLE_SUFFIX)] = '\0';
	_cleanup_free_ char *kept = mem_printf("%s/evidence/%s", v->session.state_dir, report->top);
	v->dir = mem_strdup(beside && access(beside, F_OK) == 0 ? beside : kept);
	v->agent = mem_strdup(report->manifest.agent);
	return 0;
}

static char *agent_of_directory(const char *dir)
{
	_cleanup_free_ char *path = mem_printf("%s/manifest.json", dir);
	_cleanup_buf_ struct buf b = { 0 };
	json_t *j = file_read(AT_FDCWD, path, 64u << 20, &b, NULL) ? NULL : json_loadb(buf_str(&b), b.len, 0, NULL);
	char *agent = mem_strdup(json_string_value(json_object_get(j, "agent")));

	json_decref(j);
	return agent;
}

static int load_key(const struct reveal *v, uint8_t key[REDACT_KEY_BYTES], struct err *err)
{
	_cleanup_free_ char *path = v->dir ? mem_printf("%s/private/redaction.key", v->dir) : NULL;
	_cleanup_buf_ struct buf b = { 0 };

	if (!v->dir)
		return local_key(v->session.keys_dir, "redact", key, err);
	buf_reserve(&b, REDACT_KEY_BYTES + 1);
	int r = file_read(AT_FDCWD, path, REDACT_KEY_BYTES, &b, err);
	if (r == -ERR_ABSENT)
		return err_set(err, ERR_ABSENT, "the key of these tokens is not here (%s): it stayed on the host that made the bundle; ask there", path);
	if (r == -ERR_DENIED)
		return err_set(err, ERR_DENIED, "%s is another user's: only who holds the key may ask what a token stands for", path);
	if (r == 0 && b.len != REDACT_KEY_BYTES)
		r = err_set(err, ERR_SYNTAX, "%s is damaged", path);
	if (r == 0)
		memcpy(key, b.data, REDACT_KEY_BYTES);
	mem_wipe(b.data, b.cap);
	return r;
}

static int open_key(struct reveal *v, const char *path, struct err *err)
{
	uint8_t key[REDACT_KEY_BYTES];
	struct stat st;
	int r = stat(path, &st) ? err_errno(err, errno, "%s", path) : 0;

	if (r == 0 && S_ISDIR(st.st_mode)) {
		v->dir = realpath(path, NULL);
		v->agent = v->dir ? agent_of_directory(v->dir) : NULL;
	} else if (r == 0 && text_ends(path, BUNDLE_SUFFIX)) {
		r = directory_of_bundle(v, path, err);
	}
	if (r == 0)
		r = load_key(v, key, err);
	if (r == 0 && !(v->clean.redactor = redactor_new(key, err)))
		r = -err->code;
	mem_wipe(key, sizeof(key));
	if (r == 0)
		r = redaction_rules(&v->session, v->clean.redactor, err);
	if (r == 0)
		redactor_watch(v->clean.redactor, on_secret, v);
	return r;
}

/* ---- where the value may still be ---- */

static int search_file(struct reveal *v, const char *path, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? err_errno(err, errno, "cannot open %s", path) : clean_fd(&v->clean, fd, path, path, -1, err);
}

static int search_kept(struct reveal *v, const char *name, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/private/%s", v->dir, name);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return 0;
	int r = clean_tree(&v->clean, fd, -1, err);
	v->from = v->found ? "the originals that were kept" : NULL;
	return r;
}

/* Redacts what the host answers, and keeps nothing. */
struct dropper {
	struct tap tap;
	struct redactor *redactor;
};
struct drop {
	struct sink sink;
	struct spool spool;
	struct redact_job *job;
};

static void *drop_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return s;
}

static int drop_write(struct spool *s, void *handle, const void *p, size_t n)
{
	return 0;
}

static int drop_close(struct spool *s, void *handle, struct err *err)
{
	return 0;
}

static void drop_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	redact_chunk(((struct drop *)(void *)s)->job, stream, p, n);
}

static void drop_end(struct sink *s, const struct probe *probe, const struct record *rec)
{
	struct drop *d = (struct drop *)(void *)s;

	clean_record_free(redact_end(d->job, rec));
	free(d);
}

static struct sink *drop_begin(struct tap *t, const struct probe *p)
{
	struct drop *d = mem_alloc(sizeof(*d));

	d->sink = (struct sink){ drop_chunk, drop_end };
	d->spool = (struct spool){ drop_open, drop_write, drop_close };
	d->job = redact_begin(((struct dropper *)(void *)t)->redactor, p, &d->spool);
	return &d->sink;
}

static int search_host(struct reveal *v, struct err *err)
{
	const struct gather_options all = { .want = WANT_ALL };
	struct dropper dropper = { { drop_begin }, v->clean.redactor };
	_cleanup_evidence_ struct evidence *e = NULL;
	struct target target = { 0 };

	if (!v->agent)
		return 0;
	/* that it is gone since, or taken away, is no failure of the search */
	if (session_target_any(&v->session, v->cli, v->agent, &target, NULL)) {
		target_free(&target);
		return 0;
	}
	cli_progress(v->cli, "asking the host for %s once more …", v->agent);
	_cleanup_source_ struct source *tee = source_tee(v->session.source, &dropper.tap);
	int r = evidence_gather(tee, &target, &all, &e, err);
	cli_progress_done(v->cli);
	v->from = v->found ? "what the host answers now" : NULL;
	return r;
}

static int search_names(struct reveal *v, struct err *err)
{
	_cleanup_pseudonyms_ struct pseudonyms names = { 0 };
	_cleanup_free_ char *path = v->dir ? mem_printf("%s/private/" PSEUDONYMS_NAME, v->dir)
					   : mem_printf("%s/" PSEUDONYMS_NAME, v->session.state_dir);
	int r = pseudonyms_load(&names, path, err);
	const char *value = r ? NULL : pseudonyms_value(&names, v->token, strlen(v->token));

	if (value) {
		buf_adds(&v->value, value);
		snprintf(v->class, sizeof(v->class), "pseudonym");
		v->from = "the map of pseudonyms";
		v->found = true;
	}
	return r;
}

static int search(struct reveal *v, const char *path, struct err *err)
{
	int r = search_names(v, err);

	if (r == 0 && !v->found && !v->dir) {
		r = search_file(v, path, err);
		v->from = v->found ? "the file" : NULL;
	}
	if (r == 0 && !v->found && v->dir)
		r = search_kept(v, "originals", err);
	if (r == 0 && !v->found && v->dir)
		r = search_kept(v, "unshareable", err);
	if (r == 0 && !v->found && v->dir)
		r = search_host(v, err);
	if (r == 0 && !v->found)
		r = err_set(err, ERR_ABSENT, "%s: nothing on this host has that token any more%s", v->token,
			!v->dir ? " in this file" : "; a log may have rotated away, or the secret was changed");
	return r;
}

/* ---- the answer ---- */

static void print_value(const struct reveal *v)
{
	if (v->cli->json) {
		json_t *value = json_stringn(buf_str(&v->value), v->value.len);
		json_t *doc = json_pack("{s:s, s:o, s:s, s:s}", "token", v->token, "value", value ? value : json_null(), "class", v->class, "from", v->from);
		cli_print_json(doc);
		return;
	}
	cli_say(v->cli, "%s, from %s:", v->class, v->from);
	if (isatty(STDOUT_FILENO)) {
		_cleanup_buf_ struct buf safe = { 0 };
		text_add_safe(&safe, buf_str(&v->value), v->value.len, true);
		fwrite(buf_str(&safe), 1, safe.len, stdout);
		mem_wipe(safe.data, safe.cap);
	} else {
		fwrite(buf_str(&v->value), 1, v->value.len, stdout);
	}
	putchar('\n');
}

int cmd_reveal(struct cli *cli, struct err *err)
{
	CLEANUP(reveal_free) struct reveal v = { .cli = cli, .token = cli->args[1] };
	size_t n = strlen(v.token);

	v.clean = (struct cleaning){ .cli = cli, .files = json_array(), .totals = json_object(), .check = true };
	if (n > TOKEN_MAX || value_token(v.token, n) != n)
		return err_set(err, ERR_USAGE, "\"%s\" is no token; one reads REDACTED_<label>_<8 hex digits>", v.token);
	int r = session_open(cli, &v.session, err);
	if (r == 0)
		r = open_key(&v, cli->args[0], err);
	if (r == 0)
		r = search(&v, cli->args[0], err);
	/* who asked for which token is told, the value never */
	if (v.agent && (r == 0 || r == -ERR_ABSENT))
		receipt_note(&v.session, cli, v.agent, "reveal", v.token, r ? EXIT_INCOMPLETE : EXIT_OK);
	if (r == 0)
		print_value(&v);
	return r;
}
