/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "collect/hostfs.h"
#include "formats/text.h"

enum { PASSWD_MAX = 4 << 20, FIELDS = 7 };

void account_free(struct account *u)
{
	free(u->name);
	free(u->home);
	free(u->shell);
	*u = (struct account){ 0 };
}

static int user_from_passwd(const struct passwd *pw, struct account *ret)
{
	if (!pw)
		return errno ? errno : ENOENT;
	*ret = (struct account){
		.name = mem_strdup(pw->pw_name),
		.uid = pw->pw_uid,
		.gid = pw->pw_gid,
		.home = mem_strdup(pw->pw_dir),
		.shell = mem_strdup(pw->pw_shell),
	};
	return 0;
}

/* name:password:uid:gid:gecos:home:shell, as passwd(5); the line is taken apart in place. */
static bool parse_line(char *line, struct account *ret)
{
	char *field[FIELDS];
	uint64_t uid, gid;

	for (int i = 0; i < FIELDS; i++) {
		field[i] = strsep(&line, ":");
		if (!field[i])
			return false;
	}
	if (line || !*field[0] || text_to_u64(field[2], UINT32_MAX, &uid) || text_to_u64(field[3], UINT32_MAX, &gid))
		return false;
	*ret = (struct account){
		.name = field[0], .uid = (uid_t)uid, .gid = (gid_t)gid, .home = field[5], .shell = field[6]
	};
	return true;
}

int accounts_search(char *passwd, const char *name, uid_t uid, struct account *ret)
{
	for (char *rest = passwd, *line; (line = strsep(&rest, "\n"));) {
		struct account a;
		if (!parse_line(line, &a) || (name ? strcmp(a.name, name) != 0 : a.uid != uid))
			continue;
		*ret = (struct account){
			.name = mem_strdup(a.name),
			.uid = a.uid,
			.gid = a.gid,
			.home = mem_strdup(a.home),
			.shell = mem_strdup(a.shell),
		};
		return 0;
	}
	return ENOENT;
}

static int search_file(const struct hostfs *fs, const char *name, uid_t uid, struct account *ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	int e = hostfs_read(fs, "/etc/passwd", PASSWD_MAX, &b);

	return e ? e : accounts_search(b.data, name, uid, ret);
}

int hostfs_account(const struct hostfs *fs, const char *name, struct account *ret)
{
	if (fs->rootfd >= 0)
		return search_file(fs, name, 0, ret);
	errno = 0;
	return user_from_passwd(getpwnam(name), ret);
}

int hostfs_account_by_uid(const struct hostfs *fs, uid_t uid, struct account *ret)
{
	if (fs->rootfd >= 0)
		return search_file(fs, NULL, uid, ret);
	errno = 0;
	return user_from_passwd(getpwuid(uid), ret);
}
