/* SPDX-License-Identifier: MIT */
#include "bundle/hands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/newfile.h"
#include "bundle/sha256.h"
#include "bundle/trustmark.h"
#include "formats/text.h"

enum { HANDS_FILE_MAX = 8 << 20 };

void hands_free(struct hands *h)
{
	for (size_t i = 0; i < h->n; i++) {
		hand_free(&h->rows[i].hand);
		free(h->rows[i].remark);
	}
	free(h->rows);
	*h = (struct hands){ 0 };
}

char *hands_path(const char *file)
{
	return mem_printf("%s.custody.jsonl", file);
}

/* A row's signer, and what must be said about it; -ERR_TRUST never: what a key is worth is for the reader to weigh. */
static void weigh(struct hands_row *row, const struct trust *t)
{
	struct err e = { 0 };
	size_t at = 0;
	const struct trust_key *k;

	while (t && (k = trust_next(t, row->hand.key.id, &at)))
		if (memcmp(k->pub.pk, row->hand.key.pk, sizeof(k->pub.pk)) == 0) {
			row->signer = k;
			if (trust_judge(t, &k->pub, row->hand.time_us, &row->remark, &e))
				row->remark = mem_strdup(e.msg);
			return;
		}
	row->remark = mem_strdup("signed with a key that is not trusted here");
}

static int read_line(const char *p, size_t n, const struct trust *t, struct hands *h, struct err *err)
{
	struct hands_row row = { 0 };
	size_t signed_bytes = 0;
	int r = hand_parse(p, n, &row.hand, &signed_bytes, err);

	if (r)
		return r;
	row.fits = sign_bytes_hold(&row.hand.key, HAND_DOMAIN, p, signed_bytes, row.hand.sig);
	weigh(&row, t);
	h->rows = mem_array(h->rows, h->n + 1, sizeof(*h->rows));
	h->rows[h->n++] = row;
	if (!row.fits)
		return err_set(err, ERR_TRUST, "the signature does not hold: the line was changed");
	if (row.hand.seq != h->n || memcmp(row.hand.prev, h->last, sizeof(h->last)) != 0)
		return err_set(err, ERR_TRUST, "it does not follow the line before it: lines were changed, dropped or moved");
	sha256_of(h->last, p, n);
	return 0;
}

static int read_all(const struct buf *b, const struct trust *t, struct hands *h, struct err *err)
{
	for (size_t at = 0; at < b->len;) {
		const char *nl = memchr(b->data + at, '\n', b->len - at);
		size_t n = nl ? (size_t)(nl - b->data) - at : 0;
		int r = nl ? 0 : err_set(err, ERR_TRUST, "its end is missing");
		if (!r && h->n >= HAND_LINES_MAX)
			r = err_set(err, ERR_LIMIT, "more than %u lines", HAND_LINES_MAX);
		size_t line = h->n + 1;
		if (!r)
			r = read_line(b->data + at, n, t, h, err);
		if (r)
			return err_prefix(err, "custody, line %zu", line);
		at += n + 1;
	}
	return 0;
}

static void compare_file(struct hands *h, const char *path, const uint8_t sha256[32])
{
	_cleanup_free_ char *name = mem_strdup(text_base_name(path));
	char *ext = strstr(name, ".custody.jsonl");

	if (ext)
		*ext = 0;
	for (size_t i = h->n; i-- > 0;)
		if (!memcmp(h->rows[i].hand.sha256, sha256, 32)) {
			h->about_file = true;
			break;
		} else if (text_eq(h->rows[i].hand.file, name)) {
			if (!h->rows[i].remark)
				h->rows[i].remark = mem_strdup("the file had other bytes then");
			break;
		}
}

int hands_read(const char *path, const struct trust *t, const uint8_t sha256[32], struct hands *ret, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct hands h = { 0 };
	int r = file_read(AT_FDCWD, path, HANDS_FILE_MAX, &b, err);

	if (r)
		return r;
	r = sodium_init() < 0 ? err_set(err, ERR_IO, "no random numbers on this host") : read_all(&b, t, &h, err);
	if (sha256)
		compare_file(&h, path, sha256);
	*ret = h;
	return r;
}

static int append_locked(int fd, const char *path, const struct sign_key *k, const struct hands_entry *e, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 }, line = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	uint8_t sig[MINISIGN_SIG_BYTES];
	int r = fd_read(fd, path, HANDS_FILE_MAX, &b, err);

	if (r || (r = read_all(&b, NULL, &h, err)))
		return err_prefix(err, "%s", path);
	_cleanup_hand_ struct hand hand = { .seq = h.n + 1, .time_us = e->time_us, .actor = mem_strdup(e->actor), .uid = e->uid,
		.host = mem_strdup(e->host), .tool = mem_strdup("sourceos-agent " VERSION), .action = mem_strdup(e->action),
		.case_id = mem_strdup(e->case_id), .detail = mem_strdup(e->detail), .file = mem_strdup(text_base_name(e->name)),
		.bytes = e->bytes, .key = *sign_key_pub(k) };
	memcpy(hand.sha256, e->sha256, sizeof(hand.sha256));
	memcpy(hand.prev, h.last, sizeof(hand.prev));
	hand_add_text(&line, &hand);
	sign_bytes(k, HAND_DOMAIN, line.data, line.len, sig);
	hand_add_sig(&line, sig);
	if (line.len > HAND_LINE_MAX)
		return err_set(err, ERR_USAGE, "%s: the words of this line are too long", path);
	/* a torn append would break the chain: it is taken back */
	if (write_all(fd, line.data, line.len) || fsync(fd)) {
		int errnum = errno;
		if (ftruncate(fd, (off_t)b.len))
			errnum = errno;
		return err_errno(err, errnum, "%s: cannot write", path);
	}
	return 0;
}

int hands_append(const char *path, const struct sign_key *k, const struct hands_entry *e, struct err *err)
{
	if (!hand_action_known(e->action))
		return err_set(err, ERR_USAGE, "not an action of custody: \"%s\"", e->action);
	_cleanup_fd_ int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	/* its owner among the users of a shared directory may hold the lock for ever: do not wait for that */
	if (flock(fd, LOCK_EX | LOCK_NB))
		return err_set(err, ERR_BUSY, "%s: somebody else is writing to it", path);
	return append_locked(fd, path, k, e, err);
}

int hands_continue(const char *from_path, const char *to_path, struct err *err)
{
	_cleanup_newfile_ struct newfile f = { .fd = -1 };
	_cleanup_buf_ struct buf b = { 0 };
	int r = access(to_path, F_OK) ? file_read(AT_FDCWD, from_path, HANDS_FILE_MAX, &b, err) : -ERR_ABSENT;

	if (r == -ERR_ABSENT)
		return 0;
	if (r || (r = newfile_open(&f, to_path, 0644, false, err)))
		return r;
	if (write_all(f.fd, buf_str(&b), b.len))
		return err_errno(err, errno, "%s: cannot write", to_path);
	return newfile_commit(&f, err);
}

int hands_hash_fd(int fd, uint8_t sha256[32], uint64_t *ret_bytes, struct err *err)
{
	_cleanup_free_ uint8_t *chunk = mem_alloc(256u << 10);
	struct sha256 h;
	off_t at = 0;

	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "no random numbers on this host");
	sha256_init(&h);
	for (;;) {
		ssize_t n = pread(fd, chunk, 256u << 10, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read what is to be hashed");
		if (!n)
			break;
		sha256_add(&h, chunk, (size_t)n);
		at += n;
	}
	sha256_end(&h, sha256);
	*ret_bytes = (uint64_t)at;
	return 0;
}

int hands_hash(const char *file, uint8_t sha256[32], uint64_t *ret_bytes, struct err *err)
{
	_cleanup_fd_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "%s", file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: not a regular file", file);
	return hands_hash_fd(fd, sha256, ret_bytes, err);
}
