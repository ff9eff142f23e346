/* SPDX-License-Identifier: MIT */
/* translate: a reply about a pseudonymized bundle, with the names put back. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/newfile.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/pseudonyms.h"
#include "lifecycle/session.h"

#define REPLY_MAX (64u << 20)
#define DIGITS 8

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The map of `redact`, and those of all evidence directories of this host. */
static int load_maps(const struct session *s, const struct cli *cli, struct pseudonyms *p, struct err *err)
{
	_cleanup_free_ char *own = mem_printf("%s/" PSEUDONYMS_NAME, s->state_dir), *root = session_evidence_dir(s);
	const char *given;
	int r = pseudonyms_load(p, own, err);
	DIR *d = opendir(root);

	for (struct dirent *e; d && r == 0 && (e = readdir(d));) {
		_cleanup_free_ char *dir = mem_printf("%s/%s", root, e->d_name), *path = mem_printf("%s/private/" PSEUDONYMS_NAME, dir);
		/* bundles and their signatures lie beside their evidence directories */
		if (e->d_name[0] != '.' && is_directory(dir))
			r = pseudonyms_load(p, path, err);
	}
	if (d)
		closedir(d);
	for (int i = 0; r == 0 && (given = cli_get_nth(cli, "evidence", i)); i++) {
		_cleanup_free_ char *path = mem_printf("%s/private/" PSEUDONYMS_NAME, given);
		r = access(path, F_OK) ? err_errno(err, errno, "%s holds no map of pseudonyms", given) : pseudonyms_load(p, path, err);
	}
	return r;
}

/* The length of the pseudonym at p; 0 when there is none. */
static size_t pseudonym_at(const char *p, size_t n)
{
	static const char *const labels[] = { "host", "user", "address" };
	static const char start[] = "REDACTED_";
	size_t k = strlen(start);

	if (n < k || strncasecmp(p, start, k) != 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		size_t m = strlen(labels[i]), digits = 0;
		if (n - k < m + 1 + DIGITS || strncasecmp(p + k, labels[i], m) != 0 || p[k + m] != '_')
			continue;
		while (digits < DIGITS && isxdigit((unsigned char)p[k + m + 1 + digits]))
			digits++;
		if (digits == DIGITS)
			return k + m + 1 + DIGITS;
	}
	return 0;
}

static void translate(const struct pseudonyms *p, const struct buf *in, struct buf *out, size_t *ret_done, size_t *ret_unknown)
{
	const char *s = buf_str(in);

	for (size_t at = 0; at < in->len;) {
		size_t n = pseudonym_at(s + at, in->len - at);
		const char *value = n ? pseudonyms_value(p, s + at, n) : NULL;
		if (value)
			buf_adds(out, value);
		else
			buf_add(out, s + at, n ? n : 1);
		*ret_done += value != NULL;
		*ret_unknown += n && !value;
		at += n ? n : 1;
	}
}

static int read_reply(const char *path, struct buf *ret, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	_cleanup_fd_ int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? err_errno(err, errno, "cannot open %s", path) : fd_read_stream(fd, path, REPLY_MAX, ret, err);
}

static int write_reply(const struct cli *cli, const struct buf *text, struct err *err)
{
	const char *out = cli_get(cli, "output");
	_cleanup_newfile_ struct newfile f = { .fd = -1 };

	if (out && strcmp(out, "-") != 0) {
		/* it tells names again: for its owner alone */
		int r = newfile_open(&f, out, 0600, cli_has(cli, "force"), err);
		if (r == 0 && write_all(f.fd, buf_str(text), text->len))
			r = err_errno(err, errno, "cannot write %s", out);
		return r ? r : newfile_commit(&f, err);
	}
	_cleanup_buf_ struct buf safe = { 0 };
	if (isatty(STDOUT_FILENO))
		text_add_safe(&safe, buf_str(text), text->len, true);
	else
		buf_add(&safe, buf_str(text), text->len);
	fwrite(buf_str(&safe), 1, safe.len, stdout);
	return 0;
}

int cmd_translate(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_pseudonyms_ struct pseudonyms names = { 0 };
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
	size_t done = 0, unknown = 0;
	int r = session_open(cli, &s, err);

	if (r == 0)
		r = load_maps(&s, cli, &names, err);
	if (r == 0)
		r = read_reply(cli->args[0], &in, err);
	if (r)
		return r;
	translate(&names, &in, &out, &done, &unknown);
	if (cli->json) {
		json_t *doc = json_pack("{s:o, s:i, s:i}", "text", json_stringn(buf_str(&out), out.len), "translated", (int)done, "unknown", (int)unknown);
		if (!doc)
			return err_set(err, ERR_SYNTAX, "%s is not UTF-8: no JSON can hold it", cli->args[0]);
		cli_print_json(doc);
	} else if ((r = write_reply(cli, &out, err))) {
		return r;
	}
	if (unknown)
		cli_say(cli, "%zu pseudonym%s not known on this host", unknown, unknown == 1 ? " is" : "s are");
	return unknown ? EXIT_INCOMPLETE : EXIT_OK;
}
