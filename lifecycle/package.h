/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_PACKAGE_H
#define LIFECYCLE_PACKAGE_H

#include "collect/source.h"

/*
 * Whose file is it? Asked of dpkg, else of rpm, and only for what would be accused. A file that a package
 * installed and somebody changed since is not the package's: /etc/crontab is a fine place for a line more.
 */
enum package_owner {
	PACKAGE_NONE,	 /* no package has it, or not as it is */
	PACKAGE_OWNS,	 /* as a package installed it */
	PACKAGE_UNKNOWN, /* nobody could be asked: in a bundle nobody is */
};
enum package_owner package_owner(struct source *s, const char *path);

#endif
