/* SPDX-License-Identifier: MIT */
/* bundle attach: a verified bundle to a ticket, or to where it is wanted. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/secret.h"
#include "bundle/upload.h"
#include "formats/text.h"
#include "lifecycle/case_arg.h"
#include "lifecycle/commands.h"
#include "lifecycle/handover.h"

enum { PROFILE_MAX = 64 << 10 };

static int read_profile(const char *path, struct attach_profile *ret, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r = file_read(AT_FDCWD, path, PROFILE_MAX, &b, err);

	return r ? r : attach_profile_parse(path, buf_str(&b), b.len, ret, err);
}

/* --to: a URL, the path of a profile, or the name of one. */
static int load_target(const struct session *s, const char *to, struct attach_profile *ret, struct err *err)
{
	const char *xdg = host_env(&s->host, "XDG_CONFIG_HOME");

	if (strstr(to, "://"))
		return attach_profile_from_url(to, ret, err);
	if (strchr(to, '/'))
		return read_profile(to, ret, err);
	_cleanup_free_ char *home = xdg && *xdg == '/' ? mem_printf("%s/sourceos/attach.d/%s.json", xdg, to)
						       : mem_printf("%s/.config/sourceos/attach.d/%s.json", s->caller.id.home, to);
	_cleanup_free_ char *etc = mem_printf("/etc/sourceos/attach.d/%s.json", to);
	const char *paths[] = { home, etc };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		int r = read_profile(paths[i], ret, err);
		if (r != -ERR_ABSENT)
			return r;
	}
	return err_set(err, ERR_USAGE, "no target \"%s\": neither %s nor %s is there; give a URL, a profile's path, or make one", to, home, etc);
}

static int on_progress(void *ctx, uint64_t sent, uint64_t total)
{
	static const char bar[] = "##############################";
	const struct cli *cli = ctx;
	int n = total ? (int)(sent * 30 / total) : 30;

	cli_progress(cli, "[%-30.*s] %" PRIu64 " of %" PRIu64 " MiB", n, bar, sent >> 20, total >> 20);
	return 0;
}

static void on_note(void *ctx, const char *what)
{
	const struct cli *cli = ctx;

	cli_progress_done(cli);
	cli_say(cli, "%s; trying again", what);
}

/*
 * Whether it may go: a bundle in which everything holds, by a trusted key: those are signed only once the
 * leak scan passed. A sealed one cannot be looked into; the signature over it says that it was made from such a one.
 */
static int may_leave(struct bundle_arg *b, const char *path, struct err *err)
{
	_cleanup_bundle_report_ struct bundle_report report = { 0 };
	struct seal_info info = { 0 };
	int r;

	if (b->directory)
		return err_set(err, ERR_USAGE, "%s is a directory: attach the bundle beside it, the .tar.zst", path);
	if (!seal_is_sealed_fd(b->args.fd)) {
		r = bundle_verify(&b->args, &report, err);
		return r ? err_prefix(err, "%s is not attached, it does not verify", path) : 0;
	}
	if ((r = seal_describe(path, &info, err)) || (r = bundle_signature(&b->args, &report, err)))
		return err_prefix(err, "%s is not attached", path);
	_cleanup_free_ char *sealed = bundle_comment_field(report.comment, "sealed");
	_cleanup_free_ char *inner = bundle_comment_field(report.comment, "inner");
	if (!text_eq(sealed, "age") || !inner)
		return err_set(err, ERR_TRUST, "%s is not attached: its signature does not say that a verified bundle was sealed", path);
	return 0;
}

struct attaching {
	struct cli *cli;
	const struct attach_profile *profile;
	const char *secret;
	const struct manifest_case *said;
	struct upload_options options;
};

static int send_one(struct attaching *a, const char *path, struct upload_result *res, struct err *err)
{
	const char *slash = strrchr(path, '/');
	uint8_t sha[32];
	uint64_t bytes;
	int r = hands_hash(path, sha, &bytes, err);

	if (!r)
		r = upload_file(a->profile, a->secret, path, slash ? slash + 1 : path, sha, &a->options, res, err);
	cli_progress_done(a->cli);
	return r;
}

/* What goes along when it is there; the note is said once, with the bundle. */
static void send_if_there(struct attaching *a, const char *path, const char *what, const char *name)
{
	_cleanup_upload_result_ struct upload_result res = { 0 };
	_cleanup_free_ char *comment = mem_printf("%s of %s.", what, name);
	struct err e = { 0 };

	a->options.comment = comment;
	if (!access(path, F_OK) && send_one(a, path, &res, &e))
		fprintf(stderr, "%s: warning: %s did not go along: %s\n", a->cli->program, path, e.msg);
	a->options.comment = NULL;
}

/* The signature must go along; the chain of custody may, and the signature of what is inside a sealed file: whoever opens it
 * needs that to verify it. */
static int send_beside(struct attaching *a, const char *path, struct err *err)
{
	_cleanup_upload_result_ struct upload_result res = { 0 };
	_cleanup_free_ char *beside = mem_printf("%s.minisig", path), *custody = hands_path(path);
	const char *given = cli_get(a->cli, "signature");
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	_cleanup_free_ char *of_signature = mem_printf("Signature of %s.", name);

	a->options.comment = of_signature;
	int r = send_one(a, given ? given : beside, &res, err);
	a->options.comment = NULL;
	if (r)
		return err_prefix(err, "the bundle is there, its signature is not");
	send_if_there(a, custody, "Chain of custody", name);
	if (text_ends(path, ".age")) {
		_cleanup_free_ char *inside = handover_inner_signature(path), *of = mem_strndup(name, strlen(name) - 4);
		send_if_there(a, inside, "Signature", of);
	}
	return 0;
}

static void print_result(const struct cli *cli, const struct attaching *a, const struct upload_result *res, const char *path)
{
	static const char *const read_back[] = { [READBACK_HASH] = "hash", [READBACK_SIZE] = "size", [READBACK_NONE] = "none" };
	static const char *const said[] = { [READBACK_HASH] = "read back: the same SHA-256", [READBACK_SIZE] = "read back: the same size",
		[READBACK_NONE] = "could not be read back" };
	bool dry = a->options.dry_run;

	if (cli->json) {
		cli_print_json(json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:b, s:b, s:I, s:I, s:s}", "file", path, "target", a->profile->url, "type",
			attach_type_name(a->profile->type), "ticket", a->options.ticket, "where", res->where, "dryRun", dry, "already", res->already,
			"attempts", (json_int_t)res->attempts, "resumedFrom", (json_int_t)res->resumed_from, "readBack", read_back[res->readback]));
		return;
	}
	_cleanup_free_ char *where = text_safe(res->where ? res->where : a->profile->url);
	if (dry && !res->already)
		printf("would attach %s to %s%s%s\n", path, a->profile->url, a->options.ticket ? ", ticket " : "",
			a->options.ticket ? a->options.ticket : "");
	else
		printf("%s%s\n  %s\n", where, res->already ? " (was there already)" : "", said[res->readback]);
}

static int attach(struct attaching *a, const struct session *s, const char *path, struct err *err)
{
	_cleanup_upload_result_ struct upload_result res = { .readback = READBACK_NONE };
	int r = send_one(a, path, &res, err);

	if (!r && !a->options.dry_run)
		r = send_beside(a, path, err);
	if (r)
		return r;
	if (!a->options.dry_run && !res.already) {
		_cleanup_free_ char *detail = mem_printf("to %s%s%s", a->profile->url, a->options.ticket ? ", ticket " : "",
			a->options.ticket ? a->options.ticket : "");
		struct err e = { 0 };
		if (handover_note(s, path, "attached", a->said->id, detail, &e))
			fprintf(stderr, "%s: warning: not in the chain of custody: %s\n", a->cli->program, e.msg);
	}
	print_result(a->cli, a, &res, path);
	return EXIT_OK;
}

int cmd_bundle_attach(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	_cleanup_attach_profile_ struct attach_profile profile = { 0 };
	_cleanup_secret_ char *secret = NULL;
	_cleanup_case_ struct manifest_case said = { 0 };
	const char *to = cli_get(cli, "to");
	int r;

	if (!to)
		return err_set(err, ERR_USAGE, "where to? give --to URL or --to PROFILE");
	if ((r = case_arg_load_clean(cli, &said, err)) || (r = session_open(cli, &s, err)) || (r = load_target(&s, to, &profile, err)) || (r = bundle_arg_open(cli, &s, cli->args[0], &b, err)) ||
		(r = may_leave(&b, cli->args[0], err)))
		return r;
	if (profile.secret && !(secret = secret_load(profile.secret, getenv, err)))
		return err_prefix(err, "%s", to);
	struct attaching a = { .cli = cli, .profile = &profile, .secret = secret, .said = &said,
		.options = { .ticket = cli_get(cli, "ticket"), .comment = said.reason, .dry_run = cli_has(cli, "dry-run"),
			.progress = on_progress, .note = on_note, .ctx = cli } };
	return attach(&a, &s, cli->args[0], err);
}
