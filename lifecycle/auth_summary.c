/* SPDX-License-Identifier: MIT */
#include "lifecycle/auth_summary.h"

#include <fcntl.h>
#include <string.h>

#include "bundle/durable.h"
#include "formats/text.h"

#define AUTH_MAX (1u << 20)

/* The content as it stands in the evidence directory: already redacted. NULL when nothing was kept. */
static json_t *redacted_content(const struct capture *c, const struct captured *of)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (!of || of->withheld || !of->files[STREAM_OUT].path)
		return NULL;
	_cleanup_free_ char *path = mem_printf("%s/%s", capture_dir(c), of->files[STREAM_OUT].path);
	if (file_read(AT_FDCWD, path, AUTH_MAX, &b, NULL))
		return NULL;
	return json_loadb(buf_str(&b), b.len, 0, NULL);
}

static json_t *file_summary(const struct capture *c, const struct auth_evidence_file *f)
{
	_cleanup_free_ char *key = mem_printf("file%s", f->file.path);
	const struct captured *of = capture_find(c, key);
	const struct record *r = f->file.answer ? &f->file.answer->rec : NULL;
	json_t *content = redacted_content(c, of);
	json_t *j = json_pack("{s:s, s:s, s:s, s:b}", "place", auth_place_name(f->place), "path", f->file.path, "outcome",
		outcome_name(file_outcome(&f->file)), "declared", (int)f->declared);

	if (r && r->stat.known) {
		char mode[8];
		snprintf(mode, sizeof(mode), "%04o", r->stat.mode & 07777);
		json_object_set_new(j, "mode", json_string(mode));
		json_object_set_new(j, "owner", r->stat.owner ? json_string(r->stat.owner) : json_integer(r->stat.uid));
	}
	if (of && of->withheld)
		json_object_set_new(j, "withheld", json_string("it does not parse as an auth file, so nothing of it was copied"));
	if (content)
		json_object_set_new(j, "content", content);
	return j;
}

int auth_summary_add(struct capture *c, const struct evidence *e, struct err *err)
{
	json_t *files = json_array();

	for (size_t i = 0; i < e->auth.n_files; i++)
		json_array_append_new(files, file_summary(c, &e->auth.files[i]));
	json_t *doc = json_pack("{s:s, s:b, s:o}", "mode", auth_mode_name(e->target.agent->auth.mode), "declared", (int)e->target.declared,
		"files", files);
	_cleanup_free_ char *text = json_dumps(doc, JSON_INDENT(2));
	json_decref(doc);
	return capture_add_document(c, "auth-redacted.json", PAYLOAD_JSON, text, strlen(text), err);
}
