/* SPDX-License-Identifier: MIT */
/* bundle seal, open, custody; and what verify says of a sealed bundle. */
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

static void print_sealed(const struct cli *cli, const char *out, const struct seal_info *info, const struct seal_to *to, bool is_signed)
{
	if (cli->json) {
		json_t *list = json_array();
		for (size_t i = 0; i < to->recipients.n; i++) {
			_cleanup_free_ char *s = age_recipient_string(to->recipients.v[i]);
			json_array_append_new(list, json_string(s));
		}
		_cleanup_free_ char *sig = mem_printf("%s.minisig", out), *chain = hands_path(out);
		cli_print_json(json_pack("{s:s, s:I, s:o, s:b, s:s*, s:s}", "sealed", out, "bytes", (json_int_t)info->sealed_bytes, "recipients",
			list, "passphrase", info->passphrase, "signature", is_signed ? sig : NULL, "custody", chain));
		return;
	}
	printf("%s\n", out);
	if (cli->quiet)
		return;
	_cleanup_free_ char *who = readers(to);
	printf("  %" PRIu64 " bytes; can be read by %s\n", info->sealed_bytes, who);
	if (!is_signed)
		puts("  not signed: the bundle inside was not verified (--unverified)");
	printf("  they open it with: age -d %s%s >%.*s\n", to->passphrase ? "" : "-i KEYFILE ", out, (int)(strlen(out) - (text_ends(out, ".age") ? 4 : 0)),
		out);
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
	uint8_t inner[32];
	uint64_t bytes;
	int r;

	if ((r = verify_inner(cli, b, &report, err)) || (r = sign_key_host(s->keys_dir, &key, NULL, err)) ||
		(r = hands_hash_fd(b->args.fd, inner, &bytes, err)) || (r = newfile_open(&f, out, 0600, cli_has(cli, "force"), err)))
		return r;
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
	print_sealed(cli, out, &info, &how->to, report.has_manifest);
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
	cli_say(cli, "opened as %s; now: %s bundle verify %s", info.opened_by, cli->program, out);
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

/* ---- verify ---- */

static void print_layer(const struct cli *cli, const struct bundle_report *r, const struct seal_info *info)
{
	_cleanup_free_ char *readers_of = r->comment ? bundle_comment_field(r->comment, "for") : NULL;
	_cleanup_free_ char *safe = text_safe(readers_of ? readers_of : "");
	_cleanup_free_ char *signer = text_safe(r->signer ? r->signer : "");

	printf("sealed (age): ");
	if (info->passphrase)
		puts("opens with a passphrase");
	else
		printf("%zu recipient%s can open it\n", info->recipients + info->others, info->recipients + info->others == 1 ? "" : "s");
	if (r->signature == SIGNATURE_TRUSTED) {
		printf("  %ssigned%s by key %s, trusted as %s\n", cli_style(cli, 'g'), cli_style(cli, '0'), r->key_id, signer);
		if (*safe)
			printf("  who says that it was sealed for %s\n", safe);
	}
	for (size_t i = 0; i < r->n_problems; i++)
		printf("  %s%s%s: %s\n", cli_style(cli, 'r'), problem_name(r->problems[i].kind), cli_style(cli, '0'), r->problems[i].text);
	if (r->remark) {
		_cleanup_free_ char *remark = text_safe(r->remark);
		printf("  note: %s\n", remark);
	}
}

static int open_inner(const struct cli *cli, struct bundle_arg *b, const char *path, struct bundle_arg *inner, char **ret_by, struct err *err)
{
	_cleanup_with_ struct handover_with with = { 0 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_free_ char *name = mem_strndup(path, strlen(path) - (text_ends(path, ".age") ? 4 : 0));
	_cleanup_free_ char *sig = mem_printf("%s.minisig", name);
	int r = handover_with_load(cli, path, &with, err);

	if (!r)
		r = seal_open_nameless(path, "/var/tmp", &with.with, NULL, &inner->args.fd, &info, err);
	if (r)
		return r;
	inner->args.trust = &b->trust;
	inner->args.flags = b->args.flags;
	inner->args.sigfd = open(sig, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	*ret_by = TAKE_PTR(info.opened_by);
	return 0;
}

static json_t *layer_json(const struct bundle_report *r, const struct seal_info *info, bool holds)
{
	_cleanup_free_ char *readers_of = r->comment ? bundle_comment_field(r->comment, "for") : NULL;

	return json_pack("{s:b, s:I, s:b, s:s*, s:s*, s:s*, s:s*}", "holds", holds, "recipients", (json_int_t)(info->recipients + info->others),
		"passphrase", info->passphrase, "signer", r->signer, "keyId", *r->key_id ? r->key_id : NULL, "sealedFor", readers_of, "remark",
		r->remark);
}

int cmd_bundle_verify_sealed(struct cli *cli, struct session *s, struct bundle_arg *b, const char *path, struct err *err)
{
	_cleanup_bundle_report_ struct bundle_report outer = { 0 }, report = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg inner = { .args = { .fd = -1, .sigfd = -1 } };
	_cleanup_hands_ struct hands chain = { 0 };
	_cleanup_free_ char *by = NULL;
	struct seal_info info = { 0 };
	struct err e = { 0 }, chain_err = { 0 };
	bool with_key = cli_has(cli, "identity") || cli_has(cli, "passphrase");
	int r = seal_describe(path, &info, err), opened = 0;

	if (r)
		return r;
	int layer = bundle_signature(&b->args, &outer, &e);
	int hands = handover_chain(path, &b->trust, &chain, &chain_err);
	if (with_key) {
		if ((r = open_inner(cli, b, path, &inner, &by, err)))
			return r;
		opened = bundle_verify(&inner.args, &report, err);
	}
	bool holds = !layer && !opened && !hands;
	if (cli->json) {
		cli_print_json(json_pack("{s:s, s:b, s:o, s:o, s:s*, s:s*, s:s*}", "bundle", path, "holds", holds, "sealed",
			layer_json(&outer, &info, !layer), "custody", handover_chain_json(&chain), "openedAs", by, "inner",
			!with_key ? "not opened" : opened ? "does not hold" : "holds", "problem", hands ? chain_err.msg : layer ? e.msg : NULL));
		return holds ? EXIT_OK : EXIT_TRUST;
	}
	print_layer(cli, &outer, &info);
	handover_print_chain(cli, &chain);
	if (hands)
		printf("%scustody%s: %s\n", cli_style(cli, 'r'), cli_style(cli, '0'), chain_err.msg);
	if (by)
		printf("opened as %s: the bundle inside %s%s%s\n", by, opened ? "does NOT hold: " : "holds, ", opened ? err->msg : "signed by ",
			opened ? "" : report.signer ? report.signer : report.key_id);
	else
		puts("what is inside was not looked at: -i KEYFILE opens and verifies it too");
	printf("%s: %s\n", path, holds ? (with_key ? "both layers hold" : "the sealed layer holds") : "does NOT hold; do not rely on it");
	return holds ? EXIT_OK : EXIT_TRUST;
}
