/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_ERR_H
#define FORMATS_ERR_H

/*
 * Errors are values. A function that can fail returns 0 (or a count) on success and a negative
 * code on failure, and describes the failure in the caller's struct err:
 *
 *	if (bad)
 *		return err_set(err, ERR_SYNTAX, "%s:%d: unknown section", path, line);
 *
 * The message names what, where, and what to do; it has no trailing newline or full stop and is
 * already free of control characters (err_set neutralises them), so it may go to a terminal.
 * Nobody but main() prints it. err may be NULL where the caller does not care.
 */

enum err_code {
	ERR_IO = 1,	/* the operating system refused: read, write, spawn, connect */
	ERR_SYNTAX,	/* bytes that are not of the format they should be */
	ERR_LIMIT,	/* larger, deeper or longer than what we accept */
	ERR_ABSENT,	/* it is not there */
	ERR_DENIED,	/* it is there and we may not */
	ERR_TIMEOUT,	/* no answer within the limit */
	ERR_TRUST,	/* a signature, a hash or a key does not hold */
	ERR_USAGE,	/* the caller asked for something that cannot be meant; declarations too */
	ERR_CHANGE,	/* a change to the host failed */
	ERR_INCOMPLETE,	/* evidence is missing, so no verdict */
	ERR_BUSY,	/* somebody else holds the lock */
	ERR_SECRET,	/* refused, because a secret would have left the host */
};

struct err {
	int code;	/* enum err_code; 0 while nothing failed */
	char msg[512];
};

/* Sets err (unless NULL) and returns -code, so that failing is one line. Arguments may point into err->msg. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Like err_set, with code and ": <strerror>" taken from errnum: ENOENT is ERR_ABSENT, EACCES and EPERM are ERR_DENIED, the rest ERR_IO. */
int err_errno(struct err *err, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "<text>: " before the message that is there; returns -code. For callers that know more of the where. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
