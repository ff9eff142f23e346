/* SPDX-License-Identifier: MIT */
#include "lifecycle/handover.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/secret.h"
#include "formats/text.h"
#include "lifecycle/ask.h"

int handover_note(const struct session *s, const char *file, const char *action, const char *case_id, const char *detail, struct err *err)
{
	_cleanup_sign_key_ struct sign_key *key = NULL;
	_cleanup_free_ char *path = hands_path(file);
	struct hands_entry e = { .action = action, .actor = s->caller.id.name, .uid = (uint32_t)s->caller.id.uid, .host = s->host.machine_tag,
		.case_id = case_id, .detail = detail, .time_us = source_now_us(s->source), .name = file };
	int r = sign_key_host(s->keys_dir, &key, NULL, err);

	if (!r)
		r = hands_hash(file, e.sha256, &e.bytes, err);
	return r ? r : hands_append(path, key, &e, err);
}

int handover_chain(const char *file, const struct trust *t, struct hands *ret, struct err *err)
{
	_cleanup_free_ char *path = hands_path(file);
	uint8_t sha[32];
	uint64_t n;
	int r = hands_hash(file, sha, &n, err);

	if (r)
		return r;
	r = hands_read(path, t, sha, ret, err);
	return r == -ERR_ABSENT ? 0 : r;
}

char *handover_inner_signature(const char *sealed)
{
	return mem_printf("%.*s.minisig", (int)(strlen(sealed) - (text_ends(sealed, ".age") ? strlen(".age") : 0)), sealed);
}

static void print_field(const char *before, const char *s, const char *after)
{
	_cleanup_free_ char *safe = s ? text_safe(s) : NULL;

	if (safe && *safe)
		printf("%s%s%s", before, safe, after);
}

void handover_print_chain(const struct cli *cli, const struct hands *h)
{
	if (h->n)
		printf("custody, %zu hand%s:\n", h->n, h->n == 1 ? "" : "s");
	for (size_t i = 0; i < h->n; i++) {
		const struct hands_row *row = &h->rows[i];
		char when[32], id[17];
		text_time(when, row->hand.time_us);
		minisign_id_text(id, row->hand.key.id);
		printf("  %s  %-9s", when, row->hand.action);
		print_field(" by ", row->hand.actor, "");
		print_field(" on ", row->hand.host, "");
		print_field(", case ", row->hand.case_id, "");
		print_field(": ", row->hand.detail, "");
		printf("\n    %s%s%s, key %s", cli_style(cli, row->fits ? 'g' : 'r'), row->fits ? "signed" : "NOT signed by that key",
			cli_style(cli, '0'), id);
		print_field(", trusted as ", row->signer ? row->signer->name : NULL, "");
		print_field("; ", row->remark, "");
		putchar('\n');
	}
	if (h->n && !h->about_file)
		puts("  none of these lines is about the file as it is now");
}

json_t *handover_chain_json(const struct hands *h)
{
	json_t *list = json_array();

	for (size_t i = 0; i < h->n; i++) {
		const struct hands_row *row = &h->rows[i];
		char when[32], id[17], sha[65];
		text_time(when, row->hand.time_us);
		minisign_id_text(id, row->hand.key.id);
		text_hex(sha, row->hand.sha256, 32);
		json_array_append_new(list,
			json_pack("{s:I, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s, s:s, s:s, s:b, s:s*, s:s*}", "seq", (json_int_t)row->hand.seq,
				"time", when, "action", row->hand.action, "actor", row->hand.actor, "host", row->hand.host, "case",
				row->hand.case_id, "detail", row->hand.detail, "file", row->hand.file, "sha256", sha, "keyId", id, "signed",
				row->fits, "signer", row->signer ? row->signer->name : NULL, "remark", row->remark));
	}
	return list;
}

char *handover_passphrase(const char *spec, const char *file, bool is_new, struct err *err)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *name = text_safe(slash ? slash + 1 : file);
	_cleanup_free_ char *prompt = mem_printf("%s for %s: ", is_new ? "New passphrase" : "Passphrase", name);

	return text_eq(spec, "ask") ? ask_secret(prompt, is_new ? "The same again: " : NULL, err) : secret_load(spec, getenv, err);
}

int handover_with_load(const struct cli *cli, const char *path, struct handover_with *ret, struct err *err)
{
	_cleanup_with_ struct handover_with w = { 0 };
	const char *spec = cli_get(cli, "passphrase"), *file;
	struct seal_info info = { 0 };
	int r = 0;

	for (int i = 0; !r && (file = cli_get_nth(cli, "identity", i)); i++)
		r = seal_load_identities(file, &w.with.identities, err);
	if (r)
		return r;
	if (!spec && !w.with.identities.n && seal_describe(path, &info, NULL) == 0 && info.passphrase)
		spec = "ask";
	if (spec && !(w.passphrase = handover_passphrase(spec, path, false, err)))
		return -err->code;
	w.with.passphrase = w.passphrase;
	*ret = w;
	w = (struct handover_with){ 0 };
	return 0;
}

void handover_with_free(struct handover_with *w)
{
	age_keys_free(&w->with.identities);
	secret_free(w->passphrase);
	*w = (struct handover_with){ 0 };
}
