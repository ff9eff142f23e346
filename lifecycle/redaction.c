/* SPDX-License-Identifier: MIT */
#include "lifecycle/redaction.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle/durable.h"
#include "formats/text.h"

#define RULES_MAX (1u << 20)
/* Accounts of people begin here. */
#define PEOPLE_LINUX 1000
#define PEOPLE_DARWIN 501
#define PEOPLE_END 60000

/* Who may write the rules could blind the tool, or crash it. */
static int read_rules(const struct session *s, const char *path, struct buf *ret, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "cannot read the rules of %s", path);
	if ((st.st_uid != 0 && st.st_uid != s->host.euid && st.st_uid != s->caller.id.uid) || st.st_mode & 022)
		return err_set(err, ERR_TRUST, "%s belongs to uid %u with mode %04o: others could change what is redacted", path, (unsigned)st.st_uid,
			(unsigned)st.st_mode & 07777);
	return fd_read(fd, path, RULES_MAX, ret, err);
}

static int is_rule_file(const struct dirent *e)
{
	return e->d_name[0] != '.' && text_ends(e->d_name, ".json");
}

static int add_directory(const struct session *s, struct redactor *r, const char *dir, struct err *err)
{
	struct dirent **list = NULL;
	int n = scandir(dir, &list, is_rule_file, alphasort), res = 0;

	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, errno, "cannot read the rules in %s", dir);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *path = mem_printf("%s/%s", dir, list[i]->d_name);
		_cleanup_buf_ struct buf b = { 0 };
		if (res == 0)
			res = read_rules(s, path, &b, err);
		if (res == 0)
			res = redactor_add_rules(r, path, buf_str(&b), b.len, err);
		free(list[i]);
	}
	free(list);
	return res;
}

int redaction_rules(const struct session *s, struct redactor *r, struct err *err)
{
	int res = add_directory(s, r, "/etc/sourceos/redact.d", err);

	return res ? res : add_directory(s, r, s->rules_dir, err);
}

int redaction_words(const struct cli *cli, struct redactor *r, struct buf *ret_text, struct err *err)
{
	const char *path = cli_get(cli, "also-redact");
	_cleanup_fd_ int fd = -1;
	_cleanup_buf_ struct buf b = { 0 };

	if (!path)
		return 0;
	if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		return err_errno(err, errno, "cannot read the words of %s", path);
	int res = fd_read(fd, path, WORDS_MAX, &b, err);
	if (res == 0)
		res = redactor_add_words(r, path, buf_str(&b), b.len, err);
	if (res == 0 && ret_text)
		buf_add(ret_text, buf_str(&b), b.len);
	return res;
}

static char **add_name(char **list, const char *name)
{
	return name && *name && !strv_has(list, name) ? strv_add(list, name) : list;
}

/* The people of /etc/passwd: NAME:x:UID:… */
static char **people_linux(const struct session *s, char **list)
{
	_cleanup_probe_ struct probe *p = probe_file("/etc/passwd", PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 };

	if (source_get(s->source, p, &a, NULL) || !record_answered(&a.rec))
		return list;
	for (const char *line = buf_str(&a.out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		size_t n = strcspn(line, ":\n");
		const char *uid = line[n] == ':' ? line + n + 1 + strcspn(line + n + 1, ":\n") : end;
		unsigned long id = *uid == ':' ? strtoul(uid + 1, NULL, 10) : 0;
		if (id < PEOPLE_LINUX || id >= PEOPLE_END)
			continue;
		_cleanup_free_ char *name = mem_strndup(line, n);
		list = add_name(list, name);
	}
	return list;
}

static char **people_darwin(const struct session *s, char **list)
{
	_cleanup_probe_ struct probe *p = probe_dir("/Users");
	_cleanup_answer_ struct answer a = { 0 };

	if (source_get(s->source, p, &a, NULL) || !record_answered(&a.rec))
		return list;
	for (const char *line = buf_str(&a.out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		if (json_integer_value(json_object_get(j, "uid")) >= PEOPLE_DARWIN)
			list = add_name(list, json_string_value(json_object_get(j, "name")));
		json_decref(j);
	}
	return list;
}

int redaction_pseudonymize(const struct session *s, struct redactor *r, struct err *err)
{
	_cleanup_strv_ char **hosts = NULL, **users = NULL;
	const char *name = s->host.hostname;

	hosts = add_name(hosts, name);
	if (name && strchr(name, '.')) {
		_cleanup_free_ char *first = mem_strndup(name, strcspn(name, "."));
		hosts = add_name(hosts, first);
	}
	users = add_name(users, s->caller.id.name);
	users = s->host.platform == PLATFORM_DARWIN ? people_darwin(s, users) : people_linux(s, users);
	return redactor_pseudonymize(r, hosts, users, err);
}
