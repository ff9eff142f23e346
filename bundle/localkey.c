/* SPDX-License-Identifier: MIT */
#include "bundle/localkey.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>

#include "bundle/durable.h"
#include "formats/buf.h"

#define NAME "local.key"

static int load(int dirfd, const char *dir, uint8_t key[LOCAL_KEY_BYTES], struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_reserve(&b, LOCAL_KEY_BYTES + 1);
	int r = file_read(dirfd, NAME, LOCAL_KEY_BYTES, &b, err);
	if (r == 0 && b.len != LOCAL_KEY_BYTES)
		r = err_set(err, ERR_SYNTAX, "%s/" NAME " is damaged: %zu bytes instead of %d", dir, b.len, LOCAL_KEY_BYTES);
	if (r == 0)
		memcpy(key, b.data, LOCAL_KEY_BYTES);
	sodium_memzero(b.data, b.cap);
	return r;
}

int local_key(const char *keys_dir, const char *purpose, uint8_t ret[LOCAL_KEY_BYTES], struct err *err)
{
	uint8_t key[LOCAL_KEY_BYTES];

	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "no random numbers on this host");
	_cleanup_fd_ int dirfd = dir_open_make(AT_FDCWD, keys_dir, true);
	if (dirfd < 0)
		return err_errno(err, errno, "cannot use %s, where the keys are", keys_dir);
	int r = load(dirfd, keys_dir, key, err);
	if (r == -ERR_ABSENT) {
		randombytes_buf(key, sizeof(key));
		r = durable_write(dirfd, NAME, 0600, key, sizeof(key), DURABLE_NEW, err);
		/* another process was faster */
		if (r == -ERR_BUSY)
			r = load(dirfd, keys_dir, key, err);
	}
	if (r == 0)
		crypto_generichash(ret, LOCAL_KEY_BYTES, (const unsigned char *)purpose, strlen(purpose), key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	return r;
}
