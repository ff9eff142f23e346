/* SPDX-License-Identifier: MIT */
/* Rotation of the host's key: see trustmark.h. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sign.h"
#include "bundle/trustmark.h"
#include "formats/text.h"

/* The new public key's file, signed with the old key, as minisign -Vm checks it. */
static void vouch(const struct sign_key *old, const struct buf *pub, uint64_t now_us, struct buf *out)
{
	uint8_t digest[SIGN_DIGEST_BYTES];
	char when[32];

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)pub->data, pub->len, NULL, 0);
	text_time(when, now_us);
	_cleanup_free_ char *comment = mem_printf("rotation time=%s", when);
	sign_make(old, digest, comment, "signature of the new host key by the old one", out);
}

/* The secret half is overwritten before it is gone: a best effort, as file systems go. */
static void wipe_key(int dirfd, const char *name)
{
	_cleanup_fd_ int fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	off_t n = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	static const char zeros[512];

	for (off_t at = 0; at < n; at += (off_t)sizeof(zeros))
		if (pwrite(fd, zeros, (size_t)(n - at < (off_t)sizeof(zeros) ? n - at : (off_t)sizeof(zeros)), at) < 0)
			break;
	if (fd >= 0)
		fsync(fd);
	unlinkat(dirfd, name, 0);
}

/* Every step leaves a directory that works: the old key goes last. */
int trust_rotate_host(const char *dir, uint64_t now_us, struct err *err)
{
	_cleanup_free_ char *old_path = mem_printf("%s/host.key", dir);
	_cleanup_sign_key_ struct sign_key *old = NULL, *fresh = NULL;
	_cleanup_buf_ struct buf pub = { 0 }, sig = { 0 };
	_cleanup_fd_ int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_trust_ struct trust t = { 0 };
	char stamp[32];
	int r;

	if (dirfd < 0)
		return err_errno(err, errno, "cannot open the key directory %s", dir);
	if ((r = sign_key_load(old_path, &old, err)) || (r = trust_load(&t, dir, err)))
		return r;
	/* that it leaked is worse than that it was replaced, and stays said */
	const struct keymark *mark = trust_mark_of(&t, sign_key_pub(old));
	bool marked = mark && mark->state != KEY_GOOD;
	text_stamp(stamp, now_us);
	_cleanup_free_ char *retired = mem_printf("host-%s", stamp);
	if ((r = trust_install(dir, retired, sign_key_pub(old), err)) || (r = sign_key_generate(dir, retired, &fresh, err)))
		return r;
	minisign_add_pub(&pub, sign_key_pub(fresh));
	vouch(old, &pub, now_us, &sig);
	_cleanup_free_ char *new_key = mem_printf("%s.key", retired), *new_pub = mem_printf("%s.pub", retired);
	if ((r = durable_write(dirfd, "host.pub.minisig", 0644, sig.data, sig.len, 0, err)))
		return r;
	/* the old secret, under a name of its own so that it can be wiped once the new one has its place */
	if (linkat(dirfd, "host.key", dirfd, "retired.key", 0) || renameat(dirfd, new_key, dirfd, "host.key") ||
		renameat(dirfd, new_pub, dirfd, "host.pub") || fsync(dirfd))
		return err_errno(err, errno, "cannot put the new key in its place in %s", dir);
	wipe_key(dirfd, "retired.key");
	if (marked)
		return 0;
	struct keymark m = { .pub = *sign_key_pub(old), .state = KEY_REPLACED, .since_us = now_us };
	return trust_mark_write(dir, &m, err);
}
