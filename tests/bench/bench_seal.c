/* SPDX-License-Identifier: MIT */
/* bench_seal seal|open KEY IN OUT: sealing alone, to be timed beside `age`. KEY is a recipient, or a file of identities. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/seal.h"

int main(int argc, char **argv)
{
	_cleanup_age_keys_ struct age_keys keys = { 0 };
	struct err err = { 0 };
	uint8_t key[AGE_KEY_BYTES];
	int r;

	if (argc != 5)
		return 2;
	/* descriptors, not seal_file(): age does not fsync */
	int in = open(argv[3], O_RDONLY), out = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (in < 0 || out < 0)
		return 2;
	if (!strcmp(argv[1], "open")) {
		r = seal_load_identities(argv[2], &keys, &err);
		r = r ? r : seal_open_fd(in, out, argv[3], &(struct seal_with){ .identities = keys }, NULL, NULL, &err);
	} else {
		r = age_recipient_parse(argv[2], key, &err);
		if (!r)
			age_keys_add(&keys, key);
		r = r ? r : seal_fd(in, out, argv[3], &(struct seal_to){ .recipients = keys }, NULL, NULL, &err);
	}
	if (r)
		fprintf(stderr, "bench_seal: %s\n", err.msg);
	return r ? 1 : 0;
}
