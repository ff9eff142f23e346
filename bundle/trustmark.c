/* SPDX-License-Identifier: MIT */
#include "bundle/trustmark.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "formats/text.h"

#define MARKED "marked.d"

static void print_bytes(uint8_t out[TRUST_PRINT_BYTES], const struct minisign_pub *pub)
{
	uint8_t hash[SHA256_BYTES];

	sha256_of(hash, pub->pk, sizeof(pub->pk));
	memcpy(out, hash, TRUST_PRINT_BYTES);
}

void trust_fingerprint(char out[TRUST_PRINT_TEXT], const struct minisign_pub *pub)
{
	uint8_t p[TRUST_PRINT_BYTES];
	size_t at = 0;

	print_bytes(p, pub);
	for (size_t i = 0; i < TRUST_PRINT_BYTES; i += 2)
		at += (size_t)snprintf(out + at, TRUST_PRINT_TEXT - at, "%s%02X%02X", i ? " " : "", p[i], p[i + 1]);
}

/* "<32 hex digits>.json" */
static char *mark_file(const struct minisign_pub *pub)
{
	uint8_t p[TRUST_PRINT_BYTES];
	char hex[2 * TRUST_PRINT_BYTES + 1];

	print_bytes(p, pub);
	text_hex(hex, p, sizeof(p));
	return mem_printf("%s.json", hex);
}

static bool same_key(const struct minisign_pub *a, const struct minisign_pub *b)
{
	return memcmp(a->pk, b->pk, sizeof(a->pk)) == 0; /* the id is only a label on it */
}

const struct keymark *trust_mark_of(const struct trust *t, const struct minisign_pub *pub)
{
	for (size_t i = 0; i < t->n_marks; i++)
		if (same_key(&t->marks[i].pub, pub))
			return &t->marks[i];
	return NULL;
}

static void push_mark(struct trust *t, const struct keymark *m)
{
	t->marks = mem_array(t->marks, t->n_marks + 1, sizeof(*t->marks));
	t->marks[t->n_marks++] = *m;
}

/* Which key a broken mark was about is in its file's name: those of that name that we know are held to have leaked. */
static void distrust(struct trust *t, const char *file)
{
	for (size_t i = 0; i < t->n; i++) {
		_cleanup_free_ char *name = mark_file(&t->keys[i].pub);
		if (text_eq(name, file))
			push_mark(t, &(struct keymark){ .pub = t->keys[i].pub, .state = KEY_LEAKED,
					.note = mem_strdup("its mark cannot be read") });
	}
}

static void load_mark(struct trust *t, int fd, const char *dir, const char *file)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_keymark_ struct keymark m = { 0 };
	struct err e = { 0 };

	if (file_read(fd, file, KEYMARK_MAX, &b, &e) || keymark_parse(buf_str(&b), b.len, &m, &e) ||
		trust_check_writers(fd, file, &e)) {
		/* open to others, it may have been made milder than it was: then too the worst is assumed */
		t->problems = strv_take(t->problems, mem_printf("%s/" MARKED "/%s: %s", dir, file, e.msg));
		distrust(t, file);
		return;
	}
	push_mark(t, &m);
	m = (struct keymark){ 0 };
}

int trust_load_marks(struct trust *t, int dirfd, const char *dir, struct err *err)
{
	int fd = openat(dirfd, MARKED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot open %s/" MARKED, dir);
	DIR *d = fdopendir(fd);
	if (!d) {
		int e = errno;
		close(fd);
		return err_errno(err, e, "cannot read %s/" MARKED, dir);
	}
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.' && text_ends(e->d_name, ".json"))
			load_mark(t, fd, dir, e->d_name);
	closedir(d);
	return 0;
}

int trust_judge(const struct trust *t, const struct minisign_pub *pub, uint64_t signed_us, char **ret_remark, struct err *err)
{
	const struct keymark *m = trust_mark_of(t, pub);
	char since[32], made[32];

	*ret_remark = NULL;
	if (!m || m->state == KEY_GOOD)
		return 0;
	text_time(since, m->since_us);
	text_time(made, signed_us);
	const char *state = key_state_name(m->state);
	const char *note = m->note ? m->note : "no reason given";
	if (!signed_us)
		return err_set(err, ERR_TRUST, "the key is marked %s since %s (%s), and the signature does not say when it was made",
			state, since, note);
	/* times in signatures are in whole seconds: a key may sign in the very second before it is replaced */
	if (m->state == KEY_REPLACED ? signed_us > m->since_us : signed_us >= m->since_us)
		return err_set(err, ERR_TRUST, "the key is marked %s since %s (%s), and this was signed at %s", state, since, note, made);
	if (m->state == KEY_REPLACED)
		*ret_remark = mem_printf("the key was replaced at %s; this was signed before, at %s", since, made);
	else
		*ret_remark = mem_printf("the key is marked %s since %s (%s); this claims to be signed before, at %s: whoever has "
					 "the key can claim so, compare with the custody of the bundle",
			state, since, note, made);
	return 0;
}

int trust_mark_write(const char *dir, const struct keymark *m, struct err *err)
{
	_cleanup_free_ char *sub = mem_printf("%s/" MARKED, dir);
	_cleanup_free_ char *file = mark_file(&m->pub);
	_cleanup_fd_ int fd = dir_open_make(AT_FDCWD, sub, true);
	_cleanup_buf_ struct buf b = { 0 };

	if (fd < 0)
		return err_errno(err, errno, "cannot make %s", sub);
	keymark_add_json(&b, m);
	if (b.len > KEYMARK_MAX)
		return err_set(err, ERR_USAGE, "the note is too long");
	int r = durable_write(fd, file, 0644, b.data, b.len, 0, err);
	if (r)
		err_prefix(err, "%s", sub);
	return r;
}

int trust_mark_remove(const char *dir, const struct minisign_pub *pub, struct err *err)
{
	_cleanup_free_ char *file = mark_file(pub);
	_cleanup_free_ char *path = mem_printf("%s/" MARKED "/%s", dir, file);

	return unlink(path) ? err_errno(err, errno, "%s", path) : 0;
}

int trust_remove(const char *dir, const char *name, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/trusted.d/%s.pub", dir, name);

	if (strchr(name, '/') || !*name || *name == '.')
		return err_set(err, ERR_USAGE, "not the name of a key: \"%s\"", name);
	if (unlink(path))
		return errno == ENOENT ? err_set(err, ERR_ABSENT, "no trusted key is called \"%s\"", name)
				       : err_errno(err, errno, "cannot remove %s", path);
	return 0;
}

static bool key_fits(const struct trust_key *k, const char *given)
{
	char id[17], print[TRUST_PRINT_TEXT], bare[TRUST_PRINT_TEXT];
	size_t n = 0;

	minisign_id_text(id, k->pub.id);
	trust_fingerprint(print, &k->pub);
	for (const char *p = print; *p; p++)
		if (*p != ' ')
			bare[n++] = *p;
	bare[n] = 0;
	return text_eq(k->name, given) || !strcasecmp(id, given) || !strcasecmp(print, given) || !strcasecmp(bare, given);
}

int trust_find(const struct trust *t, const char *given, struct minisign_pub *ret, struct err *err)
{
	const struct trust_key *found = NULL;

	if (!minisign_parse_pub_text(given, ret, NULL))
		return 0;
	for (size_t i = 0; i < t->n; i++) {
		if (!key_fits(&t->keys[i], given))
			continue;
		if (found && !same_key(&found->pub, &t->keys[i].pub))
			return err_set(err, ERR_USAGE, "\"%s\" fits several keys; give the fingerprint", given);
		found = &t->keys[i];
	}
	if (!found)
		return err_set(err, ERR_ABSENT, "no key here has this name, id or fingerprint: \"%s\"", given);
	*ret = found->pub;
	return 0;
}
