/* SPDX-License-Identifier: MIT */
#include "bundle/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sealkey.h"
#include "bundle/sealstream.h"
#include "bundle/secret.h"
#include "formats/text.h"

void seal_info_free(struct seal_info *i)
{
	mem_freep(&i->opened_by);
}

bool seal_is_sealed(const void *data, size_t n)
{
	static const char binary[] = "age-encryption.org/", armor[] = "-----BEGIN AGE ENCRYPTED FILE-----";

	return (n >= sizeof(binary) - 1 && !memcmp(data, binary, sizeof(binary) - 1)) ||
	       (n >= sizeof(armor) - 1 && !memcmp(data, armor, sizeof(armor) - 1));
}

static void count_stanzas(const struct age_header *h, struct seal_info *info)
{
	for (size_t i = 0; i < h->n; i++) {
		const char *type = h->stanzas[i].args[0];
		if (text_eq(type, "X25519"))
			info->recipients++;
		else if (text_eq(type, "scrypt"))
			info->passphrase = true;
		else
			info->others++;
	}
}

struct progress_total {
	const struct seal_progress *p;
	uint64_t total;
};

static int progress_step(void *ctx, uint64_t bytes)
{
	const struct progress_total *t = ctx;

	return t->p->step(t->p->ctx, bytes, t->total);
}

static int run_stream(struct seal_stream *s, const struct seal_progress *progress, uint64_t *bytes, struct err *err)
{
	struct stat st;
	struct progress_total t = { .p = progress };

	if (!fstat(s->in, &st) && S_ISREG(st.st_mode))
		t.total = (uint64_t)st.st_size;
	if (progress && progress->step) {
		s->progress = progress_step;
		s->ctx = &t;
	}
	return seal_stream_run(s, bytes, err);
}

/* The header with its MAC, and the nonce. */
static int make_head(const struct seal_to *to, const uint8_t file_key[AGE_FILE_KEY_BYTES], struct buf *out,
	struct seal_info *info, struct err *err)
{
	_cleanup_age_header_ struct age_header h = { 0 };
	uint8_t mac[AGE_KEY_BYTES], nonce[AGE_NONCE_BYTES];
	int r = 0;

	if (!to->recipients.n && !to->passphrase)
		return err_set(err, ERR_USAGE, "nobody to seal for: give a recipient (age1…) or a passphrase");
	if (to->recipients.n && to->passphrase)
		return err_set(err, ERR_USAGE, "a passphrase and recipients in one file are against the age format; seal twice");
	if (to->passphrase)
		r = seal_wrap_scrypt(&h, file_key, to->passphrase, to->log_n ? to->log_n : SEAL_SCRYPT_LOG_N, err);
	for (size_t i = 0; !r && i < to->recipients.n; i++)
		r = seal_wrap_x25519(&h, file_key, to->recipients.v[i], err);
	if (r)
		return r;
	age_header_add_text(out, &h);
	seal_header_mac(file_key, out->data, out->len, mac);
	age_header_add_mac(out, mac);
	if (out->len > AGE_HEADER_MAX)
		return err_set(err, ERR_LIMIT, "%zu recipients are more than one file takes", to->recipients.n);
	randombytes_buf(nonce, sizeof(nonce));
	buf_add(out, nonce, sizeof(nonce));
	count_stanzas(&h, info);
	return 0;
}

int seal_fd(int in, int out, const char *name, const struct seal_to *to, const struct seal_progress *progress,
	struct seal_info *ret, struct err *err)
{
	_cleanup_buf_ struct buf head = { 0 };
	uint8_t file_key[AGE_FILE_KEY_BYTES], key[AGE_KEY_BYTES];
	struct seal_info info = { 0 };
	uint64_t bytes = 0;

	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "the system gives no random numbers");
	randombytes_buf(file_key, sizeof(file_key));
	int r = make_head(to, file_key, &head, &info, err);
	if (!r) {
		seal_payload_key(file_key, (const uint8_t *)head.data + head.len - AGE_NONCE_BYTES, key);
		if (write_all(out, head.data, head.len))
			r = err_errno(err, errno, "%s: cannot write", name);
	}
	sodium_memzero(file_key, sizeof(file_key));
	if (!r) {
		struct seal_stream s = { .key = key, .in = in, .out = out, .in_name = name, .out_name = name };
		r = run_stream(&s, progress, &bytes, err);
	}
	sodium_memzero(key, sizeof(key));
	if (r)
		return r;
	uint64_t chunks = (bytes + AGE_CHUNK_BYTES + AGE_TAG_BYTES - 1) / (AGE_CHUNK_BYTES + AGE_TAG_BYTES);
	info.payload_bytes = bytes - chunks * AGE_TAG_BYTES;
	info.sealed_bytes = head.len + bytes;
	if (ret)
		*ret = info;
	return 0;
}

/* Reads until the header is whole; what comes behind it in buf is the beginning of the payload. */
static int read_header(int in, const char *name, struct buf *buf, struct age_header *h, struct err *err)
{
	int r;

	while ((r = age_header_parse(buf->data, buf->len, h, err)) == 1) {
		buf_reserve(buf, 4096);
		ssize_t k = read(in, buf->data + buf->len, 4096);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_errno(err, errno, "%s: cannot read", name);
		if (k == 0)
			return err_set(err, ERR_SYNTAX, "%s: %s", name, buf->len ? "ends within its age header" : "is empty");
		buf->len += (size_t)k;
	}
	return r ? err_prefix(err, "%s", name) : 0;
}

/* The file key, through whichever of the keys fits, after the header's MAC was checked with it. */
static int find_file_key(const struct age_header *h, const struct seal_with *with, const struct buf *text,
	const char *name, uint8_t file_key[AGE_FILE_KEY_BYTES], char **opened_by, struct err *err)
{
	uint8_t mac[AGE_KEY_BYTES], recipient[AGE_KEY_BYTES];
	_cleanup_free_ char *by = NULL;
	int r = seal_check_stanzas(h, err);

	if (!r)
		r = 1;
	for (size_t i = 0; r == 1 && i < with->identities.n; i++) {
		r = seal_unwrap_x25519(h, with->identities.v[i], file_key, err);
		if (!r) {
			seal_recipient_of(with->identities.v[i], recipient);
			by = age_recipient_string(recipient);
		}
	}
	if (r == 1 && with->passphrase) {
		r = seal_unwrap_scrypt(h, with->passphrase, file_key, err);
		if (!r)
			by = mem_strdup("passphrase");
	}
	if (r == 1) {
		struct seal_info info = { 0 };
		count_stanzas(h, &info);
		if (info.passphrase)
			return err_set(err, ERR_DENIED, "%s: sealed with a passphrase; %s", name,
				with->passphrase ? "this is not the one" : "none was given");
		return err_set(err, ERR_DENIED, "%s: sealed for %zu recipient%s; none of the %zu given identities is one of them",
			name, h->n, h->n == 1 ? "" : "s", with->identities.n);
	}
	if (r < 0)
		return err_prefix(err, "%s", name);
	seal_header_mac(file_key, text->data, h->mac_covers, mac);
	if (sodium_memcmp(mac, h->mac, sizeof(mac)))
		return err_set(err, ERR_TRUST, "%s: its age header was changed after it was sealed", name);
	*opened_by = TAKE_PTR(by);
	return 0;
}

int seal_open_fd(int in, int out, const char *name, const struct seal_with *with, const struct seal_progress *progress,
	struct seal_info *ret, struct err *err)
{
	_cleanup_age_header_ struct age_header h = { 0 };
	_cleanup_buf_ struct buf head = { 0 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	uint8_t file_key[AGE_FILE_KEY_BYTES], key[AGE_KEY_BYTES];
	uint64_t sealed;
	int r;

	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "the system gives no random numbers");
	if ((r = read_header(in, name, &head, &h, err)) ||
		(r = find_file_key(&h, with, &head, name, file_key, &info.opened_by, err)))
		return r;
	while (head.len < h.len + AGE_NONCE_BYTES) {
		buf_reserve(&head, AGE_NONCE_BYTES);
		ssize_t k = read(in, head.data + head.len, h.len + AGE_NONCE_BYTES - head.len);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			sodium_memzero(file_key, sizeof(file_key));
			return k < 0 ? err_errno(err, errno, "%s: cannot read", name)
				     : err_set(err, ERR_TRUST, "%s: ends before its payload", name);
		}
		head.len += (size_t)k;
	}
	seal_payload_key(file_key, (const uint8_t *)head.data + h.len, key);
	sodium_memzero(file_key, sizeof(file_key));
	struct seal_stream s = { .key = key, .in = in, .out = out, .open = true, .in_name = name, .out_name = name,
		.head = head.data + h.len + AGE_NONCE_BYTES, .head_len = head.len - h.len - AGE_NONCE_BYTES };
	r = run_stream(&s, progress, &info.payload_bytes, err);
	sodium_memzero(key, sizeof(key));
	if (r)
		return r;
	count_stanzas(&h, &info);
	sealed = (info.payload_bytes + AGE_CHUNK_BYTES - 1) / AGE_CHUNK_BYTES;
	info.sealed_bytes = h.len + AGE_NONCE_BYTES + info.payload_bytes + (sealed ? sealed : 1) * AGE_TAG_BYTES;
	if (ret) {
		*ret = info;
		info = (struct seal_info){ 0 };
	}
	return 0;
}

int seal_describe(const char *path, struct seal_info *ret, struct err *err)
{
	_cleanup_age_header_ struct age_header h = { 0 };
	_cleanup_buf_ struct buf head = { 0 };
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct seal_info info = { 0 };
	int r;

	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	if ((r = read_header(fd, path, &head, &h, err)))
		return r;
	if ((r = seal_check_stanzas(&h, err)))
		return err_prefix(err, "%s", path);
	count_stanzas(&h, &info);
	*ret = info;
	return 0;
}
