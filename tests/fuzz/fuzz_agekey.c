/* SPDX-License-Identifier: MIT */
/* Files of age keys: what is read is spelled again and read back the same; secrets stay out of messages. */
#include <stdlib.h>
#include <string.h>

#include "formats/age.h"
#include "formats/bech32.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_age_keys_ struct age_keys recipients = { 0 }, identities = { 0 };
	struct err err = { 0 };

	if (!age_recipients_parse("f", (const char *)data, size, &recipients, &err) && !recipients.n)
		abort();
	for (size_t i = 0; i < recipients.n; i++) {
		_cleanup_free_ char *s = age_recipient_string(recipients.v[i]);
		uint8_t back[AGE_KEY_BYTES];
		if (age_recipient_parse(s, back, &err) || memcmp(back, recipients.v[i], sizeof(back)) != 0)
			abort();
	}
	struct err secret_err = { 0 };
	if (!age_identities_parse("f", (const char *)data, size, &identities, &secret_err) && !identities.n)
		abort();
	if (strlen(secret_err.msg) > 120)
		abort(); /* the messages are fixed texts: nothing of the file fits in */
	return 0;
}
