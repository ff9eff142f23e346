/* SPDX-License-Identifier: MIT */
#include "lifecycle/cleaning.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"

#define DEPTH_MAX 64

/* A folder on both sides. */
struct level {
	int in, out;
	const char *path; /* from the top, with a slash at its end; "" at the top */
	int depth;
};

/* A path as it may be shown: without what in it is secret, and without control characters. */
static char *shown_path(struct cleaning *c, const char *path, bool *ret_secret)
{
	_cleanup_buf_ struct buf clean = { 0 };

	redact_bytes(c->redactor, PAYLOAD_TEXT, path, strlen(path), &clean);
	*ret_secret = strcmp(buf_str(&clean), path) != 0;
	return text_safe(buf_str(&clean));
}

/* The tree keeps its names, so that one of them tells a secret is said. */
static void note_name(struct cleaning *c, const char *shown)
{
	json_int_t before = json_integer_value(json_object_get(c->totals, "fileName"));

	json_object_set_new(c->totals, "fileName", json_integer(before + 1));
	json_array_append_new(c->files, json_pack("{s:s, s:{s:i}}", "path", shown, "replaced", "fileName", 1));
}

static void copy_times(int fd, const struct stat *st)
{
	/* whole seconds: finer ones have another name on each system */
	const struct timespec t[2] = { { .tv_sec = st->st_atime }, { .tv_sec = st->st_mtime } };
	futimens(fd, t);
}

static int clean_file(struct cleaning *c, const struct level *l, const char *name, const char *path, const char *shown, struct err *err)
{
	_cleanup_fd_ int in = openat(l->in, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st)) {
		/* --check goes on to the rest, and does not say that all is well */
		if (c->check && errno == EACCES) {
			c->left_out = strv_add(c->left_out, shown);
			return 0;
		}
		return err_errno(err, errno, "cannot read %s", shown);
	}
	if (!c->check && (out = openat(l->out, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
		return err_errno(err, errno, "cannot make the clean form of %s", shown);
	int r = clean_fd(c, in, path, shown, out, err);
	if (r == 0 && out >= 0) {
		copy_times(out, &st);
		if (fchmod(out, st.st_mode & 0777) || fsync(out))
			r = err_errno(err, errno, "cannot write the clean form of %s", shown);
	}
	return r;
}

static int clean_link(struct cleaning *c, const struct level *l, const char *name, const char *shown, struct err *err)
{
	_cleanup_buf_ struct buf clean = { 0 };
	char target[PATH_MAX];
	ssize_t n = readlinkat(l->in, name, target, sizeof(target) - 1);

	if (n < 0)
		return err_errno(err, errno, "cannot read the link %s", shown);
	target[n] = '\0';
	redact_bytes(c->redactor, PAYLOAD_TEXT, target, (size_t)n, &clean);
	if (strcmp(buf_str(&clean), target) != 0)
		note_name(c, shown);
	if (!c->check && symlinkat(buf_str(&clean), l->out, name))
		return err_errno(err, errno, "cannot make the link %s", shown);
	return 0;
}

static int clean_level(struct cleaning *c, const struct level *l, struct err *err);

static int clean_folder(struct cleaning *c, const struct level *l, const char *name, const char *path, const char *shown, const struct stat *st,
	struct err *err)
{
	_cleanup_free_ char *prefix = mem_printf("%s/", path);
	_cleanup_fd_ int in = openat(l->in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), out = -1;

	if (l->depth == DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s lies deeper than %d folders", shown, DEPTH_MAX);
	if (in < 0 && c->check && errno == EACCES) {
		c->left_out = strv_add(c->left_out, shown);
		return 0;
	}
	if (in < 0)
		return err_errno(err, errno, "cannot open %s", shown);
	if (!c->check && (mkdirat(l->out, name, 0700) || (out = openat(l->out, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0))
		return err_errno(err, errno, "cannot make the folder %s", shown);
	const struct level below = { in, out, prefix, l->depth + 1 };
	int r = clean_level(c, &below, err);
	if (r == 0 && out >= 0) {
		copy_times(out, st);
		if (fchmod(out, st->st_mode & 0777))
			r = err_errno(err, errno, "cannot set the mode of %s", shown);
	}
	return r;
}

static int clean_entry(struct cleaning *c, const struct level *l, const char *name, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s%s", l->path, name);
	bool secret = false;
	_cleanup_free_ char *shown = shown_path(c, path, &secret);
	struct stat st;

	if (secret)
		note_name(c, shown);
	if (fstatat(l->in, name, &st, AT_SYMLINK_NOFOLLOW))
		return err_errno(err, errno, "cannot look at %s", shown);
	if (S_ISREG(st.st_mode))
		return clean_file(c, l, name, path, shown, err);
	if (S_ISDIR(st.st_mode))
		return clean_folder(c, l, name, path, shown, &st, err);
	if (S_ISLNK(st.st_mode))
		return clean_link(c, l, name, shown, err);
	c->left_out = strv_add(c->left_out, shown);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int clean_level(struct cleaning *c, const struct level *l, struct err *err)
{
	_cleanup_strv_ char **names = NULL;
	int fd = dup(l->in), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		fd_closep(&fd);
		return err_errno(err, errno, "cannot list %s", *l->path ? l->path : "the folder");
	}
	for (struct dirent *e; (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			names = strv_add(names, e->d_name);
	closedir(d);
	if (names)
		qsort(names, strv_len(names), sizeof(*names), by_name);
	for (char **n = names; n && *n && r == 0; n++)
		r = clean_entry(c, l, *n, err);
	return r;
}

int clean_tree(struct cleaning *c, int in, int out, struct err *err)
{
	const struct level top = { in, out, "", 0 };

	return clean_level(c, &top, err);
}
