/* SPDX-License-Identifier: MIT */
#include "bundle/tarball.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/dl_archive.h"
#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "bundle/squeeze.h"

#define CHUNK (128u << 10)

void tarball_result_free(struct tarball_result *r)
{
	strv_free(r->hits);
	free(r->hit);
	*r = (struct tarball_result){ 0 };
}

/* The way down: archive (tar) → squeeze (zstd) → file and hash. */
struct out {
	int fd;
	struct squeeze *squeeze;
	bool over; /* it failed: closing the archive, which frees what it holds, writes nothing more */
	uint64_t bytes;
	crypto_generichash_state hash;
};

static int file_write(void *data, const void *p, size_t n, struct err *err)
{
	struct out *o = data;

	if (write_all(o->fd, p, n))
		return err_errno(err, errno, "cannot write the bundle");
	crypto_generichash_update(&o->hash, p, n);
	o->bytes += n;
	return 0;
}

static la_ssize_t tar_write(struct archive *a, void *data, const void *p, size_t n)
{
	struct out *o = data;
	struct err why = { 0 };

	if (o->over || squeeze_add(o->squeeze, p, n, &why) == 0)
		return (la_ssize_t)n;
	archive_set_error(a, EIO, "%s", why.msg);
	return -1;
}

static int archive_fail(struct archive *a, struct err *err, const char *what)
{
	const char *why = archive_error_string(a);

	return err_set(err, ERR_IO, "cannot write the bundle (%s): %s", what, why ? why : "unknown reason");
}

static int write_header(struct archive *a, const struct tarball *t, const struct manifest_artifact *m, struct err *err)
{
	struct archive_entry *e = archive_entry_new();
	_cleanup_free_ char *path = mem_printf("%s/%s", t->top, m->path);

	if (!e)
		abort(); /* out of memory: see mem.h */
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, m->mode);
	archive_entry_set_size(e, (la_int64_t)m->bytes);
	archive_entry_set_mtime(e, (time_t)(t->time_us / 1000000), 0);
	archive_entry_set_uid(e, 0);
	archive_entry_set_gid(e, 0);
	int r = archive_write_header(a, e);
	archive_entry_free(e);
	return r == ARCHIVE_OK ? 0 : archive_fail(a, err, m->path);
}

static void note_hit(struct tarball_result *ret, const struct manifest_artifact *m, const char *class, uint64_t offset)
{
	if (strv_has(ret->hits, m->path))
		return;
	ret->hits = strv_add(ret->hits, m->path);
	if (!ret->hit)
		ret->hit = mem_printf("%s holds a secret (%s) at byte %" PRIu64, m->path, class ? class : "unknown", offset);
}

static int write_member(struct archive *a, const struct tarball *t, const struct manifest_artifact *m, uint8_t *chunk,
	struct tarball_result *ret, struct err *err)
{
	_cleanup_fd_ int fd = open_beneath(t->dirfd, m->path, O_RDONLY | O_NONBLOCK);
	struct stat st;
	struct sha256 h;
	uint8_t got[32];

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "cannot open %s for the bundle", m->path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != m->bytes)
		return err_set(err, ERR_TRUST, "%s was changed after it was captured", m->path);
	int r = write_header(a, t, m, err);
	if (r)
		return r;
	bool known = t->known && t->known(t->ctx, m, &st);
	sha256_init(&h);
	if (t->gate)
		redact_gate_reset(t->gate);
	for (uint64_t left = m->bytes; left;) {
		const char *class = NULL;
		uint64_t offset = 0;
		ssize_t n = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read %s", m->path);
		if (!n)
			return err_set(err, ERR_TRUST, "%s became shorter while the bundle was made", m->path);
		if (!known)
			sha256_add(&h, chunk, (size_t)n);
		if (t->gate && redact_gate_feed(t->gate, chunk, (size_t)n, &class, &offset))
			note_hit(ret, m, class, offset);
		if (archive_write_data(a, chunk, (size_t)n) != n)
			return archive_fail(a, err, m->path);
		left -= (uint64_t)n;
	}
	sha256_end(&h, got);
	return !known && memcmp(got, m->sha256, 32) ? err_set(err, ERR_TRUST, "%s was changed after it was captured", m->path) : 0;
}

static int write_all_members(struct archive *a, const struct tarball *t, struct out *o, struct tarball_result *ret, struct err *err)
{
	_cleanup_free_ uint8_t *chunk = mem_alloc(CHUNK);

	if (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK || archive_write_set_bytes_per_block(a, 0) != ARCHIVE_OK ||
		archive_write_open(a, o, NULL, tar_write, NULL) != ARCHIVE_OK)
		return archive_fail(a, err, "set-up");
	for (size_t i = 0; i < t->n_members; i++) {
		int r = write_member(a, t, &t->members[i], chunk, ret, err);
		if (r)
			return r;
	}
	return archive_write_close(a) == ARCHIVE_OK ? squeeze_end(o->squeeze, err) : archive_fail(a, err, "end");
}

int tarball_write(const struct tarball *t, struct tarball_result *ret, struct err *err)
{
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	struct out o = { .fd = t->fd };
	int r = dl_archive(err);

	if (!r)
		r = squeeze_new(file_write, &o, &o.squeeze, err);
	if (r)
		return r;
	struct archive *a = archive_write_new();
	if (!a)
		abort(); /* out of memory: see mem.h */
	crypto_generichash_init(&o.hash, NULL, 0, SIGN_DIGEST_BYTES);
	r = write_all_members(a, t, &o, &res, err);
	o.over = true;
	archive_write_free(a);
	squeeze_free(o.squeeze);
	if (r)
		return r;
	crypto_generichash_final(&o.hash, res.digest, SIGN_DIGEST_BYTES);
	res.bytes = o.bytes;
	*ret = res;
	res = (struct tarball_result){ 0 };
	return 0;
}
