/* SPDX-License-Identifier: MIT */
#include "lifecycle/collection_redaction.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/localkey.h"
#include "lifecycle/redaction.h"

#define WORDS_NAME "also-redact.words"
#define SEEN_NAME "seen.sealed"
#define SEEN_MAX (64u << 20)

static int seen_key(const struct collection_redaction *c, uint8_t key[LOCAL_KEY_BYTES], struct err *err)
{
	return local_key(c->session->keys_dir, "seen", key, err);
}

static int open_words(struct collection_redaction *c, const struct cli *cli, struct err *err)
{
	_cleanup_buf_ struct buf given = { 0 }, earlier = { 0 };
	int r = file_read(c->privatefd, WORDS_NAME, WORDS_MAX, &earlier, err);

	if (r == 0)
		r = redactor_add_words(c->redactor, WORDS_NAME, buf_str(&earlier), earlier.len, err);
	else if (r == -ERR_ABSENT)
		r = 0;
	if (r == 0)
		r = redaction_words(cli, c->redactor, &given, err);
	if (r == 0 && given.len)
		r = durable_write(c->privatefd, WORDS_NAME, 0600, buf_str(&given), given.len, 0, err);
	return r;
}

static int open_names(struct collection_redaction *c, const struct cli *cli, struct err *err)
{
	bool earlier = access(c->names_path, F_OK) == 0;

	if (!earlier && !cli_has(cli, "pseudonymize"))
		return 0;
	/* that it was asked for is known from now on, whatever happens */
	int r = earlier ? 0 : durable_write(c->privatefd, PSEUDONYMS_NAME, 0600, "", 0, 0, err);
	if (r == 0)
		r = pseudonyms_load(&c->names, c->names_path, err);
	if (r == 0)
		r = redaction_pseudonymize(c->session, c->redactor, err);
	c->pseudonyms = r == 0;
	return r;
}

static void open_seen(struct collection_redaction *c, const struct cli *cli)
{
	_cleanup_buf_ struct buf sealed = { 0 };
	uint8_t key[LOCAL_KEY_BYTES];
	struct err err = { 0 };
	int r = file_read(c->privatefd, SEEN_NAME, SEEN_MAX, &sealed, &err);

	if (r == -ERR_ABSENT)
		return;
	if (r == 0)
		r = seen_key(c, key, &err);
	if (r == 0)
		r = redactor_open_seen(c->redactor, key, buf_str(&sealed), sealed.len, &err);
	mem_wipe(key, sizeof(key));
	if (r)
		cli_say(cli, "the bundle is searched for the secrets of this run only: %s", err.msg);
}

int collection_redaction_open(struct collection_redaction *c, const struct cli *cli, struct err *err)
{
	c->names_path = mem_printf("%s/private/" PSEUDONYMS_NAME, c->dir);
	int r = redaction_rules(c->session, c->redactor, err);

	if (r == 0)
		r = open_words(c, cli, err);
	if (r == 0)
		r = open_names(c, cli, err);
	if (r == 0)
		open_seen(c, cli);
	return r;
}

int collection_redaction_keep(struct collection_redaction *c, struct err *err)
{
	_cleanup_buf_ struct buf sealed = { 0 };
	uint8_t key[LOCAL_KEY_BYTES];
	int r = seen_key(c, key, err);

	if (r == 0) {
		redactor_seal_seen(c->redactor, key, &sealed);
		r = durable_write(c->privatefd, SEEN_NAME, 0600, sealed.data, sealed.len, 0, err);
	}
	mem_wipe(key, sizeof(key));
	return r ? r : collection_redaction_save(c, err);
}

int collection_redaction_save(struct collection_redaction *c, struct err *err)
{
	return pseudonyms_save(&c->names, c->names_path, err);
}

void collection_redaction_forget(struct collection_redaction *c)
{
	unlinkat(c->privatefd, SEEN_NAME, 0);
}

void collection_redaction_forget_in(const char *dir)
{
	_cleanup_free_ char *path = mem_printf("%s/private/" SEEN_NAME, dir);

	unlink(path);
}

void collection_redaction_free(struct collection_redaction *c)
{
	pseudonyms_free(&c->names);
	free(c->names_path);
	*c = (struct collection_redaction){ 0 };
}
