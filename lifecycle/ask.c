/* SPDX-License-Identifier: MIT */
#include "lifecycle/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "bundle/secret.h"
#include "formats/buf.h"

enum { TICK_US = 100 * 1000 };

/* These are held back while the terminal is not as we found it, and looked for in between. */
static const int held[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP };

static bool interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		if (sigismember(&pending, held[i]) == 1)
			return true;
	return false;
}

/* select, since poll does not do terminals everywhere. */
static int wait_typed(int tty)
{
	for (;;) {
		struct timeval tick = { .tv_usec = TICK_US };
		fd_set in;
		FD_ZERO(&in);
		FD_SET(tty, &in);
		int n = select(tty + 1, &in, NULL, NULL, &tick);
		if (interrupted())
			return -EINTR;
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int say(int tty, const char *text)
{
	return write(tty, text, strlen(text)) < 0 ? -errno : 0;
}

/* One line; its end is not kept. The terminal hands over whole lines. */
static int read_line(int tty, char *line)
{
	size_t n = 0;

	for (;;) {
		int r = wait_typed(tty);
		if (r)
			return r;
		ssize_t k = read(tty, line + n, ASK_MAX - n);
		if (k < 0)
			return -errno;
		n += (size_t)k;
		if (!k || line[n - 1] == '\n')
			break;
		if (n == ASK_MAX)
			return -EMSGSIZE;
	}
	line[strcspn(line, "\r\n")] = 0;
	return 0;
}

static int ask_line(int tty, const char *prompt, char *line)
{
	int r = say(tty, prompt);

	if (!r)
		r = read_line(tty, line);
	say(tty, "\n"); /* the one that was typed is not shown */
	return r;
}

static int ask(int tty, const char *prompt, const char *again, char *first, struct err *err)
{
	_cleanup_secret_ char *second = secret_new(ASK_MAX);
	int r = ask_line(tty, prompt, first);

	if (!r && !*first)
		return err_set(err, ERR_USAGE, "nothing was typed");
	if (!r && again)
		r = ask_line(tty, again, second);
	if (r == -EINTR)
		return err_set(err, ERR_USAGE, "interrupted");
	if (r == -EMSGSIZE)
		return err_set(err, ERR_LIMIT, "a passphrase has at most %d bytes", ASK_MAX - 1);
	if (r)
		return err_errno(err, -r, "cannot ask on the terminal");
	if (again && strcmp(first, second) != 0)
		return err_set(err, ERR_USAGE, "the two are not the same");
	return 0;
}

char *ask_secret(const char *prompt, const char *again, struct err *err)
{
	_cleanup_fd_ int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	_cleanup_secret_ char *secret = secret_new(ASK_MAX);
	struct termios before, quiet;
	sigset_t block, mask;

	if (tty < 0 || tcgetattr(tty, &before)) {
		err_set(err, ERR_USAGE, "there is no terminal to ask for a passphrase on: name it as env:NAME or file:PATH");
		return NULL;
	}
	sigemptyset(&block);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		sigaddset(&block, held[i]);
	sigprocmask(SIG_BLOCK, &block, &mask);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	/* what was typed ahead was not typed for us, and may be on the screen */
	int r = tcsetattr(tty, TCSAFLUSH, &quiet) ? err_errno(err, errno, "cannot ask on the terminal") : ask(tty, prompt, again, secret, err);
	tcsetattr(tty, TCSAFLUSH, &before);
	sigprocmask(SIG_SETMASK, &mask, NULL); /* what was held back comes now */
	return r ? NULL : TAKE_PTR(secret);
}
