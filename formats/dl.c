/* SPDX-License-Identifier: MIT */
#include "formats/dl.h"

#include <dlfcn.h>

int dl_load(const char *what, const char *const *files, const struct dl_symbol *symbols, size_t n, struct err *err)
{
	void *library = NULL;

	if (*symbols[n - 1].where)
		return 0;
	for (; *files && !library; files++)
		library = dlopen(*files, RTLD_LAZY | RTLD_LOCAL);
	if (!library)
		return err_set(err, ERR_ABSENT, "the library %s cannot be loaded: %s", what, dlerror());
	for (size_t i = 0; i < n; i++) {
		*symbols[i].where = dlsym(library, symbols[i].name);
		if (!*symbols[i].where)
			return err_set(err, ERR_ABSENT, "the library %s is too old: it lacks %s", what, symbols[i].name);
	}
	return 0; /* never closed: what was loaded is used to the end */
}
