/* SPDX-License-Identifier: MIT */
#include "formats/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/text.h"

static void err_clean(struct err *err)
{
	for (char *p = err->msg; *p; p++)
		if (text_is_control((unsigned char)*p))
			*p = '?';
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	/* not in place: an argument may be the message that is there */
	char text[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return -(int)code;
	err->code = (int)code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(err->msg, text, strlen(text) + 1);
	err_clean(err);
	return -(int)code;
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
	enum err_code code = errnum == ENOENT			   ? ERR_ABSENT
			     : errnum == EACCES || errnum == EPERM ? ERR_DENIED
								   : ERR_IO;
	char text[sizeof(((struct err *)0)->msg) - 64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, code, "%s: %s", text, strerror(errnum));
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	char old[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return -ERR_IO;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(old, err->msg, sizeof(old));
	/* What is cut is the tail of the old message: the where, in front, is what a reader needs first. */
	int n = snprintf(err->msg, sizeof(err->msg), "%s: ", text);
	if (n > 0 && (size_t)n < sizeof(err->msg))
		snprintf(err->msg + n, sizeof(err->msg) - (size_t)n, "%.*s", (int)(sizeof(err->msg) - (size_t)n - 1), old);
	err_clean(err);
	return -err->code;
}
