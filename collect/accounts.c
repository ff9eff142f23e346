/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>

#include "collect/hostfs.h"
#include "formats/plist.h"
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

bool accounts_next(char **rest, struct account *ret)
{
	for (char *line; (line = strsep(rest, "\n"));)
		if (parse_line(line, ret))
			return true;
	return false;
}

int accounts_search(char *passwd, const char *name, uid_t uid, struct account *ret)
{
	struct account a;

	for (char *rest = passwd; accounts_next(&rest, &a);) {
		if (name ? strcmp(a.name, name) != 0 : a.uid != uid)
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

/* The first string of an array: all attributes of a directory service's records are arrays. */
static char *first_string(plist_t record, const char *key)
{
	plist_t values = plist_dict_get_item(record, key);
	plist_t first = values && plist_get_node_type(values) == PLIST_ARRAY ? plist_array_get_item(values, 0) : NULL;
	char *s = NULL;

	if (first && plist_get_node_type(first) == PLIST_STRING)
		plist_get_string_val(first, &s);
	return s;
}

#define DSLOCAL_USERS "/private/var/db/dslocal/nodes/Default/users"

/* A Mac keeps its people in one property list each. */
static int search_dslocal(const struct hostfs *fs, const char *name, struct account *ret)
{
	_cleanup_free_ char *path = mem_printf(DSLOCAL_USERS "/%s.plist", name);
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_plist_ plist_t record = NULL;
	uint64_t uid, gid;

	if (strchr(name, '/') || hostfs_read(fs, path, PASSWD_MAX, &b) || plist_load(buf_str(&b), b.len, &record, NULL) ||
		plist_get_node_type(record) != PLIST_DICT)
		return ENOENT;
	_cleanup_free_ char *uid_s = first_string(record, "uid"), *gid_s = first_string(record, "gid");
	_cleanup_free_ char *home = first_string(record, "home"), *shell = first_string(record, "shell");
	if (!uid_s || !gid_s || !home || text_to_u64(uid_s, UINT32_MAX, &uid) || text_to_u64(gid_s, UINT32_MAX, &gid))
		return ENOENT;
	*ret = (struct account){ .name = mem_strdup(name), .uid = (uid_t)uid, .gid = (gid_t)gid, .home = TAKE_PTR(home), .shell = TAKE_PTR(shell) };
	return 0;
}

/* The directory service has no index by uid: every record is looked at. */
static int search_dslocal_uid(const struct hostfs *fs, uid_t uid, struct account *ret)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	int e = place_find(fs, DSLOCAL_USERS, true, &pl), found = ENOENT;

	if (e)
		return e;
	_cleanup_fd_ int fd = openat(pl.dirfd, pl.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return errno;
	(void)TAKE_FD(fd); /* closedir closes it */
	for (struct dirent *entry; found && (entry = readdir(d));) {
		_cleanup_account_ struct account u = { 0 };
		size_t n = strlen(entry->d_name);
		if (!text_ends(entry->d_name, ".plist"))
			continue;
		_cleanup_free_ char *name = mem_strndup(entry->d_name, n - strlen(".plist"));
		if (search_dslocal(fs, name, &u) || u.uid != uid)
			continue;
		*ret = u;
		u = (struct account){ 0 };
		found = 0;
	}
	closedir(d);
	return found;
}

static int search_file(const struct hostfs *fs, const char *name, uid_t uid, struct account *ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	int e = hostfs_read(fs, "/etc/passwd", PASSWD_MAX, &b);

	return e ? e : accounts_search(b.data, name, uid, ret);
}

int hostfs_account(const struct hostfs *fs, const char *name, struct account *ret)
{
	if (fs->rootfd >= 0) {
		int e = search_file(fs, name, 0, ret);
		return e ? search_dslocal(fs, name, ret) : 0;
	}
	errno = 0;
	return user_from_passwd(getpwnam(name), ret);
}

int hostfs_account_by_uid(const struct hostfs *fs, uid_t uid, struct account *ret)
{
	if (fs->rootfd >= 0) {
		int e = search_file(fs, NULL, uid, ret);
		return e ? search_dslocal_uid(fs, uid, ret) : 0;
	}
	errno = 0;
	return user_from_passwd(getpwuid(uid), ret);
}
