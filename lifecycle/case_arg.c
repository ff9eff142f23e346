/* SPDX-License-Identifier: MIT */
#include "lifecycle/case_arg.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "formats/text.h"
#include "redact/redact.h"

/* Words apart by one space each, nothing that a terminal obeys. */
static char *one_line(const char *s)
{
	_cleanup_buf_ struct buf b = { 0 };

	for (size_t n; *(s += strspn(s, " \t\r\n\v\f")); s += n) {
		n = strcspn(s, " \t\r\n\v\f");
		if (b.len)
			buf_addc(&b, ' ');
		buf_add(&b, s, n);
	}
	return text_safe(buf_str(&b));
}

int case_arg_load(const struct cli *cli, struct manifest_case *ret, struct err *err)
{
	const char *id = cli_get(cli, "case"), *note = cli_get(cli, "note");
	_cleanup_free_ char *reason = note ? one_line(note) : NULL;

	*ret = (struct manifest_case){ 0 };
	if (id && !manifest_case_id_ok(id))
		return err_set(err, ERR_USAGE, "--case: a case is one word of at most %d letters, digits and ._:#/@+=-, as INC-1234", CASE_ID_MAX);
	if (reason && !*reason)
		return err_set(err, ERR_USAGE, "--note is empty");
	if (reason && strlen(reason) > CASE_REASON_MAX)
		return err_set(err, ERR_USAGE, "--note: longer than %d bytes; the rest belongs in the ticket", CASE_REASON_MAX);
	*ret = (struct manifest_case){ .id = mem_strdup(id), .reason = TAKE_PTR(reason) };
	return 0;
}

int case_arg_load_clean(const struct cli *cli, struct manifest_case *ret, struct err *err)
{
	_cleanup_buf_ struct buf clean = { 0 };
	uint8_t key[REDACT_KEY_BYTES];
	int r = case_arg_load(cli, ret, err);

	if (r || !ret->reason)
		return r;
	CLEANUP(redactor_freep) struct redactor *redactor = NULL;
	if (getentropy(key, sizeof(key)))
		r = err_errno(err, errno, "no randomness");
	else if (!(redactor = redactor_new(key, err)))
		r = -err->code;
	if (r) {
		manifest_case_free(ret);
		return r;
	}
	redact_bytes(redactor, PAYLOAD_TEXT, ret->reason, strlen(ret->reason), &clean);
	mem_set(&ret->reason, buf_str(&clean));
	return 0;
}
