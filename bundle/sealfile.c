/* SPDX-License-Identifier: MIT */
/* Sealing from file to file, and files of keys: see seal.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/newfile.h"
#include "bundle/seal.h"
#include "bundle/secret.h"

static int open_regular(const char *path, int *ret, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: not a regular file", path);
	*ret = TAKE_FD(fd);
	return 0;
}

int seal_file(const char *path, const char *out_path, bool replace, const struct seal_to *to,
	const struct seal_progress *progress, struct seal_info *ret, struct err *err)
{
	_cleanup_newfile_ struct newfile out = { .fd = -1 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_fd_ int in = -1;
	int r;

	if ((r = open_regular(path, &in, err)) || (r = newfile_open(&out, out_path, 0600, replace, err)) ||
		(r = seal_fd(in, out.fd, path, to, progress, &info, err)) || (r = newfile_commit(&out, err)))
		return r;
	if (ret) {
		*ret = info;
		info = (struct seal_info){ 0 };
	}
	return 0;
}

int seal_open_file(const char *path, const char *out_path, bool replace, const struct seal_with *with,
	const struct seal_progress *progress, struct seal_info *ret, struct err *err)
{
	_cleanup_newfile_ struct newfile out = { .fd = -1 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_fd_ int in = -1;
	int r;

	if ((r = open_regular(path, &in, err)) || (r = newfile_open(&out, out_path, 0600, replace, err)) ||
		(r = seal_open_fd(in, out.fd, path, with, progress, &info, err)) || (r = newfile_commit(&out, err)))
		return r;
	if (ret) {
		*ret = info;
		info = (struct seal_info){ 0 };
	}
	return 0;
}

int seal_open_nameless(const char *path, const char *dir, const struct seal_with *with,
	const struct seal_progress *progress, int *ret_fd, struct seal_info *ret, struct err *err)
{
	_cleanup_newfile_ struct newfile out = { .fd = -1 };
	_cleanup_free_ char *name = mem_printf("%s/opened", dir);
	_cleanup_seal_info_ struct seal_info info = { 0 };
	_cleanup_fd_ int in = -1;
	int r;

	if ((r = open_regular(path, &in, err)) || (r = newfile_open(&out, name, 0600, true, err)))
		return r;
	if (out.temp && unlink(out.temp))
		return err_errno(err, errno, "%s: cannot have a file without a name here", dir);
	mem_freep(&out.temp);
	if ((r = seal_open_fd(in, out.fd, path, with, progress, &info, err)))
		return r;
	if (lseek(out.fd, 0, SEEK_SET) < 0)
		return err_errno(err, errno, "%s: cannot rewind", dir);
	*ret_fd = TAKE_FD(out.fd);
	if (ret) {
		*ret = info;
		info = (struct seal_info){ 0 };
	}
	return 0;
}

static int load_keys(const char *path, struct age_keys *keys,
	int (*parse)(const char *, const char *, size_t, struct age_keys *, struct err *), struct err *err)
{
	size_t n = 0;
	_cleanup_secret_ char *text = secret_read_file(path, &n, err);

	if (!text)
		return err ? -err->code : -ERR_IO;
	return parse(path, text, n, keys, err);
}

int seal_load_recipients(const char *path, struct age_keys *keys, struct err *err)
{
	return load_keys(path, keys, age_recipients_parse, err);
}

int seal_load_identities(const char *path, struct age_keys *keys, struct err *err)
{
	return load_keys(path, keys, age_identities_parse, err);
}

bool seal_is_sealed_fd(int fd)
{
	char head[64];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && seal_is_sealed(head, (size_t)n);
}
