/* SPDX-License-Identifier: MIT */
#include "lifecycle/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"

void lock_release(struct lock *l)
{
	/* the file stays: removing it would let two writers lock two files of one name */
	fd_closep(&l->fd);
}

static int held(int fd, const char *agent, struct err *err)
{
	char text[256] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return err_set(err, ERR_BUSY, "%s: %s holds the lock; wait for it, or end it", agent, *text ? text : "another command");
}

int lock_take(const struct session *s, const char *agent, const char *verb, struct lock *ret, struct err *err)
{
	_cleanup_free_ char *dir = mem_printf("%s/locks", s->state_dir), *name = mem_printf("%s.lock", agent);
	_cleanup_fd_ int dirfd = dir_open_make(AT_FDCWD, dir, true), fd = -1;
	char when[32];

	if (dirfd < 0 || (fd = openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
		return err_errno(err, errno, "%s/%s", dir, name);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? held(fd, agent, err) : err_errno(err, errno, "%s/%s", dir, name);
	text_time(when, source_now_us(s->source));
	_cleanup_free_ char *text = mem_printf("%s by pid %d since %s\n", verb, (int)getpid(), when);
	/* on a full disk the lock holds as well, and only its text is missing */
	if (ftruncate(fd, 0) || (pwrite(fd, text, strlen(text), 0) < 0 && errno != ENOSPC && errno != EDQUOT))
		return err_errno(err, errno, "%s/%s", dir, name);
	ret->fd = TAKE_FD(fd);
	return 0;
}
