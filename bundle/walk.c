/* SPDX-License-Identifier: MIT */
#include "bundle/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"

#include "formats/dl_archive.h"

#define CHUNK (256u << 10)

const struct walk_limits walk_limits_strict = { 64ull << 30, 2ull * MANIFEST_ARTIFACTS_MAX, 4096, 256ull << 20 };
const struct walk_limits walk_limits_trusted = { 1ull << 40, 2ull * MANIFEST_ARTIFACTS_MAX, UINT64_MAX, 0 };

struct walk {
	int fd;
	off_t at; /* compressed bytes read and hashed */
	crypto_generichash_state hash;
	struct hasher *hasher;
	uint8_t *chunk;
	const struct walk_limits *limits;
	struct visitor *v;
	struct bundle_report *report;
	uint64_t seen; /* uncompressed bytes, headers included */
	uint64_t members;
	char *top; /* with its slash */
	bool broken; /* reading the file failed: the archive's own complaint is only a consequence */
};

static void hash_add(void *state, const void *p, size_t n)
{
	crypto_generichash_update(state, p, n);
}

/* The next piece of the file, hashed; 0 at its end, -1 on failure. */
static ssize_t next_chunk(struct walk *w)
{
	ssize_t n;

	do
		n = pread(w->fd, w->chunk, CHUNK, w->at);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		hasher_add(w->hasher, hash_add, &w->hash, w->chunk, (size_t)n);
		w->at += n;
	}
	return n;
}

static la_ssize_t on_read(struct archive *a, void *data, const void **p)
{
	struct walk *w = data;
	ssize_t n = next_chunk(w);

	*p = w->chunk;
	if (n < 0) {
		w->broken = true;
		archive_set_error(a, errno, "%s", strerror(errno));
	}
	return n;
}

/* Counts what came out of the decompressor against what went in. */
static int count(struct walk *w, uint64_t bytes)
{
	const struct walk_limits *l = w->limits;

	w->seen += bytes;
	if (w->seen > l->total_bytes)
		return report_problem(w->report, PROBLEM_LIMIT, "more than %" PRIu64 " MiB when unpacked", l->total_bytes >> 20);
	if (w->seen > l->ratio_from && w->seen / l->ratio > (uint64_t)w->at)
		return report_problem(w->report, PROBLEM_LIMIT, "unpacks to more than %" PRIu64 " times its size: not read on", l->ratio);
	return 0;
}

static int damaged(struct walk *w, struct archive *a)
{
	const char *why = archive_error_string(a);

	report_problem(w->report, PROBLEM_DAMAGED, "%s after %" PRIu64 " members: %s",
		w->broken ? "the file cannot be read" : "the archive is damaged", w->members, why ? why : "unknown reason");
	return -ERR_TRUST;
}

/* Member data goes to the visitor (NULL: nobody), and is counted either way. */
static int read_data(struct walk *w, struct archive *a, const char *path, uint64_t declared, struct visitor *v)
{
	uint64_t got = 0;

	for (;;) {
		const void *p;
		size_t n;
		la_int64_t offset;
		int r = archive_read_data_block(a, &p, &n, &offset);
		if (r == ARCHIVE_EOF)
			break;
		if (r != ARCHIVE_OK)
			return damaged(w, a);
		if (offset != (la_int64_t)got) {
			report_problem(w->report, PROBLEM_TYPE, "%s has holes", path);
			return -ERR_TRUST;
		}
		got += n;
		r = count(w, n);
		if (!r && v && n)
			r = v->data(v, p, n);
		if (r)
			return r;
	}
	if (v && got != declared)
		return report_problem(w->report, PROBLEM_DAMAGED, "%s ends after %" PRIu64 " of %" PRIu64 " bytes", path, got, declared) ?:
			       -ERR_TRUST;
	return v ? v->end(v) : 0;
}

/* The path below the top directory, which the first member sets; NULL when the name cannot be. */
static const char *below_top(struct walk *w, const char *name)
{
	if (!w->top) {
		const char *slash = strchr(name, '/');
		_cleanup_free_ char *dir = slash ? mem_strndup(name, (size_t)(slash - name)) : NULL;
		if (!dir || !manifest_path_ok(dir))
			return NULL;
		w->top = mem_printf("%s/", dir);
		w->report->top = TAKE_PTR(dir);
	}
	size_t n = strlen(w->top);
	return strncmp(name, w->top, n) == 0 && manifest_path_ok(name + n) ? name + n : NULL;
}

static bool plain_file(struct archive_entry *e)
{
	return archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e) && !archive_entry_symlink(e) &&
	       archive_entry_sparse_count(e) == 0;
}

static int read_member(struct walk *w, struct archive *a, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	la_int64_t size = archive_entry_size(e);

	int r = count(w, 512);
	if (!r && ++w->members > w->limits->members)
		r = report_problem(w->report, PROBLEM_LIMIT, "more than %" PRIu64 " members", w->limits->members);
	if (r)
		return r;
	const char *path = name ? below_top(w, name) : NULL;
	if (!path)
		r = report_problem(w->report, PROBLEM_NAME, "a member is named \"%.300s\", which no bundle holds", name ? name : "(not text)");
	else if (!plain_file(e))
		r = report_problem(w->report, PROBLEM_TYPE, "%s is not a plain file", path);
	else if (size < 0)
		r = report_problem(w->report, PROBLEM_DAMAGED, "%s has no size", path);
	else {
		r = w->v->begin(w->v, path, (uint64_t)size, (uint32_t)archive_entry_perm(e));
		return r ? r : read_data(w, a, path, (uint64_t)size, w->v);
	}
	/* what the problem is about is read past, with the same counting */
	return r ? r : read_data(w, a, "a member", 0, NULL);
}

static int read_members(struct walk *w, struct archive *a)
{
	struct archive_entry *e;

	if (archive_read_support_filter_zstd(a) != ARCHIVE_OK || archive_read_support_format_tar(a) != ARCHIVE_OK ||
		archive_read_open2(a, w, NULL, on_read, NULL, NULL) != ARCHIVE_OK)
		return damaged(w, a);
	/* zstd once, and the file itself: not bare, and not zstd in zstd */
	if (archive_filter_count(a) != 2 || archive_filter_code(a, 0) != ARCHIVE_FILTER_ZSTD) {
		report_problem(w->report, PROBLEM_DAMAGED, "not a zstd file");
		return -ERR_TRUST;
	}
	for (;;) {
		int r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF)
			return 0;
		if (r != ARCHIVE_OK)
			return damaged(w, a);
		r = read_member(w, a, e);
		if (r)
			return r;
	}
}

int walk_tar(int fd, const struct walk_limits *limits, struct hasher *h, struct visitor *v, struct bundle_report *report,
	uint8_t ret_digest[SIGN_DIGEST_BYTES])
{
	_cleanup_free_ uint8_t *chunk = mem_alloc(CHUNK);
	struct walk w = { .fd = fd, .hasher = h, .chunk = chunk, .limits = limits, .v = v, .report = report };
	struct err why;

	if (dl_archive(&why)) {
		report_problem(report, PROBLEM_DAMAGED, "%s", why.msg);
		return -ERR_IO;
	}
	struct archive *a = archive_read_new();
	if (!a)
		abort(); /* out of memory: see mem.h */
	mem_freep(&report->top);
	crypto_generichash_init(&w.hash, NULL, 0, SIGN_DIGEST_BYTES);
	int r = read_members(&w, a);
	archive_read_free(a);
	free(w.top);
	hasher_wait(h); /* w goes out of scope with its hash */
	if (r)
		return r;
	/* what lies behind the archive's end is not read, but it is of the file that was signed */
	ssize_t n;
	while ((n = next_chunk(&w)) > 0)
		;
	hasher_wait(h);
	if (n < 0) {
		report_problem(report, PROBLEM_DAMAGED, "the file cannot be read: %s", strerror(errno));
		return -ERR_IO;
	}
	crypto_generichash_final(&w.hash, ret_digest, SIGN_DIGEST_BYTES);
	return 0;
}

int walk_file(int dirfd, const char *path, struct visitor *v, struct bundle_report *report)
{
	_cleanup_fd_ int fd = open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK);
	_cleanup_free_ char *chunk = mem_alloc(CHUNK);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st)) {
		if (errno == ENOENT)
			return 0; /* missing, as it would be in an archive: the visitor never hears of it */
		return report_problem(report, errno == ELOOP || errno == ENOTDIR ? PROBLEM_TYPE : PROBLEM_DAMAGED, "%s cannot be opened: %s", path, strerror(errno));
	}
	if (!S_ISREG(st.st_mode))
		return report_problem(report, PROBLEM_TYPE, "%s is not a plain file", path);
	r = v->begin(v, path, (uint64_t)st.st_size, st.st_mode & 07777);
	for (ssize_t n; !r && (n = read(fd, chunk, CHUNK));) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return report_problem(report, PROBLEM_DAMAGED, "%s cannot be read: %s", path, strerror(errno)) ?: -ERR_IO;
		r = v->data(v, chunk, (size_t)n);
	}
	return r ? r : v->end(v);
}
