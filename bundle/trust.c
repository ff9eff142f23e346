/* SPDX-License-Identifier: MIT */
#include "bundle/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/trustmark.h"
#include "formats/text.h"

void trust_free(struct trust *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->keys[i].name);
		free(t->keys[i].path);
	}
	free(t->keys);
	for (size_t i = 0; i < t->n_marks; i++)
		keymark_free(&t->marks[i]);
	free(t->marks);
	strv_free(t->problems);
	*t = (struct trust){ 0 };
}

static void trust_push(struct trust *t, const char *name, const char *path, const struct minisign_pub *pub)
{
	t->keys = mem_array(t->keys, t->n + 1, sizeof(*t->keys));
	t->keys[t->n++] = (struct trust_key){ mem_strdup(name), mem_strdup(path), *pub };
}

static int pub_read(int dirfd, const char *name, struct minisign_pub *ret, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r = file_read(dirfd, name, MINISIGN_FILE_MAX, &b, err);

	return r ? r : minisign_parse_pub(buf_str(&b), b.len, ret, err);
}

int trust_check_writers(int dirfd, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return err_errno(err, errno, "cannot open it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_TRUST, "not a regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, ERR_TRUST, "it belongs to another user (uid %u)", (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return err_set(err, ERR_TRUST, "others may write it (mode %04o)", (unsigned)st.st_mode & 07777);
	return 0;
}

static void load_one(struct trust *t, int dirfd, const char *dir, const char *file, const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, file);
	struct minisign_pub pub;
	struct err e = { 0 };

	if (trust_check_writers(dirfd, file, &e) || pub_read(dirfd, file, &pub, &e)) {
		if (e.code != ERR_ABSENT)
			t->problems = strv_take(t->problems, mem_printf("%s: %s", path, e.msg));
		return;
	}
	trust_push(t, name, path, &pub);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int trust_load(struct trust *t, const char *dir, struct err *err)
{
	_cleanup_free_ char *sub = mem_printf("%s/trusted.d", dir);
	_cleanup_strv_ char **names = NULL;
	_cleanup_fd_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot open the key directory %s", dir);
	load_one(t, dirfd, dir, "host.pub", "this host");
	int r = trust_load_marks(t, dirfd, dir, err);
	if (r)
		return r;
	int subfd = openat(dirfd, "trusted.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (subfd < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot open %s", sub);
	DIR *d = fdopendir(subfd);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.' && text_ends(e->d_name, ".pub"))
			names = strv_add(names, e->d_name);
	if (names)
		qsort(names, strv_len(names), sizeof(*names), by_name);
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_free_ char *name = mem_strndup(names[i], strlen(names[i]) - strlen(".pub"));
		load_one(t, subfd, sub, names[i], name);
	}
	if (d)
		closedir(d);
	return 0;
}

int trust_add(struct trust *t, const char *given, struct err *err)
{
	struct minisign_pub pub;
	char id[17];

	/* 56 characters that are a key are hardly a file's name, and "./" tells them apart where they are */
	if (minisign_parse_pub_text(given, &pub, NULL) == 0) {
		minisign_id_text(id, pub.id);
		_cleanup_free_ char *name = mem_printf("key %s", id);
		trust_push(t, name, NULL, &pub);
		return 0;
	}
	/* a person named this one: links are followed */
	_cleanup_fd_ int fd = open(given, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	_cleanup_buf_ struct buf b = { 0 };
	if (fd < 0)
		return err_errno(err, errno, "cannot open the public key %s", given);
	int r = fd_read(fd, given, MINISIGN_FILE_MAX, &b, err);
	if (!r)
		r = minisign_parse_pub(buf_str(&b), b.len, &pub, err);
	if (r) {
		err_prefix(err, "public key %s", given);
		return r;
	}
	trust_push(t, given, given, &pub);
	return 0;
}

const struct trust_key *trust_next(const struct trust *t, const uint8_t id[MINISIGN_ID_BYTES], size_t *at)
{
	while (*at < t->n) {
		const struct trust_key *k = &t->keys[(*at)++];
		if (memcmp(k->pub.id, id, MINISIGN_ID_BYTES) == 0)
			return k;
	}
	return NULL;
}

int trust_install(const char *dir, const char *name, const struct minisign_pub *pub, struct err *err)
{
	static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@";
	_cleanup_free_ char *sub = mem_printf("%s/trusted.d", dir);
	_cleanup_free_ char *file = mem_printf("%s.pub", name);
	_cleanup_buf_ struct buf b = { 0 };
	struct minisign_pub old;

	if (!*name || *name == '.' || strlen(name) > 64 || strspn(name, fine) != strlen(name))
		return err_set(err, ERR_USAGE, "a key's name has letters, digits and ._-@ only, at most 64: not \"%s\"", name);
	_cleanup_fd_ int subfd = dir_open_make(AT_FDCWD, sub, true);
	if (subfd < 0)
		return err_errno(err, errno, "cannot make %s", sub);
	minisign_add_pub(&b, pub);
	int r = durable_write(subfd, file, 0644, b.data, b.len, DURABLE_NEW, err);
	if (r == -ERR_BUSY && pub_read(subfd, file, &old, NULL) == 0 && memcmp(&old, pub, sizeof(old)) == 0)
		return 0;
	if (r == -ERR_BUSY)
		return err_set(err, ERR_BUSY, "%s/%s is there already with another key; give this one another name", sub, file);
	if (r)
		err_prefix(err, "%s", sub);
	return r;
}
