/* SPDX-License-Identifier: MIT */
#include "bundle/upload_state.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/json.h"
#include "formats/text.h"

#define SCHEMA "sourceos.attach-state.v1"
enum { STATE_MAX = 2 << 20, PARTS_MAX = 10000, WORD_MAX = 2048 };

void upload_state_free(struct upload_state *s)
{
	free(s->id);
	strv_free(s->etags);
	*s = (struct upload_state){ 0 };
}

static char *state_path(const struct upload *u)
{
	return mem_printf("%s.attach.json", u->path);
}

/* They go into URLs and XML: what no server says is not said by a file either. */
static bool word_ok(const char *s)
{
	return s && *s && strlen(s) <= WORD_MAX && !strpbrk(s, "<>& \r\n?#");
}

static bool read_state(const struct upload *u, const char *url, const json_t *j, struct upload_state *s)
{
	const json_t *etags = json_object_get(j, "etags"), *v;
	int64_t part = json_int(j, "part", 0);
	size_t i;

	if (!text_eq(json_get(j, "schema"), SCHEMA) || !text_eq(json_get(j, "url"), url) || !text_eq(json_get(j, "sha256"), u->sha256_hex) ||
		!word_ok(json_get(j, "uploadId")) || part <= 0 || !json_is_array(etags) || json_array_size(etags) > PARTS_MAX)
		return false;
	if (json_array_size(etags) > (u->size + (uint64_t)part - 1) / (uint64_t)part)
		return false;
	s->id = mem_strdup(json_get(j, "uploadId"));
	s->part = (uint64_t)part;
	json_array_foreach(etags, i, v)
	{
		if (!word_ok(json_string_value(v)))
			return false;
		s->etags = strv_add(s->etags, json_string_value(v));
	}
	return true;
}

void upload_state_load(const struct upload *u, const char *url, struct upload_state *ret)
{
	_cleanup_free_ char *path = state_path(u);
	_cleanup_buf_ struct buf b = { 0 };
	struct upload_state s = { 0 };

	*ret = s;
	if (file_read(AT_FDCWD, path, STATE_MAX, &b, NULL))
		return;
	_cleanup_json_ json_t *j = json_loadb(buf_str(&b), b.len, 0, NULL);
	if (read_state(u, url, j, &s))
		*ret = s;
	else
		upload_state_free(&s);
}

void upload_state_save(const struct upload *u, const char *url, const struct upload_state *s)
{
	_cleanup_free_ char *path = state_path(u);
	json_t *etags = json_array();

	for (char **e = s->etags; e && *e; e++)
		json_array_append_new(etags, json_string(*e));
	_cleanup_json_ json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "schema", SCHEMA, "url", url, "sha256", u->sha256_hex, "uploadId", s->id,
		"part", (json_int_t)s->part, "etags", etags);
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	if (text)
		durable_write(AT_FDCWD, path, 0600, text, strlen(text), 0, NULL);
	free(text);
}

void upload_state_drop(const struct upload *u)
{
	_cleanup_free_ char *path = state_path(u);

	unlink(path);
}
