/* SPDX-License-Identifier: MIT */
#include "collect/journalread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "formats/dl.h"
#include "formats/journal.h"
#include "formats/journal_line.h"
#include "formats/text.h"

/* ---- libsystemd's journal, loaded when it is first needed: see formats/dl.h ---- */

#define DL_JOURNAL_SYMBOLS(X) \
	X(sd_id128_get_machine) \
	X(sd_id128_to_string) \
	X(sd_journal_add_disjunction) \
	X(sd_journal_add_match) \
	X(sd_journal_enumerate_data) \
	X(sd_journal_get_cursor) \
	X(sd_journal_get_data) \
	X(sd_journal_get_monotonic_usec) \
	X(sd_journal_get_realtime_usec) \
	X(sd_journal_open) \
	X(sd_journal_previous) \
	X(sd_journal_restart_data) \
	X(sd_journal_seek_tail) \
	X(sd_journal_set_data_threshold)

DL_JOURNAL_SYMBOLS(DL_STATIC_POINTER)

static DL_LOADER(dl_journal, "libsystemd", DL_JOURNAL_SYMBOLS, "libsystemd.so.0")

/* From here on the names mean what was loaded. */
#define sd_id128_get_machine dl_sd_id128_get_machine
#define sd_id128_to_string dl_sd_id128_to_string
#define sd_journal_add_disjunction dl_sd_journal_add_disjunction
#define sd_journal_add_match dl_sd_journal_add_match
#define sd_journal_enumerate_data dl_sd_journal_enumerate_data
#define sd_journal_get_cursor dl_sd_journal_get_cursor
#define sd_journal_get_data dl_sd_journal_get_data
#define sd_journal_get_monotonic_usec dl_sd_journal_get_monotonic_usec
#define sd_journal_get_realtime_usec dl_sd_journal_get_realtime_usec
#define sd_journal_open dl_sd_journal_open
#define sd_journal_previous dl_sd_journal_previous
#define sd_journal_restart_data dl_sd_journal_restart_data
#define sd_journal_seek_tail dl_sd_journal_seek_tail
#define sd_journal_set_data_threshold dl_sd_journal_set_data_threshold

/* ---- the question ---- */

struct question {
	enum journal_detail detail;
	unsigned lines;
	char *const *matches; /* borrowed from the probe */
};

/* Whether the words are those of journal_argv(), and what is to match after them. */
static bool asks(const struct probe *p, enum journal_detail detail, struct question *ret)
{
	_cleanup_strv_ char **ours = journal_argv(detail, 0);
	size_t n = strv_len(ours);
	uint64_t lines;

	if (strv_len(p->argv) < n || p->env || p->as)
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if (strcmp(p->argv[i], ours[i]) != 0)
			return false;
	const char *equals = strchr(ours[n - 1], '='); /* --lines=0 */
	size_t lead = (size_t)(equals - ours[n - 1]) + 1;
	if (strncmp(p->argv[n - 1], ours[n - 1], lead) != 0 || text_to_u64(p->argv[n - 1] + lead, INT32_MAX, &lines))
		return false;
	for (char *const *m = p->argv + n; *m; m++)
		if (strcmp(*m, "+") != 0 && !strchr(*m, '='))
			return false; /* an option, or a path */
	*ret = (struct question){ detail, (unsigned)lines, p->argv + n };
	return true;
}

/* ---- the child ---- */

struct open_files {
	struct stat *v;
	size_t n;
};

static void files_open_now(struct open_files *f)
{
	DIR *d = opendir("/proc/self/fd");
	struct stat st;

	for (struct dirent *e; d && (e = readdir(d));) {
		uint64_t fd;
		if (text_to_u64(e->d_name, INT32_MAX, &fd) || fstat((int)fd, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		f->v = mem_array(f->v, f->n + 1, sizeof(*f->v));
		f->v[f->n++] = st;
	}
	if (d)
		closedir(d);
}

static bool is_open(const struct open_files *f, const struct stat *st)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].st_dev == st->st_dev && f->v[i].st_ino == st->st_ino)
			return true;
	return false;
}

/* Whether every file in the directory that we may read is among those that are open. */
static bool all_open_in(const struct open_files *f, const char *dir)
{
	DIR *d = opendir(dir);
	bool all = d || errno == ENOENT || errno == EACCES;
	struct stat st;

	for (struct dirent *e; d && all && (e = readdir(d));)
		if ((text_ends(e->d_name, ".journal") || text_ends(e->d_name, ".journal~")) &&
			faccessat(dirfd(d), e->d_name, R_OK, AT_EACCESS) == 0 && fstatat(dirfd(d), e->d_name, &st, 0) == 0)
			all = is_open(f, &st);
	if (d)
		closedir(d);
	return all;
}

/* The library says of no file that it left it out for being damaged or of a later format: journalctl does. */
static bool all_open(void)
{
	static const char *const dirs[] = { "/var/log/journal", "/run/log/journal" };
	struct open_files f = { 0 };
	char machine[SD_ID128_STRING_MAX];
	sd_id128_t id;

	if (sd_id128_get_machine(&id) < 0)
		return false;
	sd_id128_to_string(id, machine);
	files_open_now(&f);
	bool all = f.n > 0;
	for (size_t i = 0; i < ARRAY_LEN(dirs) && all; i++) {
		_cleanup_free_ char *dir = mem_printf("%s/%s", dirs[i], machine);
		all = all_open_in(&f, dir);
	}
	free(f.v);
	return all;
}

/* A field of less than a hundred bytes. */
static void __attribute__((format(printf, 2, 3))) add_short(struct journal_line *l, const char *fmt, ...)
{
	char field[128];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(field, sizeof(field), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(field))
		journal_line_add(l, field, (size_t)n);
}

/* What journalctl prints in any case; of events nothing reads it. */
static bool add_place(sd_journal *j, struct journal_line *l)
{
	char boot_text[SD_ID128_STRING_MAX];
	char *cursor = NULL;
	sd_id128_t boot;
	uint64_t mono;

	if (sd_journal_get_monotonic_usec(j, &mono, &boot) < 0 || sd_journal_get_cursor(j, &cursor) < 0)
		return false;
	sd_id128_to_string(boot, boot_text);
	_cleanup_free_ char *field = mem_printf("__CURSOR=%s", cursor);
	journal_line_add(l, field, strlen(field));
	free(cursor);
	add_short(l, "__MONOTONIC_TIMESTAMP=%" PRIu64, mono);
	add_short(l, "_BOOT_ID=%s", boot_text);
	return true;
}

/* 1: the entry is in l; 0: it is beyond the limit; -1: it could not be read. Anybody may log a field of hundreds of megabytes: of one
 * beyond the limit only so much is unpacked as shows that it is. */
static int add_fields(sd_journal *j, uint64_t max, struct journal_line *l)
{
	const void *field;
	size_t n;
	int r;

	sd_journal_restart_data(j);
	while ((r = sd_journal_enumerate_data(j, &field, &n)) > 0) {
		if (n + l->bytes.len > max)
			return 0;
		bool boot_again = n > strlen("_BOOT_ID=") && memcmp(field, "_BOOT_ID=", strlen("_BOOT_ID=")) == 0;
		if (!boot_again)
			journal_line_add(l, field, n);
	}
	return r == 0 ? 1 : -1;
}

static int add_message_id(sd_journal *j, uint64_t max, struct journal_line *l)
{
	const void *field;
	size_t n;
	int r = sd_journal_get_data(j, "MESSAGE_ID", &field, &n);

	if (r < 0)
		return r == -ENOENT ? 1 : -1;
	if (n > max)
		return 0;
	journal_line_add(l, field, n);
	return 1;
}

static int add_entry(sd_journal *j, enum journal_detail detail, uint64_t max, struct journal_line *l)
{
	uint64_t real;

	if (sd_journal_get_realtime_usec(j, &real) < 0 || (detail == JOURNAL_WHOLE && !add_place(j, l)))
		return -1;
	add_short(l, "__REALTIME_TIMESTAMP=%" PRIu64, real);
	return detail == JOURNAL_EVENTS ? add_message_id(j, max, l) : add_fields(j, max, l);
}

enum { PIECE = 64 << 10 }; /* as much as a pipe takes at once */

struct lines {
	struct buf text; /* the last entry first */
	size_t *ends;
	size_t n, room;
};

static void line_ends(struct lines *l)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		l->ends = mem_array(l->ends, l->room, sizeof(*l->ends));
	}
	l->ends[l->n++] = l->text.len;
}

/* Backwards from the end: to go back first, and then to read forwards, takes half as long again. */
static bool read_all(const struct question *q, uint64_t max, struct lines *ret, bool *ret_cut)
{
	struct journal_line l = { 0 };
	sd_journal *j;
	int r = 1;

	*ret_cut = false;

	if (sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY) < 0 || !all_open() || sd_journal_set_data_threshold(j, max + 1) < 0)
		return false;
	for (char *const *m = q->matches; *m; m++)
		if ((strcmp(*m, "+") == 0 ? sd_journal_add_disjunction(j) : sd_journal_add_match(j, *m, 0)) < 0)
			return false;
	if (sd_journal_seek_tail(j) < 0)
		return false;
	while (ret->n < q->lines && (r = sd_journal_previous(j)) > 0) {
		int added = add_entry(j, q->detail, max, &l);
		if (added < 0)
			return false;
		if (added)
			journal_line_put(&l, &ret->text);
		if (!added || ret->text.len > max) {
			*ret_cut = true;
			return ret->n > 0;
		}
		line_ends(ret);
	}
	return r >= 0;
}

static bool write_all(int fd, const struct buf *b)
{
	for (size_t at = 0; at < b->len;) {
		ssize_t n = write(fd, b->data + at, b->len - at);
		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool write_oldest_first(int fd, const struct lines *l)
{
	struct buf piece = { 0 };
	bool ok = true;

	for (size_t i = l->n; ok && i--;) {
		size_t from = i ? l->ends[i - 1] : 0;
		buf_add(&piece, l->text.data + from, l->ends[i] - from);
		if (i && piece.len < PIECE)
			continue;
		ok = write_all(fd, &piece);
		buf_clear(&piece);
	}
	buf_free(&piece);
	return ok;
}

/* What a program started by us finds: default signals, nothing open; and no core, which would hold what we hold. */
static void settle(int out)
{
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_DUMPABLE, 0);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 || chdir("/") < 0)
		_exit(1);
	closefrom(STDERR_FILENO + 1);
}

pid_t journalread_start(const struct probe *p, int out)
{
	struct lines lines = { 0 };
	struct question q;
	bool cut;

	if ((!asks(p, JOURNAL_EVENTS, &q) && !asks(p, JOURNAL_WHOLE, &q)) || dl_journal(NULL))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		settle(out);
		if (!read_all(&q, p->limits.max_bytes, &lines, &cut) || !write_oldest_first(STDOUT_FILENO, &lines))
			_exit(1);
		_exit(cut ? JOURNALREAD_CUT : 0);
	}
	if (pid > 0)
		setpgid(pid, pid); /* here too: it may have to be killed before it ran */
	return pid;
}
