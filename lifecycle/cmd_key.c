/* SPDX-License-Identifier: MIT */
/* key show, generate, trust. */
#include <string.h>

#include "bundle/sign.h"
#include "bundle/trustmark.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/session.h"

static json_t *key_json(const struct trust *t, const struct trust_key *k)
{
	const struct keymark *mark = trust_mark_of(t, &k->pub);
	_cleanup_buf_ struct buf text = { 0 };
	char id[17], print[TRUST_PRINT_TEXT];

	minisign_id_text(id, k->pub.id);
	trust_fingerprint(print, &k->pub);
	minisign_add_pub_text(&text, &k->pub);
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*}", "name", k->name, "keyId", id, "fingerprint", print, "public", buf_str(&text), "path",
		k->path, "mark", mark ? key_state_name(mark->state) : NULL);
}

static void print_key(const struct cli *cli, const struct trust *t, const struct trust_key *k)
{
	const struct keymark *mark = trust_mark_of(t, &k->pub);
	_cleanup_free_ char *name = text_safe(k->name), *path = text_safe(k->path ? k->path : "");
	_cleanup_buf_ struct buf text = { 0 };
	char id[17], print[TRUST_PRINT_TEXT];

	minisign_id_text(id, k->pub.id);
	trust_fingerprint(print, &k->pub);
	minisign_add_pub_text(&text, &k->pub);
	printf("%s%s%s  key %s%s%s\n", cli_style(cli, 'b'), name, cli_style(cli, '0'), id, mark ? "  marked " : "",
		mark ? key_state_name(mark->state) : "");
	printf("  fingerprint  %s\n  public       %s\n  file         %s\n", print, buf_str(&text), path);
}

static int print_keys(const struct cli *cli, const char *dir, struct err *err)
{
	_cleanup_trust_ struct trust t = { 0 };
	int r = trust_load(&t, dir, err);

	if (r)
		return r;
	if (cli->json) {
		json_t *keys = json_array(), *doc;
		for (size_t i = 0; i < t.n; i++)
			json_array_append_new(keys, key_json(&t, &t.keys[i]));
		doc = json_pack("{s:s, s:o}", "directory", dir, "keys", keys);
		cli_print_json(doc);
	} else {
		for (size_t i = 0; i < t.n; i++)
			print_key(cli, &t, &t.keys[i]);
		if (!t.n)
			printf("no keys in %s yet: the host's is made when the first bundle is signed, or by 'key generate'\n", dir);
	}
	for (char **p = t.problems; p && *p; p++) {
		_cleanup_free_ char *safe = text_safe(*p);
		fprintf(stderr, "%s: warning: key passed over: %s\n", cli->program, safe);
	}
	return EXIT_OK;
}

int cmd_key_show(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	int r = session_open(cli, &s, err);

	return r ? r : print_keys(cli, s.keys_dir, err);
}

int cmd_key_generate(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_sign_key_ struct sign_key *k = NULL;
	int r = session_open(cli, &s, err);

	if (!r)
		r = sign_key_generate(s.keys_dir, "host", &k, err);
	if (r == -ERR_BUSY)
		return err_set(err, ERR_USAGE, "this host has a key already, in %s; bundles are signed with it", s.keys_dir);
	return r ? r : print_keys(cli, s.keys_dir, err);
}

int cmd_key_trust(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_trust_ struct trust given = { 0 };
	int r = session_open(cli, &s, err);

	if (!r)
		r = trust_add(&given, cli->args[1], err);
	if (!r)
		r = trust_install(s.keys_dir, cli->args[0], &given.keys[0].pub, err);
	if (r == -ERR_BUSY && err)
		err->code = ERR_USAGE;
	if (r)
		return r == -ERR_BUSY ? -ERR_USAGE : r;
	char id[17];
	minisign_id_text(id, given.keys[0].pub.id);
	cli_say(cli, "key %s is trusted as %s", id, cli->args[0]);
	return cli->json ? print_keys(cli, s.keys_dir, err) : EXIT_OK;
}
