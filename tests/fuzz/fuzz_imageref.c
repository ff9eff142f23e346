/* SPDX-License-Identifier: MIT */
/* A reference that was accepted, written out from its parts, is the same again and no option. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/imageref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *s = mem_strndup((const char *)data, size);
	_cleanup_imageref_ struct imageref r = { 0 };

	imageref_is_id(s);
	if (imageref_parse(s, &r, NULL))
		return 0;
	_cleanup_free_ char *again = mem_printf("%s%s%s%s%s%s%s", r.registry ? r.registry : "", r.registry ? "/" : "", r.repository, r.tag ? ":" : "",
		r.tag ? r.tag : "", r.digest ? "@" : "", r.digest ? r.digest : "");
	size_t tail = strlen(s) >= strlen(again) ? strlen(s) - strlen(again) : 0;
	if (strcmp(s + tail, again) != 0 || (tail && !r.transport) || *again == '-' || strpbrk(again, " \t\n$`\"'\\;|&<>"))
		abort();
	return 0;
}
