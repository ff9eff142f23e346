/* SPDX-License-Identifier: MIT */
#include "formats/provenance.h"

#include <string.h>

#include "formats/json.h"
#include "formats/text.h"

void provenance_free(struct provenance *p)
{
	char **all[] = { &p->runtime_image, &p->source_image, &p->source_file, &p->image_id, &p->digest, &p->runtime_auth, &p->pull_auth, &p->by };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		mem_freep(all[i]);
	p->pulled_us = 0;
}

int provenance_parse(const char *what, const char *text, size_t n, struct provenance *ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;
	int r = json_read(what, text, n, JSON_READ_UNIQUE, &j, err);

	if (r)
		return r;
	_cleanup_free_ char *image = json_dup(j, "runtimeImage"), *id = json_dup(j, "imageId");
	if (!image || !id)
		return err_set(err, ERR_SYNTAX, "%s: no provenance: runtimeImage or imageId is missing", what);
	*ret = (struct provenance){
		.runtime_image = TAKE_PTR(image),
		.image_id = TAKE_PTR(id),
		.source_image = json_dup(j, "sourceImage"),
		.source_file = json_dup(j, "sourceFile"),
		.digest = json_dup(j, "digest"),
		.pulled_us = json_time(j, "pulledAt"),
		.runtime_auth = json_dup(j, "runtimeAuth"),
		.pull_auth = json_dup(j, "pullAuth"),
		.by = json_dup(j, "by"),
	};
	return 0;
}

static void put(json_t *j, const char *key, const char *value)
{
	json_t *v = value && *value ? json_string(value) : NULL;

	if (!v && value && *value) {
		_cleanup_free_ char *safe = text_safe(value);
		v = json_string(safe);
	}
	if (v)
		json_object_set_new(j, key, v);
}

void provenance_write(const struct provenance *p, struct buf *out)
{
	_cleanup_json_ json_t *j = json_object();
	char when[32];

	put(j, "runtimeImage", p->runtime_image);
	put(j, "sourceImage", p->source_image);
	put(j, "sourceFile", p->source_file);
	put(j, "imageId", p->image_id);
	put(j, "digest", p->digest);
	if (p->pulled_us) {
		text_time(when, p->pulled_us);
		put(j, "pulledAt", when);
	}
	put(j, "runtimeAuth", p->runtime_auth);
	put(j, "pullAuth", p->pull_auth);
	put(j, "by", p->by);
	char *text = json_dumps(j, JSON_INDENT(2));
	if (!text)
		abort(); /* out of memory: see mem.h */
	buf_adds(out, text);
	buf_addc(out, '\n');
	free(text);
}
