/* SPDX-License-Identifier: MIT */
#include "lifecycle/pseudonyms.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"

#define FILE_MAX (64u << 20)
#define TOKEN_MAX 64

void pseudonyms_free(struct pseudonyms *p)
{
	json_decref(p->map);
	buf_free(&p->fresh);
	*p = (struct pseudonyms){ 0 };
}

static bool lower(char out[TOKEN_MAX], const char *token, size_t n)
{
	if (n >= TOKEN_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)tolower((unsigned char)token[i]);
	out[n] = '\0';
	return true;
}

static json_t *map(struct pseudonyms *p)
{
	if (!p->map)
		p->map = json_object();
	return p->map;
}

int pseudonyms_load(struct pseudonyms *p, const char *path, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r = file_read(AT_FDCWD, path, FILE_MAX, &b, err);

	for (const char *line = buf_str(&b), *end; r == 0 && *line; line = end + (*end == '\n')) {
		char key[TOKEN_MAX];
		end = line + strcspn(line, "\n");
		/* a line that a crash tore is passed over */
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		const char *token = json_string_value(json_object_get(j, "token"));
		json_t *value = json_object_get(j, "value");
		if (token && json_is_string(value) && lower(key, token, strlen(token)))
			json_object_set(map(p), key, value);
		json_decref(j);
	}
	return r == -ERR_ABSENT ? 0 : r;
}

const char *pseudonyms_value(const struct pseudonyms *p, const char *token, size_t n)
{
	char key[TOKEN_MAX];

	return lower(key, token, n) ? json_string_value(json_object_get(p->map, key)) : NULL;
}

static void on_secret(void *context, const char *token, const char *class, const void *value, size_t n)
{
	struct pseudonyms *p = context;

	if ((strcmp(class, "hostName") != 0 && strcmp(class, "userName") != 0 && strcmp(class, "address") != 0) ||
		pseudonyms_value(p, token, strlen(token)))
		return;
	char key[TOKEN_MAX];
	json_t *s = json_stringn(value, n);
	json_t *line = s ? json_pack("{s:s, s:s, s:O}", "token", token, "class", class, "value", s) : NULL;
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text && lower(key, token, strlen(token))) {
		json_object_set(map(p), key, s);
		buf_addf(&p->fresh, "%s\n", text);
	}
	free(text);
	json_decref(line);
	json_decref(s);
}

void pseudonyms_watch(struct pseudonyms *p, struct redactor *r)
{
	redactor_watch(r, on_secret, p);
}

int pseudonyms_save(struct pseudonyms *p, const char *path, struct err *err)
{
	char last = '\n';

	if (!p->fresh.len)
		return 0;
	_cleanup_fd_ int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, errno, "cannot open %s, which says what pseudonyms stand for", path);
	off_t end = lseek(fd, 0, SEEK_END);
	if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n' && write_all(fd, "\n", 1))
		return err_errno(err, errno, "cannot write %s", path);
	/* one write: lines of two processes do not mix */
	if (write_all(fd, p->fresh.data, p->fresh.len) || fsync(fd))
		return err_errno(err, errno, "cannot write %s, which says what pseudonyms stand for", path);
	buf_clear(&p->fresh);
	return 0;
}
