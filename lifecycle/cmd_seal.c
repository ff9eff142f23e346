/* SPDX-License-Identifier: MIT */
/* bundle seal, open, custody. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "bundle/newfile.h"
#include "bundle/secret.h"
#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/case_arg.h"
#include "lifecycle/commands.h"
#include "lifecycle/handover.h"

#define RECIPIENTS_SHOWN 20

static int show_progress(void *ctx, uint64_t bytes, uint64_t total)
{
	const struct cli *cli = ctx;

	if (total)
		cli_progress(cli, "%3u%%  %" PRIu64 " MiB", (unsigned)(bytes >= total ? 100 : bytes * 100 / total), bytes >> 20);
	return 0;
}

struct sealing {
	struct seal_to to;
	struct manifest_case said;
	char *passphrase;
};

static void sealing_free(struct sealing *s)
{
	age_keys_free(&s->to.recipients);
	manifest_case_free(&s->said);
	secret_free(s->passphrase);
}

static int load_to(const struct cli *cli, struct sealing *s, struct err *err)
{
	const char *given, *spec = cli_get(cli, "passphrase");
	uint8_t key[AGE_KEY_BYTES];
	int r = case_arg_load_clean(cli, &s->said, err);

	for (int i = 0; !r && (given = cli_get_nth(cli, "recipient", i)); i++) {
		r = age_recipient_parse(given, key, err);
		if (r)
			return err_prefix(err, "--recipient %.70s", given);
		age_keys_add(&s->to.recipients, key);
	}
	for (int i = 0; !r && (given = cli_get_nth(cli, "recipients", i)); i++)
		r = seal_load_recipients(given, &s->to.recipients, err);
	if (!r && !s->to.recipients.n && !spec)
		r = err_set(err, ERR_USAGE, "for whom? give -r age1…, -R FILE, or --passphrase ask");
	if (!r && s->to.recipients.n && spec)
		r = err_set(err, ERR_USAGE, "for recipients or for a passphrase: age knows no file that is both");
	if (!r && spec && !(s->passphrase = handover_passphrase(spec, cli->args[0], true, err)))
		r = -err->code;
	s->to.passphrase = s->passphrase;
	return r;
}

/* "age1…, age1… and 3 more": who can read it; the sealed file itself does not say. */
static char *readers(const struct seal_to *to)
{
	struct buf b = { 0 };

	if (to->passphrase)
		return mem_strdup("whoever has the passphrase");
	for (size_t i = 0; i < to->recipients.n && i < RECIPIENTS_SHOWN; i++) {
		_cleanup_free_ char *s = age_recipient_string(to->recipients.v[i]);
		buf_addf(&b, "%s%s", i ? "," : "", s);
	}
	if (to->recipients.n > RECIPIENTS_SHOWN)
		buf_addf(&b, ",and-%zu-more", to->recipients.n - RECIPIENTS_SHOWN);
	return buf_take(&b);
}

/* The signature over the sealed file: what was verified inside, and who can read it, in its trusted comment. */
static int sign_sealed(const struct session *s, const struct sign_key *key, int fd, const char *out, const char *inner_comment,
	const uint8_t inner[32], const struct sealing *how, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s.minisig", out), *who = readers(&how->to);
	_cleanup_free_ char *agent = bundle_comment_field(inner_comment, "agent"), *id = bundle_comment_field(inner_comment, "bundle");
	_cleanup_newfile_ struct newfile f = { .fd = -1 };
	_cleanup_buf_ struct buf comment = { 0 }, sig = { 0 };
	uint8_t digest[SIGN_DIGEST_BYTES];
	char when[32], sha[65];
	uint64_t size;
	int r = sign_digest_fd(fd, digest, &size, err);

	if (r)
		return r;
	text_time(when, source_now_us(s->source));
	text_hex(sha, inner, 32);
	buf_addf(&comment, "agent=%s time=%s sealed=age inner=sha256:%s", agent ? agent : "-", when, sha);
	if (id)
		buf_addf(&comment, " bundle=%s", id);
	buf_addf(&comment, " for=%s", how->passphrase ? "passphrase" : who);
	if (how->said.id)
		buf_addf(&comment, " case=%s", how->said.id);
	sign_make(key, digest, buf_str(&comment), "signature from sourceos-agent", &sig);
	if ((r = newfile_open(&f, path, 0644, true, err)))
		return r;
	return write_all(f.fd, sig.data, sig.len) ? err_set(err, ERR_IO, "%s: cannot write", path) : newfile_commit(&f, err);
}

/* Everything but the sealed file itself; its failure takes that back. */
static int vouch(const struct session *s, const struct sign_key *key, int fd, const char *in, const char *out, const char *inner_comment,
	const uint8_t inner[32], const struct sealing *how, struct err *err)
{
	_cleanup_free_ char *from = hands_path(in), *chain = hands_path(out), *who = readers(&how->to);
	_cleanup_free_ char *detail = mem_printf("for %s%s%s", who, how->said.reason ? ": " : "", how->said.reason ? how->said.reason : "");
	int r = inner_comment ? sign_sealed(s, key, fd, out, inner_comment, inner, how, err) : 0;

	if (!r)
		r = hands_continue(from, chain, err);
	return r ? r : handover_note(s, out, "sealed", how->said.id, detail, err);
}

/* What the receiver cannot do without, besides the sealed file. */
struct going_along {
	char *signature; /* of the sealed file; NULL: it is not signed */
	const char *inner; /* of the bundle inside; NULL: it has none */
	char *public_key;  /* of this host, which sealed it */
	const char *signer; /* whose key signed the bundle inside; NULL: this host's too */
};

static void going_along_free(struct going_along *g)
{
	free(g->signature);
	free(g->public_key);
}

static void print_sealed_json(const char *out, const struct seal_info *info, const struct seal_to *to, const struct going_along *g)
{
	json_t *list = json_array();
	_cleanup_free_ char *chain = hands_path(out);

	for (size_t i = 0; i < to->recipients.n; i++) {
		_cleanup_free_ char *s = age_recipient_string(to->recipients.v[i]);
		json_array_append_new(list, json_string(s));
	}
	cli_print_json(json_pack("{s:s, s:I, s:o, s:b, s:s*, s:s*, s:s, s:s}", "sealed", out, "bytes", (json_int_t)info->sealed_bytes, "recipients",
		list, "passphrase", info->passphrase, "signature", g->signature, "innerSignature", g->inner, "publicKey", g->public_key,
		"custody", chain));
}

/* A path as a person may paste it and a terminal may see it. Caller frees. */
static char *shown(const char *path)
{
	_cleanup_buf_ struct buf b = { 0 };

	text_add_shell(&b, path);
	return text_safe(buf_str(&b));
}

static void print_going_along(const struct going_along *g, const char *out)
{
	_cleanup_free_ char *signature = g->signature ? shown(g->signature) : NULL, *key = shown(g->public_key);

	if (signature)
		printf("  send along: %s\n", signature);
	else
		puts("  not signed: the bundle inside was not verified (--unverified)");
	if (g->inner) {
		_cleanup_free_ char *expected = handover_inner_signature(out);
		_cleanup_free_ char *inner = shown(g->inner), *as = shown(text_base_name(expected));
		printf("  send along: %s, for what is inside", inner);
		/* where 'open' and 'verify' look for it */
		if (!text_eq(text_base_name(expected), text_base_name(g->inner)))
			printf("; as %s", as);
		putchar('\n');
	}
	printf("  and, to who does not trust it yet, this host's public key: %s\n", key);
	if (g->signer) {
		_cleanup_free_ char *safe = text_safe(g->signer);
		printf("  and that of \"%s\", who signed what is inside; 'key show' prints it\n", safe);
	}
}

static void print_sealed(const struct cli *cli, const char *out, const struct seal_info *info, const struct seal_to *to,
	const struct going_along *g)
{
	if (cli->json) {
		print_sealed_json(out, info, to, g);
		return;
	}
	printf("%s\n", out);
	if (cli->quiet)
		return;
	_cleanup_free_ char *who = readers(to);
	printf("  %" PRIu64 " bytes; can be read by %s\n", info->sealed_bytes, who);
	print_going_along(g, out);
	_cleanup_free_ char *plain = mem_strndup(text_base_name(out), strlen(text_base_name(out)) - (text_ends(out, ".age") ? strlen(".age") : 0));
	_cleanup_free_ char *name = shown(text_base_name(out)), *into = shown(plain);
	printf("  they open it with: %s bundle open %s%s\n", cli->program, name, to->passphrase ? "" : " -i KEYFILE");
	printf("  or with age alone: age -d %s%s >%s\n", to->passphrase ? "" : "-i KEYFILE ", name, into);
}

static int verify_inner(const struct cli *cli, struct bundle_arg *b, struct bundle_report *report, struct err *err)
{
	if (b->directory)
		return err_set(err, ERR_USAGE, "%s is a directory: seal the bundle beside it, the .tar.zst", cli->args[0]);
	if (cli_has(cli, "unverified"))
		return 0;
	int r = bundle_verify(&b->args, report, err);
	return r ? err_prefix(err, "%s is not sealed, it does not verify", cli->args[0]) : 0;
}

static int seal_to_path(struct cli *cli, struct session *s, struct bundle_arg *b, const struct sealing *how, const char *out, struct err *err)
{
	_cleanup_bundle_report_ struct bundle_report report = { 0 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_sign_key_ struct sign_key *key = NULL;
	_cleanup_newfile_ struct newfile f = { .fd = -1 };
	struct seal_progress progress = { show_progress, cli };
	_cleanup_free_ char *inner_sig = cli_has(cli, "signature") ? mem_strdup(cli_get(cli, "signature")) : mem_printf("%s.minisig", cli->args[0]);
	uint8_t inner[32];
	uint64_t bytes;
	int r;

	if ((r = verify_inner(cli, b, &report, err)) || (r = sign_key_host(s->keys_dir, &key, NULL, err)) ||
		(r = hands_hash_fd(b->args.fd, inner, &bytes, err)) || (r = newfile_open(&f, out, 0600, cli_has(cli, "force"), err)))
		return r;
	session_warn_key(s, cli, sign_key_pub(key));
	if (lseek(b->args.fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_IO, "%s: cannot be read from its start", cli->args[0]);
	r = seal_fd(b->args.fd, f.fd, cli->args[0], &how->to, &progress, &info, err);
	cli_progress_done(cli);
	_cleanup_fd_ int sealed = r ? -1 : dup(f.fd);
	if (!r)
		r = newfile_commit(&f, err);
	if (r)
		return r;
	r = vouch(s, key, sealed, cli->args[0], out, report.has_manifest ? report.comment : NULL, inner, how, err);
	if (r) {
		_cleanup_free_ char *sig = mem_printf("%s.minisig", out), *chain = hands_path(out);
		unlink(out);
		unlink(sig);
		unlink(chain);
		return r;
	}
	CLEANUP(going_along_free) struct going_along along = { .signature = report.has_manifest ? mem_printf("%s.minisig", out) : NULL,
		.inner = b->args.sigfd >= 0 ? inner_sig : NULL, .public_key = mem_printf("%s/host.pub", s->keys_dir),
		.signer = text_eq(report.signer, "this host") ? NULL : report.signer };
	print_sealed(cli, out, &info, &how->to, &along);
	return EXIT_OK;
}

int cmd_bundle_seal(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	CLEANUP(sealing_free) struct sealing to = { 0 };
	const char *given = cli_get(cli, "output");
	_cleanup_free_ char *beside = mem_printf("%s.age", cli->args[0]);
	int r = session_open(cli, &s, err);

	if (!r)
		r = bundle_arg_open(cli, &s, cli->args[0], &b, err);
	if (!r)
		r = load_to(cli, &to, err);
	return r ? r : seal_to_path(cli, &s, &b, &to, given ? given : beside, err);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* How to verify what came out, with what is really there: a command that cannot succeed helps nobody. */
static void say_what_now(const struct cli *cli, const char *in, const char *out, const char *by)
{
	_cleanup_free_ char *beside = mem_printf("%s.minisig", out), *sent = handover_inner_signature(in), *outer = mem_printf("%s.minisig", in);
	_cleanup_free_ char *as = shown(beside), *with = shown(sent), *plain = shown(out), *sealed = shown(in), *seal = shown(outer);
	bool elsewhere = !is_there(beside) && is_there(sent);

	if (is_there(beside) || elsewhere) {
		cli_say(cli, "opened as %s; now: %s bundle verify %s%s%s", by, cli->program, plain, elsewhere ? " --signature " : "", elsewhere ? with : "");
		return;
	}
	cli_say(cli, "opened as %s, not verified: the signature of what was inside is not here. Ask who sent it for the .minisig that lies\n"
		"beside the bundle, save it as %s, and: %s bundle verify %s", by, as, cli->program, plain);
	if (is_there(outer))
		cli_say(cli, "who sealed it can be checked already: %s bundle verify %s", cli->program, sealed);
	else
		cli_say(cli, "ask for %s as well, the signature of who sealed it", seal);
}

int cmd_bundle_open(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_with_ struct handover_with with = { 0 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_case_ struct manifest_case said = { 0 };
	struct seal_progress progress = { show_progress, cli };
	const char *in = cli->args[0], *given = cli_get(cli, "output");
	_cleanup_free_ char *out = given ? mem_strdup(given) : text_ends(in, ".age") ? mem_strndup(in, strlen(in) - 4) : NULL;

	if (!out)
		return err_set(err, ERR_USAGE, "%s does not end in .age: say where to, with -o", in);
	int r = case_arg_load_clean(cli, &said, err);
	if (!r)
		r = session_open(cli, &s, err);
	if (!r)
		r = handover_with_load(cli, in, &with, err);
	if (r)
		return r;
	r = seal_open_file(in, out, cli_has(cli, "force"), &with.with, &progress, &info, err);
	cli_progress_done(cli);
	if (r)
		return r;
	/* the chain goes on beside the sealed file, which it is about; that it cannot be written does not close the file again */
	_cleanup_free_ char *detail = mem_printf("as %s", info.opened_by);
	struct err e = { 0 };
	if (handover_note(&s, in, "opened", said.id, detail, &e))
		fprintf(stderr, "%s: warning: not in the chain of custody: %s\n", cli->program, e.msg);
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:I, s:s}", "opened", out, "bytes", (json_int_t)info.payload_bytes, "by", info.opened_by));
	else
		printf("%s\n", out);
	say_what_now(cli, in, out, info.opened_by);
	return EXIT_OK;
}

int cmd_bundle_custody(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_case_ struct manifest_case said = { 0 };
	const char *add = cli_get(cli, "add");
	int r = case_arg_load_clean(cli, &said, err);

	if (!r && !add && (said.id || said.reason))
		r = err_set(err, ERR_USAGE, "--case and --note go into a new line of the chain: say which, with --add");
	if (!r)
		r = session_open(cli, &s, err);
	if (!r && add)
		r = handover_note(&s, cli->args[0], add, said.id, said.reason, err);
	if (!r)
		r = trust_load(&t, s.keys_dir, err);
	if (r)
		return r;
	r = handover_chain(cli->args[0], &t, &h, err);
	if (cli->json)
		cli_print_json(handover_chain_json(&h));
	else if (!h.n && !r)
		printf("%s has no chain of custody yet; --add begins one\n", cli->args[0]);
	else
		handover_print_chain(cli, &h);
	return r;
}
