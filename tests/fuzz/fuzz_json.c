/* SPDX-License-Identifier: MIT */
/* What jansson accepts, the locator finds: each member of the top has a line within the text. */
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_json_ json_t *j = NULL;
	struct err err = { 0 };
	const char *text = (const char *)data, *key;
	unsigned lines = 1;
	json_t *v;

	json_line(text, size, (const char *const[]){ "a", "0", "b", NULL });
	if (json_read("x", text, size, JSON_READ_UNIQUE, &j, &err)) {
		check(err.code && *err.msg && !j);
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	json_object_foreach(j, key, v) {
		unsigned line = json_line(text, size, (const char *const[]){ key, NULL });
		bool ascii = true;
		for (const char *p = key; *p; p++)
			ascii &= *p > 0;
		/* keys that JSON spells with \u outside of ASCII need not be found */
		check(line <= lines && (line || !ascii));
		json_time(j, key);
		strv_free(json_strv(j, key));
	}
	return 0;
}
