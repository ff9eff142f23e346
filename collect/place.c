/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "collect/hostfs.h"

/*
 * Below a root, a path is walked here and not by the kernel: Linux would have openat2 for it, but
 * other systems have not, and one walk that is the same everywhere is easier to trust. Every
 * directory is opened relative to its parent without following links, links are read and their
 * text walked in turn, and ".." goes back along the directories that we came through.
 */
enum { DEPTH_MAX = 128, LINKS_MAX = 40 };

struct walk {
	int dirs[DEPTH_MAX]; /* dirs[0] is a copy of the root */
	size_t depth;	     /* how many are open */
	char *rest;	     /* the path still to go */
	int links;
	bool follow;
};

void place_free(struct place *pl)
{
	if (pl->dirfd != AT_FDCWD)
		fd_closep(&pl->dirfd);
	free(pl->name);
	*pl = (struct place){ .dirfd = AT_FDCWD };
}

char *place_readlink(int dirfd, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);

	if (n < 0)
		return NULL;
	target[n] = '\0';
	return mem_strdup(target);
}

static void walk_up(struct walk *w, size_t depth)
{
	while (w->depth > depth)
		fd_closep(&w->dirs[--w->depth]);
}

/* Takes the next component off the rest; NULL at the end. *last: nothing but slashes follows. */
static char *next_component(struct walk *w, bool *last)
{
	const char *p = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(p, "/");

	if (!n)
		return NULL;
	char *name = mem_strndup(p, n);
	const char *after = p + n;
	*last = after[strspn(after, "/")] == '\0';
	mem_set(&w->rest, after);
	return name;
}

static int walk_link(struct walk *w, const char *target)
{
	if (++w->links > LINKS_MAX)
		return ELOOP;
	if (*target == '/')
		walk_up(w, 1);
	char *rest = mem_printf("%s/%s", target, w->rest);
	free(w->rest);
	w->rest = rest;
	return 0;
}

static int walk_down(struct walk *w, const char *name)
{
	if (w->depth == DEPTH_MAX)
		return ENAMETOOLONG;
	int fd = openat(w->dirs[w->depth - 1], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	w->dirs[w->depth++] = fd;
	return 0;
}

/* One component; -1 when *ret is the place that was looked for, 0 to go on, else an errno. */
static int walk_step(struct walk *w, struct place *ret)
{
	bool last = true;
	_cleanup_free_ char *name = next_component(w, &last);

	if (!name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		if (name && name[1] == '.' && w->depth > 1)
			walk_up(w, w->depth - 1);
		if (name && !last)
			return 0;
		mem_set(&ret->name, ".");
		return -1;
	}
	if (!last || w->follow) {
		_cleanup_free_ char *target = place_readlink(w->dirs[w->depth - 1], name);
		if (target)
			return walk_link(w, target);
	}
	if (last) {
		ret->name = TAKE_PTR(name);
		return -1;
	}
	return walk_down(w, name);
}

int place_find(const struct hostfs *fs, const char *path, bool follow, struct place *ret)
{
	struct walk w = { .follow = follow };
	struct place found = { .dirfd = AT_FDCWD };
	int e = 0;

	if (!path || *path != '/')
		return EINVAL;
	if (fs->rootfd < 0) {
		*ret = (struct place){ .dirfd = AT_FDCWD, .name = mem_strdup(path) };
		return 0;
	}
	w.dirs[0] = fcntl(fs->rootfd, F_DUPFD_CLOEXEC, 3);
	if (w.dirs[0] < 0)
		return errno;
	w.depth = 1;
	w.rest = mem_strdup(path);
	while (e == 0)
		e = walk_step(&w, &found);
	if (e < 0) {
		found.dirfd = TAKE_FD(w.dirs[w.depth - 1]);
		w.depth--;
		*ret = found;
		e = 0;
	}
	walk_up(&w, 0);
	free(w.rest);
	return e;
}
