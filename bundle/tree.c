/* SPDX-License-Identifier: MIT */
#include "bundle/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/mem.h"

struct tree {
	const char *skip;
	char **v;
	size_t n, max;
};

/* Takes fd over. */
static int list(struct tree *t, int fd, const char *prefix, struct err *err)
{
	DIR *d = fdopendir(fd);
	int r = 0;

	if (!d) {
		r = err_errno(err, errno, "cannot list %s", *prefix ? prefix : "the directory");
		close(fd);
		return r;
	}
	for (struct dirent *e; !r && (e = readdir(d));) {
		struct stat st;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || (!*prefix && t->skip && strcmp(e->d_name, t->skip) == 0))
			continue;
		_cleanup_free_ char *path = mem_printf("%s%s", prefix, e->d_name);
		if (t->n >= t->max || strlen(path) >= PATH_MAX) {
			r = err_set(err, ERR_LIMIT, "more than %zu files, or too deep: %s", t->max, path);
		} else if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW)) {
			r = err_errno(err, errno, "cannot stat %s", path);
		} else if (S_ISDIR(st.st_mode)) {
			int sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			_cleanup_free_ char *below = mem_printf("%s/", path);
			r = sub < 0 ? err_errno(err, errno, "cannot open %s", path) : list(t, sub, below, err);
		} else {
			t->v = mem_array(t->v, t->n + 2, sizeof(*t->v));
			t->v[t->n++] = TAKE_PTR(path);
			t->v[t->n] = NULL;
		}
	}
	closedir(d);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int tree_list(int dirfd, const char *skip, size_t max, char ***ret, struct err *err)
{
	struct tree t = { .skip = skip, .max = max };
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_errno(err, errno, "cannot open the directory") : list(&t, fd, "", err);

	if (r) {
		strv_free(t.v);
		return r;
	}
	if (t.n)
		qsort(t.v, t.n, sizeof(*t.v), by_name);
	*ret = t.v;
	return 0;
}
