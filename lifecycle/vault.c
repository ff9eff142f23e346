/* SPDX-License-Identifier: MIT */
#include "lifecycle/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/sha256.h"
#include "collect/platform.h"
#include "formats/buf.h"
#include "formats/text.h"
#include "lifecycle/place.h"

#define TARGET_MAX 4096

struct original {
	char *path;
	char *target; /* of a symbolic link; NULL: a regular file */
	char *sha256; /* of a regular file */
	uint32_t mode, uid, gid;
	int64_t mtime_s, mtime_ns;
};

static void original_free(struct original *o)
{
	free(o->path);
	free(o->target);
	free(o->sha256);
}
#define _cleanup_original_ CLEANUP(original_free)

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int sync_dir(const char *dir)
{
	_cleanup_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

/* Copies fd from its beginning to out (-1: nowhere) and hashes it on the way. */
static int copy_hash(int fd, int out, char hex[SHA256_HEX])
{
	struct sha256 h;
	uint8_t digest[SHA256_BYTES];
	char chunk[1 << 16];
	off_t at = 0;

	sha256_init(&h);
	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (out >= 0 && write_all(out, chunk, (size_t)(n > 0 ? n : 0))))
			return -1;
		if (n == 0)
			break;
		sha256_add(&h, chunk, (size_t)n);
		at += n;
	}
	sha256_end(&h, digest);
	text_hex(hex, digest, sizeof(digest));
	return 0;
}

/* ---- the JSON beside each original; its appearing under the final name says that the original is whole ---- */

static char *meta_path(const char *vault, const char *name)
{
	return mem_printf("%s/%s.json", vault, name);
}

static int meta_write(const char *vault, const char *name, const struct original *o, struct err *err)
{
	_cleanup_free_ char *path = meta_path(vault, name), *tmp = mem_printf("%s/.%s.json.tmp", vault, name);
	json_t *j = json_pack("{s:s, s:i, s:i, s:i, s:I, s:I}", "path", o->path, "mode", (int)o->mode, "uid", (int)o->uid, "gid",
		(int)o->gid, "mtime", (json_int_t)o->mtime_s, "mtimeNs", (json_int_t)o->mtime_ns);
	if (!j)
		return err_set(err, ERR_SYNTAX, "%s: its name is not UTF-8; move it by hand", o->path);
	if (o->target)
		json_object_set_new(j, "target", json_string(o->target));
	if (o->sha256)
		json_object_set_new(j, "sha256", json_string(o->sha256));
	_cleanup_free_ char *text = json_dumps(j, JSON_INDENT(1));
	json_decref(j);
	_cleanup_fd_ int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, text, strlen(text)) || fsync(fd) || rename(tmp, path) || sync_dir(vault)) {
		int saved = errno;
		unlink(tmp);
		return err_errno(err, saved, "%s", path);
	}
	return 0;
}

static int meta_read(const char *vault, const char *name, struct original *ret, struct err *err)
{
	_cleanup_free_ char *path = meta_path(vault, name);
	json_error_t why;
	json_t *j = json_load_file(path, 0, &why);

	if (!j && access(path, F_OK) != 0)
		return err_set(err, ERR_ABSENT, "%s is not in the vault %s", name, vault);
	const char *from = json_string_value(json_object_get(j, "path"));
	if (!from || from[0] != '/') {
		json_decref(j);
		return err_set(err, ERR_SYNTAX, "%s: damaged", path);
	}
	*ret = (struct original){
		.path = mem_strdup(from),
		.target = mem_strdup(json_string_value(json_object_get(j, "target"))),
		.sha256 = mem_strdup(json_string_value(json_object_get(j, "sha256"))),
		.mode = (uint32_t)json_integer_value(json_object_get(j, "mode")),
		.uid = (uint32_t)json_integer_value(json_object_get(j, "uid")),
		.gid = (uint32_t)json_integer_value(json_object_get(j, "gid")),
		.mtime_s = json_integer_value(json_object_get(j, "mtime")),
		.mtime_ns = json_integer_value(json_object_get(j, "mtimeNs")),
	};
	json_decref(j);
	return 0;
}

int vault_has(const char *vault, const char *name)
{
	_cleanup_free_ char *path = meta_path(vault, name);

	return access(path, F_OK) == 0;
}

char *vault_path_of(const char *vault, const char *name)
{
	_cleanup_original_ struct original o = { 0 };

	return meta_read(vault, name, &o, NULL) ? NULL : TAKE_PTR(o.path);
}

/* ---- taking ---- */

static int stat_place(const struct place *p, struct stat *st, struct err *err)
{
	return fstatat(p->dir, p->name, st, AT_SYMLINK_NOFOLLOW) ? err_errno(err, errno, "%s", p->path) : 0;
}

static void stat_to_original(const struct stat *st, struct original *o)
{
	o->mode = (uint32_t)(st->st_mode & 07777);
	o->uid = st->st_uid;
	o->gid = st->st_gid;
	o->mtime_s = st->st_mtime;
	o->mtime_ns = stat_mtime_nsec(st);
}

static int store_link(const char *vault, const char *name, const struct place *p, const struct stat *st, struct err *err)
{
	_cleanup_original_ struct original o = { .path = mem_strdup(p->path) };
	char target[TARGET_MAX];
	ssize_t n = readlinkat(p->dir, p->name, target, sizeof(target));

	if (n < 0 || n == sizeof(target))
		return err_errno(err, n < 0 ? errno : ENAMETOOLONG, "%s", p->path);
	o.target = mem_strndup(target, (size_t)n);
	stat_to_original(st, &o);
	return meta_write(vault, name, &o, err);
}

static int store_file(const char *vault, const char *name, const struct place *p, struct err *err)
{
	_cleanup_original_ struct original o = { .path = mem_strdup(p->path) };
	_cleanup_free_ char *copy = mem_printf("%s/%s", vault, name), *tmp = mem_printf("%s/.%s.tmp", vault, name);
	_cleanup_fd_ int in = place_read(p);
	char hex[SHA256_HEX], again[SHA256_HEX];
	struct stat st;

	if (in < 0)
		return err_errno(err, errno, "%s", p->path);
	if (fstat(in, &st))
		return err_errno(err, errno, "%s", p->path);
	_cleanup_fd_ int out = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || copy_hash(in, out, hex) || fsync(out)) {
		int saved = errno;
		unlink(tmp);
		return err_errno(err, saved, "%s", copy);
	}
	/* what we hold must be what is there now, not a mix of two versions */
	if (copy_hash(in, -1, again) || strcmp(hex, again) != 0) {
		unlink(tmp);
		return err_set(err, ERR_CHANGE, "%s changes while it is read; try again", p->path);
	}
	stat_to_original(&st, &o);
	o.sha256 = mem_strdup(hex);
	if (rename(tmp, copy))
		return err_errno(err, errno, "%s", copy);
	return meta_write(vault, name, &o, err);
}

/* Whether what stands at the place is the original: 1, 0; negative when it cannot be told. */
static int same_as_original(const struct place *p, const struct original *o, const struct stat *st, struct err *err)
{
	char hex[SHA256_HEX], target[TARGET_MAX];

	if (o->target) {
		ssize_t n = S_ISLNK(st->st_mode) ? readlinkat(p->dir, p->name, target, sizeof(target)) : -1;
		return n >= 0 && (size_t)n == strlen(o->target) && memcmp(target, o->target, (size_t)n) == 0;
	}
	if (!S_ISREG(st->st_mode))
		return 0;
	_cleanup_fd_ int fd = place_read(p);
	if (fd < 0 || copy_hash(fd, -1, hex))
		return err_errno(err, errno, "%s", p->path);
	return o->sha256 && strcmp(hex, o->sha256) == 0;
}

/* Makes sure that the vault holds what stands at p, which stays. 1: it is in the vault, and nothing is at p. */
static int keep(const char *vault, const char *name, const struct place *p, struct err *err)
{
	_cleanup_original_ struct original o = { 0 };
	bool have = vault_has(vault, name);
	struct stat st;
	int r = stat_place(p, &st, err);

	if (r == -ERR_ABSENT && have)
		return 1;
	if (r)
		return r;
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(err, ERR_CHANGE, "%s is neither a file nor a link", p->path);
	if (!have) {
		r = S_ISLNK(st.st_mode) ? store_link(vault, name, p, &st, err) : store_file(vault, name, p, err);
		if (r)
			return r;
	}
	r = meta_read(vault, name, &o, err);
	if (r)
		return r;
	r = same_as_original(p, &o, &st, err);
	if (r < 0)
		return r;
	return r ? 0 : err_set(err, ERR_CHANGE, "%s changed since it was copied to the vault; it stays where it is", p->path);
}

int vault_keep(const char *vault, const char *name, const char *path, const struct identity *as, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(path, as, &p, err);

	return r ? r : keep(vault, name, &p, err);
}

int vault_take(const char *vault, const char *name, const char *path, const struct identity *as, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(path, as, &p, err);

	if (r == 0)
		r = keep(vault, name, &p, err);
	if (r)
		return r == 1 ? 0 : r;
	if (place_unlink(&p, NULL))
		return err_errno(err, errno, "cannot remove %s", path);
	place_sync(&p);
	return 0;
}

/* ---- returning ---- */

static char *return_name(const struct place *p)
{
	return mem_printf(".%s.sourceos-restore", p->name);
}

/* On a full disk nothing new can be made: the vault's own copy becomes the file. Never with another's rights: it is ours. */
static int move_back(const char *copy, const struct place *p, const struct original *o)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = o->mtime_s, .tv_nsec = o->mtime_ns } };
	_cleanup_fd_ int fd = p->as ? -1 : open(copy, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fchown(fd, o->uid, o->gid) || fchmod(fd, (mode_t)o->mode) || futimens(fd, times) || fsync(fd))
		return -1;
	return renameat(AT_FDCWD, copy, p->dir, p->name);
}

/* A file made by us, given owner, mode and time by descriptor, and then its name. */
static int return_file(const char *vault, const char *name, const struct place *p, const struct original *o, struct err *err)
{
	_cleanup_free_ char *copy = mem_printf("%s/%s", vault, name), *tmp = return_name(p);
	_cleanup_fd_ int in = open(copy, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out = -1;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = o->mtime_s, .tv_nsec = o->mtime_ns } };
	char hex[SHA256_HEX];

	if (in < 0 || copy_hash(in, -1, hex))
		return err_errno(err, errno, "%s", copy);
	if (!o->sha256 || strcmp(hex, o->sha256) != 0)
		return err_set(err, ERR_TRUST, "%s is not what was put there: its SHA-256 differs", copy);
	place_unlink(p, tmp); /* of an attempt that was killed */
	out = place_create(p, tmp, 0600);
	if (out < 0 && errno == ENOSPC && move_back(copy, p, o) == 0)
		return 0;
	if (out < 0)
		return err_errno(err, errno, "cannot write beside %s", p->path);
	if (copy_hash(in, out, hex) || fchown(out, o->uid, o->gid) || fchmod(out, (mode_t)o->mode) || futimens(out, times) || fsync(out) ||
		place_rename_new(p, tmp)) {
		int saved = errno;
		place_unlink(p, tmp);
		if (saved == ENOSPC && move_back(copy, p, o) == 0)
			return 0;
		return err_errno(err, saved, "cannot put %s back", p->path);
	}
	return 0;
}

int vault_return(const char *vault, const char *name, const struct identity *as, struct err *err)
{
	_cleanup_original_ struct original o = { 0 };
	_cleanup_place_ struct place p = { .dir = -1 };
	struct stat st;
	int r = meta_read(vault, name, &o, err);

	/* whoever was there in between may have taken the emptied directory away */
	if (r || (r = place_open_made(o.path, as, &p, err)))
		return r;
	if (fstatat(p.dir, p.name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		_cleanup_free_ char *tmp = return_name(&p);
		place_unlink(&p, tmp); /* a kill between link and unlink leaves it */
		r = same_as_original(&p, &o, &st, err);
		return r == 1 ? 0 : r < 0 ? r : err_set(err, ERR_CHANGE, "%s is there and differs from what was taken; move it away first", o.path);
	}
	if (!o.target)
		r = return_file(vault, name, &p, &o, err);
	else if (place_symlink(&p, o.target))
		r = err_errno(err, errno, "cannot put the link %s back", o.path);
	else if (geteuid() == 0 && fchownat(p.dir, p.name, o.uid, o.gid, AT_SYMLINK_NOFOLLOW))
		r = err_errno(err, errno, "cannot give the link %s its owner", o.path);
	if (r == 0)
		place_sync(&p);
	return r;
}
