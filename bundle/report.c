/* SPDX-License-Identifier: MIT */
#include "bundle/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "formats/text.h"

const char *problem_name(enum problem_kind k)
{
	static const char *const names[] = { "signature", "damaged", "limit", "manifest", "name", "type", "added", "missing", "order",
		"duplicate", "changed", "sums", "custody" };

	return (size_t)k < ARRAY_LEN(names) ? names[k] : "problem";
}

void bundle_report_free(struct bundle_report *r)
{
	free(r->signer);
	free(r->public_key);
	free(r->comment);
	free(r->remark);
	manifest_free(&r->manifest);
	free(r->files);
	free(r->top);
	for (size_t i = 0; i < r->n_problems; i++)
		free(r->problems[i].text);
	free(r->problems);
	*r = (struct bundle_report){ 0 };
}

int report_problem(struct bundle_report *r, enum problem_kind kind, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (r->n_problems >= REPORT_PROBLEMS_MAX)
		return -ERR_TRUST;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->problems = mem_array(r->problems, r->n_problems + 1, sizeof(*r->problems));
	r->problems[r->n_problems++] = (struct bundle_problem){ kind, text_safe(text) };
	return kind == PROBLEM_LIMIT ? -ERR_LIMIT : r->n_problems >= REPORT_PROBLEMS_MAX ? -ERR_TRUST : 0;
}
