/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "collect/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strings(json_t *j)
{
	static const char *const allowed[] = { "id", "version", "name", "build" };
	const char *key;
	json_t *v;

	json_object_foreach(j, key, v) {
		bool known = false;
		for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
			known = known || strcmp(key, allowed[i]) == 0;
		assert(known);
		assert(json_is_string(v) || json_is_null(v));
	}
	json_decref(j);
}

/* The small files of a host that we parse: os-release, SystemVersion.plist, passwd. A mounted image may hold anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "root", "me", "" };
	_cleanup_buf_ struct buf b = { 0 };

	buf_add(&b, data, size);
	json_t *linux_os = json_object(), *mac = json_object();
	facts_os_release(buf_str(&b), linux_os);
	facts_system_version(buf_str(&b), mac);
	assert(strcmp(json_string_value(json_object_get(mac, "id")), "macos") == 0);
	check_strings(linux_os);
	check_strings(mac);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_account_ struct account a = { 0 };
		_cleanup_free_ char *text = mem_strdup(buf_str(&b));
		int e = accounts_search(text, names[i], 0, &a);
		assert(e == 0 || e == ENOENT);
		if (e == 0) {
			assert(strcmp(a.name, names[i]) == 0 && *a.name);
			assert(!strpbrk(a.home, ":\n") && !strpbrk(a.shell, ":\n"));
		}
	}
	_cleanup_account_ struct account zero = { 0 };
	if (accounts_search(b.data, NULL, 0, &zero) == 0)
		assert(zero.uid == 0);
	return 0;
}
