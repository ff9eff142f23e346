/* SPDX-License-Identifier: MIT */
#include "lifecycle/collection_page.h"

#include <fcntl.h>
#include <string.h>

#include "bundle/durable.h"
#include "lifecycle/check.h"
#include "lifecycle/dossier.h"

static void clean(struct redactor *r, struct redact_gate *gate, char **s)
{
	_cleanup_buf_ struct buf text = { 0 }, scrubbed = { 0 };

	if (!*s)
		return;
	redact_bytes(r, PAYLOAD_TEXT, *s, strlen(*s), &text);
	redact_gate_reset(gate);
	redact_gate_scrub(gate, buf_str(&text), text.len, true, &scrubbed);
	mem_set(s, buf_str(&scrubbed));
}

/* A value is judged with its key, as it stood in its file: "[Service] ExecStart" and what follows. */
static void clean_fact(struct redactor *r, struct redact_gate *gate, struct fact *f)
{
	char *line = mem_printf("%s=%s", f->name, f->value);
	size_t n = strlen(f->name) + 1;

	clean(r, gate, &line);
	if (strncmp(line, f->name, n - 1) == 0 && line[n - 1] == '=')
		mem_set(&f->value, line + n);
	else
		mem_set(&f->value, "(withheld)");
	free(line);
}

void collection_page_make(const struct collection *c, struct collection_page *ret)
{
	struct redactor *r = capture_redactor(c->capture);
	struct redact_gate *gate = redact_gate_new(r);
	struct casefile *f = &ret->file;

	checks_run(c->evidence, CHECK_DOCTOR, &ret->findings);
	f->findings = &ret->findings;
	casefile_of_evidence(c->evidence, f);
	for (size_t i = 0; i < f->facts.n; i++)
		clean_fact(r, gate, &f->facts.v[i]);
	for (size_t i = 0; i < ret->findings.n; i++) {
		struct finding *x = ret->findings.v[i];
		char **const texts[] = { &x->message, &x->detail, &x->remedy, &x->hint };
		for (size_t k = 0; k < ARRAY_LEN(texts); k++)
			clean(r, gate, texts[k]);
	}
	redact_gate_free(gate);
	_cleanup_free_ char *path = mem_printf("%s/custody.jsonl", c->dir);
	_cleanup_buf_ struct buf custody = { 0 };
	if (file_read(AT_FDCWD, path, 8u << 20, &custody, NULL) == 0)
		casefile_add_custody(f, buf_str(&custody), custody.len);
}

void collection_page_render(void *page, const struct manifest *m, struct buf *out)
{
	struct collection_page *p = page;

	p->file.manifest = m;
	casefile_add_page(out, &p->file);
}

void collection_page_free(struct collection_page *p)
{
	casefile_free(&p->file);
	findings_free(&p->findings);
}
