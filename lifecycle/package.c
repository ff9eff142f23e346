/* SPDX-License-Identifier: MIT */
#include "lifecycle/package.h"

#include <string.h>

#include "formats/text.h"

/* The outcome of the command, and what it printed. */
static enum outcome ask(struct source *s, const char *what, const char *path, char **argv, struct answer *ret)
{
	_cleanup_free_ char *key = mem_printf("package/%s%s", what, path);
	_cleanup_probe_ struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_TEXT);

	if (source_get(s, p, ret, NULL))
		return OUTCOME_FAILED;
	return ret->rec.outcome;
}

/* A line of --verify about the file: its flags, then perhaps "c" for a configuration file, then its path. */
static bool is_changed(const struct buf *b, const char *path)
{
	for (const char *line = buf_str(b), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		size_t n = (size_t)(end - line), m = strlen(path);
		if (n > m && line[n - m - 1] == ' ' && strncmp(end - m, path, m) == 0)
			return true;
	}
	return false;
}

static enum package_owner verified(struct source *s, const char *path, char **argv)
{
	_cleanup_answer_ struct answer a = { 0 };

	/* both tools fail when they find something changed, anywhere in the package */
	return ask(s, "verify", path, argv, &a) == OUTCOME_OK && !is_changed(&a.out, path) ? PACKAGE_OWNS : PACKAGE_NONE;
}

/* "cron, other: /etc/crontab", "libx:amd64: /usr/…": the first name. Where /lib is a link to /usr/lib, dpkg knows a
 * file by the name that its package has, so both are asked, and it fails for the one that it does not know. */
static enum package_owner of_dpkg(struct source *s, const char *path)
{
	_cleanup_strv_ char **argv = strv_new("dpkg-query", "--search", path, NULL);
	_cleanup_answer_ struct answer a = { 0 };

	if (text_starts(path, "/usr/lib/"))
		argv = strv_add(argv, path + strlen("/usr"));
	enum outcome o = ask(s, "dpkg-query", path, argv, &a);
	if (o != OUTCOME_OK)
		return PACKAGE_UNKNOWN;
	if (!a.out.len)
		return PACKAGE_NONE;
	const char *line = buf_str(&a.out), *end = strstr(line, ": ");
	if (!end || text_starts(line, "diversion "))
		return PACKAGE_NONE;
	_cleanup_free_ char *name = mem_strndup(line, strcspn(line, ", ") < (size_t)(end - line) ? strcspn(line, ", ") : (size_t)(end - line));
	_cleanup_strv_ char **verify = strv_new("dpkg", "--verify", name, NULL);
	return verified(s, path, verify);
}

static enum package_owner of_rpm(struct source *s, const char *path)
{
	_cleanup_strv_ char **argv = strv_new("rpm", "--query", "--file", path, NULL), **verify = strv_new("rpm", "--verify", "--file", path, NULL);
	_cleanup_answer_ struct answer a = { 0 };
	enum outcome o = ask(s, "rpm", path, argv, &a);

	if (o != OUTCOME_OK)
		return PACKAGE_UNKNOWN;
	return a.rec.status == 0 ? verified(s, path, verify) : PACKAGE_NONE;
}

/* Homes, what is local, and what a boot takes away belong to no package. */
static bool never_packaged(const char *path)
{
	static const char *const dirs[] = { "/home/", "/root/", "/run/", "/usr/local/", "/var/spool/cron/", "/tmp/" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (text_starts(path, dirs[i]))
			return true;
	return false;
}

enum package_owner package_owner(struct source *s, const char *path)
{
	if (never_packaged(path))
		return PACKAGE_NONE;
	enum package_owner dpkg = of_dpkg(s, path);
	if (dpkg == PACKAGE_OWNS)
		return dpkg;
	enum package_owner rpm = of_rpm(s, path);
	/* one of the two is enough to know that it is nobody's */
	return rpm == PACKAGE_UNKNOWN ? dpkg : rpm;
}
