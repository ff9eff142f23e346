/* SPDX-License-Identifier: MIT */
#include "formats/keymark.h"

#include <jansson.h>
#include <string.h>

#include "formats/text.h"

static const char *const states[KEY_STATES] = { "good", "replaced", "lost", "leaked" };

const char *key_state_name(enum key_state s)
{
	return s < KEY_STATES ? states[s] : "unknown";
}

int key_state_parse(const char *s, enum key_state *ret)
{
	for (int i = 0; s && i < KEY_STATES; i++)
		if (strcmp(s, states[i]) == 0) {
			*ret = (enum key_state)i;
			return 0;
		}
	return -1;
}

void keymark_free(struct keymark *m)
{
	mem_freep(&m->note);
}

void keymark_add_json(struct buf *b, const struct keymark *m)
{
	_cleanup_buf_ struct buf key = { 0 };
	_cleanup_free_ char *note = m->note ? text_safe(m->note) : NULL;
	char since[32];

	minisign_add_pub_text(&key, &m->pub);
	text_time(since, m->since_us);
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s*}", "schema", KEYMARK_SCHEMA, "key", buf_str(&key), "state",
		key_state_name(m->state), "since", since, "note", note);
	char *s = j ? json_dumps(j, JSON_COMPACT) : NULL;
	if (!s)
		abort(); /* out of memory: see mem.h */
	buf_adds(b, s);
	buf_addc(b, '\n');
	free(s);
	json_decref(j);
}

static int from_json(const json_t *j, struct keymark *m, struct err *err)
{
	const char *schema = json_string_value(json_object_get(j, "schema"));
	const char *key = json_string_value(json_object_get(j, "key"));
	const char *since = json_string_value(json_object_get(j, "since"));

	if (!text_eq(schema, KEYMARK_SCHEMA))
		return err_set(err, ERR_SYNTAX, "not a key mark: schema is not %s", KEYMARK_SCHEMA);
	if (!key || minisign_parse_pub_text(key, &m->pub, NULL))
		return err_set(err, ERR_SYNTAX, "key mark: \"key\" is not a public key");
	if (key_state_parse(json_string_value(json_object_get(j, "state")), &m->state))
		return err_set(err, ERR_SYNTAX, "key mark: \"state\" is none of replaced, lost, leaked");
	if (!since || text_parse_time(since, &m->since_us))
		return err_set(err, ERR_SYNTAX, "key mark: \"since\" is not a time");
	m->note = mem_strdup(json_string_value(json_object_get(j, "note")));
	return 0;
}

int keymark_parse(const char *p, size_t n, struct keymark *ret, struct err *err)
{
	_cleanup_keymark_ struct keymark m = { 0 };
	json_error_t where;
	json_t *j = n > KEYMARK_MAX ? NULL : json_loadb(p, n, JSON_REJECT_DUPLICATES, &where);

	if (!j)
		return err_set(err, n > KEYMARK_MAX ? ERR_LIMIT : ERR_SYNTAX, "key mark: %s", n > KEYMARK_MAX ? "too long" : where.text);
	int r = from_json(j, &m, err);
	json_decref(j);
	if (r)
		return r;
	*ret = m;
	m = (struct keymark){ 0 };
	return 0;
}
