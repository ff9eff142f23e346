/* SPDX-License-Identifier: MIT */
/* Units. The first byte is the size of the pieces. */
#include "tests/fuzz/redact_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1)
		fuzz_properties(PAYLOAD_UNIT, data + 1, size - 1, data[0] % 32 + 1u);
	return 0;
}
