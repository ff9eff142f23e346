/* SPDX-License-Identifier: MIT */
/* What bundle verify says of a sealed bundle: the sealed layer, and with a key the bundle inside. */
#include <fcntl.h>
#include <string.h>

#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/handover.h"

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
	_cleanup_free_ char *sig = handover_inner_signature(path);
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

/* What came of the bundle inside. */
struct inside {
	struct bundle_report report;
	struct err err;
	char *by;     /* what opened it; NULL: not looked at */
	bool holds;
	bool unsaid; /* nothing is wrong with it but that its signature is not here */
};

static void inside_free(struct inside *in)
{
	bundle_report_free(&in->report);
	free(in->by);
}

static int verify_inside(const struct cli *cli, struct bundle_arg *b, const char *path, struct inside *ret, struct err *err)
{
	_cleanup_bundle_arg_ struct bundle_arg inner = { .args = { .fd = -1, .sigfd = -1 } };
	int r = open_inner(cli, b, path, &inner, &ret->by, err);

	if (r)
		return r;
	ret->holds = bundle_verify(&inner.args, &ret->report, &ret->err) == 0;
	ret->unsaid = inner.args.sigfd < 0 && ret->report.n_problems == 1;
	return 0;
}

static void print_inside(const struct inside *in, const char *path, const struct seal_info *info)
{
	_cleanup_free_ char *expected = handover_inner_signature(path), *sig = text_safe(expected);
	_cleanup_free_ char *signer = text_safe(in->report.signer ? in->report.signer : in->report.key_id);

	if (!in->by)
		printf("what is inside was not looked at: %s opens and verifies it too\n", info->passphrase ? "--passphrase ask" : "-i KEYFILE");
	else if (in->holds)
		printf("opened as %s: the bundle inside holds, signed by %s\n", in->by, signer);
	else if (in->unsaid)
		printf("opened as %s: the signature of the bundle inside is not here; ask for it, and put it there as\n  %s\n", in->by, sig);
	else
		printf("opened as %s: the bundle inside does NOT hold: %s\n", in->by, in->err.msg);
}

int cmd_bundle_verify_sealed(struct cli *cli, struct session *s, struct bundle_arg *b, const char *path, struct err *err)
{
	_cleanup_bundle_report_ struct bundle_report outer = { 0 };
	CLEANUP(inside_free) struct inside in = { 0 };
	_cleanup_hands_ struct hands chain = { 0 };
	struct seal_info info = { 0 };
	struct err e = { 0 }, chain_err = { 0 };
	bool with_key = cli_has(cli, "identity") || cli_has(cli, "passphrase");
	int r = seal_describe(path, &info, err);

	if (r)
		return r;
	int layer = bundle_signature(&b->args, &outer, &e);
	int hands = handover_chain(path, &b->trust, &chain, &chain_err);
	if (with_key && (r = verify_inside(cli, b, path, &in, err)))
		return r;
	bool sealed_holds = !layer && !hands, holds = sealed_holds && (!with_key || in.holds);
	if (cli->json) {
		cli_print_json(json_pack("{s:s, s:b, s:o, s:o, s:s*, s:s*, s:s*}", "bundle", path, "holds", holds, "sealed",
			layer_json(&outer, &info, !layer), "custody", handover_chain_json(&chain), "openedAs", in.by, "inner",
			!with_key ? "not opened" : in.holds ? "holds" : "does not hold", "problem",
			hands ? chain_err.msg : layer ? e.msg : with_key && !in.holds ? in.err.msg : NULL));
		return holds ? EXIT_OK : EXIT_TRUST;
	}
	print_layer(cli, &outer, &info);
	handover_print_chain(cli, &chain);
	if (hands)
		printf("%scustody%s: %s\n", cli_style(cli, 'r'), cli_style(cli, '0'), chain_err.msg);
	print_inside(&in, path, &info);
	printf("%s: %s\n", path, holds && with_key ? "both layers hold" : sealed_holds && !with_key ? "the sealed layer holds"
		: sealed_holds && in.unsaid ? "the sealed layer holds; what is inside is not verified" : "does NOT hold; do not rely on it");
	return holds ? EXIT_OK : EXIT_TRUST;
}
