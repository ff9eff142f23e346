/* SPDX-License-Identifier: MIT */
#include "lifecycle/bundle_arg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle/seal.h"
#include "formats/text.h"

void bundle_arg_close(struct bundle_arg *b)
{
	fd_closep(&b->args.fd);
	fd_closep(&b->args.sigfd);
	trust_free(&b->trust);
}

static int open_signature(const struct cli *cli, const char *path, int *ret, struct err *err)
{
	const char *given = cli_get(cli, "signature");
	_cleanup_free_ char *beside = mem_printf("%s.minisig", path);
	const char *name = given ? given : beside;

	*ret = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* that there is none is for the reader to say */
	return *ret >= 0 || (!given && errno == ENOENT) ? 0 : err_errno(err, errno, "cannot open the signature %s", name);
}

static int load_trust(const struct cli *cli, const struct session *s, struct trust *t, struct err *err)
{
	const char *given;
	/* a key directory that we may not read (root's, for a user) has nothing that we could trust */
	struct err e = { 0 };
	int r = trust_load(t, s->keys_dir, &e);

	if (r && r != -ERR_DENIED)
		return err_set(err, (enum err_code)e.code, "%s", e.msg);
	for (char **p = t->problems; p && *p && !cli->quiet; p++) {
		_cleanup_free_ char *safe = text_safe(*p);
		fprintf(stderr, "%s: warning: key passed over: %s\n", cli->program, safe);
	}
	r = 0;
	for (int i = 0; !r && (given = cli_get_nth(cli, "key", i)); i++)
		r = trust_add(t, given, err);
	return r;
}

int bundle_arg_open(const struct cli *cli, const struct session *s, const char *path, struct bundle_arg *ret, struct err *err)
{
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	struct stat st;

	b.args.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (b.args.fd < 0 || fstat(b.args.fd, &st))
		return err_errno(err, errno, "cannot open the bundle %s", path);
	b.directory = S_ISDIR(st.st_mode);
	int r = b.directory ? 0 : open_signature(cli, path, &b.args.sigfd, err);
	if (!r)
		r = load_trust(cli, s, &b.trust, err);
	if (r)
		return r;
	if (cli_has(cli, "unverified"))
		b.args.flags |= BUNDLE_ANYONE;
	*ret = b;
	ret->args.trust = &ret->trust;
	b = (struct bundle_arg){ .args = { .fd = -1, .sigfd = -1 } };
	return 0;
}

int bundle_arg_open_plain(const struct cli *cli, const struct session *s, const char *path, struct bundle_arg *ret, struct err *err)
{
	_cleanup_buf_ struct buf name = { 0 };
	int r = bundle_arg_open(cli, s, path, ret, err);

	if (r || ret->directory || !seal_is_sealed_fd(ret->args.fd))
		return r;
	bundle_arg_close(ret);
	*ret = (struct bundle_arg){ .args = { .fd = -1, .sigfd = -1 } };
	text_add_shell(&name, path);
	return err_set(err, ERR_USAGE, "%s is sealed; open it first: %s bundle open %s", path, cli->program, buf_str(&name));
}
