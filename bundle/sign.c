/* SPDX-License-Identifier: MIT */
#include "bundle/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"

_Static_assert(SIGN_DIGEST_BYTES == crypto_generichash_BYTES_MAX, "BLAKE2b-512");
_Static_assert(MINISIGN_SK_BYTES == crypto_sign_SECRETKEYBYTES && MINISIGN_PK_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");

struct sign_key {
	struct minisign_pub pub;
	struct minisign_sec sec;
};

static struct sign_key *key_new(void)
{
	struct sign_key *k = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*k));

	if (!k)
		abort(); /* like every allocation: see mem.h */
	return k;
}

void sign_key_free(struct sign_key *k)
{
	sodium_free(k);
}

void sign_key_freep(struct sign_key **k)
{
	sign_key_free(*k);
	*k = NULL;
}

const struct minisign_pub *sign_key_pub(const struct sign_key *k)
{
	return &k->pub;
}

/* A secret key that others can read is not one; a key that others can write is theirs. */
static int check_owner(int dirfd, const char *path, struct err *err)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW))
		return err_errno(err, errno, "cannot open the secret key %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_TRUST, "the secret key %s is not a regular file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_TRUST, "the secret key %s belongs to another user (uid %u)", path, (unsigned)st.st_uid);
	if (st.st_mode & 077)
		return err_set(err, ERR_TRUST, "the secret key %s is open to others (mode %04o): chmod 600, or make a new one", path,
			(unsigned)st.st_mode & 07777);
	return 0;
}

int sign_key_load(const char *path, struct sign_key **ret, struct err *err)
{
	CLEANUP(buf_wipe) struct buf b = { 0 };
	_cleanup_sign_key_ struct sign_key *k = key_new();
	uint8_t pk[MINISIGN_PK_BYTES];

	int r = check_owner(AT_FDCWD, path, err);
	if (r)
		return r;
	buf_reserve(&b, MINISIGN_FILE_MAX + 1); /* so that growing leaves no copies behind */
	r = file_read(AT_FDCWD, path, MINISIGN_FILE_MAX, &b, err);
	if (r)
		return r;
	if (minisign_parse_sec(buf_str(&b), b.len, &k->sec, err))
		return err_prefix(err, "%s", path);
	/* The file's checksum is empty without a password; that the halves belong together is checked instead. */
	unsigned char seed[crypto_sign_SEEDBYTES];
	crypto_sign_ed25519_sk_to_seed(seed, k->sec.sk);
	unsigned char sk[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(pk, sk, seed);
	int same = sodium_memcmp(sk, k->sec.sk, sizeof(sk));
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(sk, sizeof(sk));
	if (same != 0)
		return err_set(err, ERR_TRUST, "%s: the secret key is damaged", path);
	memcpy(k->pub.id, k->sec.id, sizeof(k->pub.id));
	memcpy(k->pub.pk, pk, sizeof(pk));
	*ret = TAKE_PTR(k);
	return 0;
}

static int write_pub(int dirfd, const char *name, const struct minisign_pub *pub, unsigned flags, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *file = mem_printf("%s.pub", name);

	minisign_add_pub(&b, pub);
	return durable_write(dirfd, file, 0644, b.data, b.len, flags, err);
}

int sign_key_generate(const char *dir, const char *name, struct sign_key **ret, struct err *err)
{
	CLEANUP(buf_wipe) struct buf b = { 0 };
	_cleanup_sign_key_ struct sign_key *k = key_new();
	_cleanup_free_ char *file = mem_printf("%s.key", name);
	_cleanup_fd_ int dirfd = dir_open_make(AT_FDCWD, dir, true);

	if (dirfd < 0)
		return err_errno(err, errno, "cannot make the key directory %s", dir);
	crypto_sign_keypair(k->pub.pk, k->sec.sk);
	randombytes_buf(k->pub.id, sizeof(k->pub.id));
	memcpy(k->sec.id, k->pub.id, sizeof(k->sec.id));
	buf_reserve(&b, 1024);
	minisign_add_sec(&b, &k->sec);
	int r = durable_write(dirfd, file, 0600, b.data, b.len, DURABLE_NEW, err);
	if (!r)
		r = write_pub(dirfd, name, &k->pub, 0, err);
	if (r) {
		err_prefix(err, "%s", dir);
		return r;
	}
	*ret = TAKE_PTR(k);
	return 0;
}

int sign_key_host(const char *dir, struct sign_key **ret, bool *ret_made, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/host.key", dir);
	_cleanup_free_ char *pub = mem_printf("%s/host.pub", dir);
	_cleanup_sign_key_ struct sign_key *k = NULL;
	bool made = false;

	if (access(path, F_OK) && errno == ENOENT) {
		int r = sign_key_generate(dir, "host", &k, err);
		/* lost a race: the other one's key is as good */
		if (r && r != -ERR_BUSY)
			return r;
		made = !r;
	}
	int r = k ? 0 : sign_key_load(path, &k, err);
	if (r)
		return r;
	if (!made && access(pub, F_OK)) {
		_cleanup_fd_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dirfd < 0 ? err_errno(err, errno, "cannot open %s", dir) : write_pub(dirfd, "host", &k->pub, 0, err);
		if (r)
			return r;
	}
	if (ret_made)
		*ret_made = made;
	*ret = TAKE_PTR(k);
	return 0;
}

int sign_digest_fd(int fd, uint8_t digest[SIGN_DIGEST_BYTES], uint64_t *ret_size, struct err *err)
{
	crypto_generichash_state st;
	_cleanup_free_ uint8_t *chunk = mem_alloc(256u << 10);
	off_t at = 0;

	crypto_generichash_init(&st, NULL, 0, SIGN_DIGEST_BYTES);
	for (;;) {
		ssize_t n = pread(fd, chunk, 256u << 10, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read what is to be hashed");
		if (!n)
			break;
		crypto_generichash_update(&st, chunk, (size_t)n);
		at += n;
	}
	crypto_generichash_final(&st, digest, SIGN_DIGEST_BYTES);
	*ret_size = (uint64_t)at;
	return 0;
}

/* What the global signature covers: the signature's bytes, then the trusted comment's. */
static void add_global(struct buf *b, const struct minisign_sig *s)
{
	buf_add(b, s->sig, sizeof(s->sig));
	buf_adds(b, s->comment);
}

void sign_make(const struct sign_key *k, const uint8_t digest[SIGN_DIGEST_BYTES], const char *trusted, const char *untrusted,
	struct buf *out)
{
	struct minisign_sig s = { .prehashed = true };
	_cleanup_buf_ struct buf global = { 0 };

	memcpy(s.id, k->pub.id, sizeof(s.id));
	s.comment = mem_strndup(trusted, strnlen(trusted, MINISIGN_COMMENT_MAX));
	crypto_sign_detached(s.sig, NULL, digest, SIGN_DIGEST_BYTES, k->sec.sk);
	add_global(&global, &s);
	crypto_sign_detached(s.global, NULL, (const uint8_t *)global.data, global.len, k->sec.sk);
	minisign_add_sig(out, &s, untrusted);
	minisign_sig_free(&s);
}

static int verify_legacy(const struct minisign_sig *s, const struct minisign_pub *pub, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, errno, "cannot stat the signed file");
	if (st.st_size > SIGN_LEGACY_MAX)
		return err_set(err, ERR_LIMIT, "a legacy signature over more than %u MiB; sign it again with minisign -H",
			SIGN_LEGACY_MAX >> 20);
	_cleanup_free_ uint8_t *all = mem_alloc((size_t)st.st_size + 1);
	size_t have = 0;
	while (have < (size_t)st.st_size) {
		ssize_t n = pread(fd, all + have, (size_t)st.st_size - have, (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_IO, "the signed file became shorter while it was read");
		have += (size_t)n;
	}
	return crypto_sign_verify_detached(s->sig, all, have, pub->pk) ? -ERR_TRUST : 0;
}

int sign_verify(const struct minisign_sig *s, const struct minisign_pub *pub, const uint8_t digest[SIGN_DIGEST_BYTES], int fd,
	struct err *err)
{
	_cleanup_buf_ struct buf global = { 0 };
	int r;

	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "no random numbers on this host");
	r = s->prehashed ? (crypto_sign_verify_detached(s->sig, digest, SIGN_DIGEST_BYTES, pub->pk) ? -ERR_TRUST : 0)
			 : verify_legacy(s, pub, fd, err);
	if (r == -ERR_TRUST)
		return err_set(err, ERR_TRUST, "the signature does not hold: the file is not the one that was signed");
	if (r)
		return r;
	add_global(&global, s);
	if (crypto_sign_verify_detached(s->global, (const uint8_t *)global.data, global.len, pub->pk))
		return err_set(err, ERR_TRUST, "the signature of the trusted comment does not hold: the comment was changed");
	return 0;
}

static void with_domain(struct buf *b, const char *domain, const void *p, size_t n)
{
	buf_adds(b, domain);
	buf_addc(b, '\0');
	buf_add(b, p, n);
}

void sign_bytes(const struct sign_key *k, const char *domain, const void *p, size_t n, uint8_t sig[MINISIGN_SIG_BYTES])
{
	_cleanup_buf_ struct buf b = { 0 };

	with_domain(&b, domain, p, n);
	crypto_sign_detached(sig, NULL, (const uint8_t *)b.data, b.len, k->sec.sk);
}

bool sign_bytes_hold(const struct minisign_pub *pub, const char *domain, const void *p, size_t n,
	const uint8_t sig[MINISIGN_SIG_BYTES])
{
	_cleanup_buf_ struct buf b = { 0 };

	with_domain(&b, domain, p, n);
	return crypto_sign_verify_detached(sig, (const uint8_t *)b.data, b.len, pub->pk) == 0;
}
