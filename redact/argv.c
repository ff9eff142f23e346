/* SPDX-License-Identifier: MIT */
#include "redact/argv.h"

#include <ctype.h>
#include <string.h>

#include "redact/value.h"

/* Adds found spans, moved by `at`. */
static void spans_move(struct spans *to, const struct spans *found, size_t at)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct span *s = &found->v[i];
		struct span *m = spans_add(to, s->from + at, s->to + at, s->class, s->rank,
			s->value_len ? found->values.data + s->value : NULL, s->value_len);
		m->open = s->open;
	}
}

static void text_at(struct redactor *r, const char *p, size_t n, size_t at, int depth, struct spans *out)
{
	_cleanup_spans_ struct spans found = { 0 };

	find_text(r, p, n, depth, &found);
	spans_move(out, &found, at);
}

void env_pair(struct redactor *r, const char *name, size_t name_len, const char *value, size_t n, size_t at, int depth,
	struct spans *out)
{
	enum key_kind kind = redactor_key_kind(r, name, name_len);

	if (n && (value[0] == '{' || value[0] == '[') && depth < DEPTH_MAX) {
		_cleanup_spans_ struct spans found = { 0 };
		bool auth = name_len == 18 && memcmp(name, "DOCKER_AUTH_CONFIG", 18) == 0;
		if (find_json(r, value, n, depth + 1, auth ? PAYLOAD_AUTH : PAYLOAD_JSON, &found) == 0) {
			spans_move(out, &found, at);
			return;
		}
		if (auth) {
			spans_add(out, at, at + n, CLASS_REGISTRY_AUTH, RANK_STRUCTURE, value, n);
			return;
		}
	}
	if (kind != KEY_HEADER && kind != KEY_COOKIE && value_is_secret(kind, PLACE_FIELD, value, n)) {
		spans_add(out, at, at + n, CLASS_ENVIRONMENT, RANK_STRUCTURE, value, n);
		return;
	}
	text_at(r, value, n, at, depth, out);
}

bool env_word(struct redactor *r, const char *word, size_t n, size_t at, int depth, struct spans *out)
{
	const char *eq = memchr(word, '=', n);
	size_t name = eq ? (size_t)(eq - word) : 0;

	if (!name || name > 128)
		return false;
	for (size_t i = 0; i < name; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '_' && word[i] != '.' && word[i] != '-')
			return false;
	env_pair(r, word, name, eq + 1, n - name - 1, at + name + 1, depth, out);
	return true;
}

static bool is_word(const char *w, size_t n, const char *s)
{
	return strlen(s) == n && memcmp(w, s, n) == 0;
}

static bool starts(const char *w, size_t n, const char *s)
{
	return n >= strlen(s) && memcmp(w, s, strlen(s)) == 0;
}

/* Programs whose short options take passwords. */
static const struct {
	const char *name, *flag;
	bool attached, user, containers;
} programs[] = {
	{ .name = "curl", .user = true },
	{ .name = "sshpass", .flag = "-p" },
	{ .name = "mysql", .flag = "-p", .attached = true },
	{ .name = "mysqldump", .flag = "-p", .attached = true },
	{ .name = "mysqladmin", .flag = "-p", .attached = true },
	{ .name = "mysqlimport", .flag = "-p", .attached = true },
	{ .name = "mariadb", .flag = "-p", .attached = true },
	{ .name = "mariadb-dump", .flag = "-p", .attached = true },
	{ .name = "mariadb-admin", .flag = "-p", .attached = true },
	{ .name = "redis-cli", .flag = "-a" },
	{ .name = "ldapsearch", .flag = "-w" },
	{ .name = "ldapmodify", .flag = "-w" },
	{ .name = "ldapadd", .flag = "-w" },
	{ .name = "ldappasswd", .flag = "-w" },
	{ .name = "mongo", .flag = "-p" },
	{ .name = "mongosh", .flag = "-p" },
	{ .name = "mongodump", .flag = "-p" },
	{ .name = "mosquitto_pub", .flag = "-P" },
	{ .name = "mosquitto_sub", .flag = "-P" },
	{ .name = "login", .flag = "-p" }, /* podman login, docker login */
	{ .name = "podman", .containers = true },
	{ .name = "docker", .containers = true },
	{ .name = "nerdctl", .containers = true },
};

static void note_program(struct argv_state *s, const char *w, size_t n)
{
	const char *slash = mem_rchr(w, '/', n);
	const char *base = slash ? slash + 1 : w;

	n -= (size_t)(base - w);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		if (!is_word(base, n, programs[i].name))
			continue;
		s->secret_flag = programs[i].flag;
		s->attached = programs[i].attached;
		s->user_flag = programs[i].user;
		s->containers |= programs[i].containers;
	}
}

/* user:password, user%password */
static void user_word(struct redactor *r, const char *w, size_t n, size_t at, char mark, int depth, struct spans *out)
{
	const char *colon = memchr(w, mark, n);

	if (colon && !memmem(w, n, "://", 3)) {
		size_t from = (size_t)(colon - w) + 1;
		if (!value_is_empty(w + from, n - from))
			spans_add(out, at + from, at + n, CLASS_ARGUMENT, RANK_STRUCTURE, w + from, n - from);
		return;
	}
	text_at(r, w, n, at, depth, out);
}

static void secret_word(struct redactor *r, enum key_kind kind, const char *w, size_t n, size_t at, int depth, struct spans *out)
{
	/* openssl -passin pass:SECRET, env:NAME, file:PATH */
	if (starts(w, n, "env:") || starts(w, n, "file:") || starts(w, n, "fd:"))
		return;
	if (starts(w, n, "pass:")) {
		w += 5;
		n -= 5;
		at += 5;
	}
	if (value_is_secret(kind, PLACE_FIELD, w, n))
		spans_add(out, at, at + n, CLASS_ARGUMENT, RANK_STRUCTURE, w, n);
	else
		text_at(r, w, n, at, depth, out);
}

/* --name=value, --name, -Dname=value */
static bool long_option(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	size_t dashes = starts(w, n, "--") ? 2 : 1;
	const char *eq = memchr(w, '=', n);
	size_t name = (eq ? (size_t)(eq - w) : n) - dashes;
	const char *p = w + dashes;
	enum key_kind kind = redactor_key_kind(r, p, name);

	if (is_word(p, name, "user") || is_word(p, name, "proxy-user") || is_word(p, name, "creds") || is_word(p, name, "src-creds") ||
		is_word(p, name, "dest-creds")) {
		if (eq)
			user_word(r, eq + 1, (size_t)(w + n - eq) - 1, (size_t)(eq - w) + 1, ':', depth, out);
		else
			s->next = NEXT_USER;
		return true;
	}
	if (is_word(p, name, "secret") && (s->containers || (eq && memchr(eq, ',', (size_t)(w + n - eq))))) {
		if (!eq)
			s->next = NEXT_NAME;
		return true;
	}
	if (is_word(p, name, "passin") || is_word(p, name, "passout"))
		kind = KEY_STRONG;
	if (is_word(p, name, "env") && eq)
		return env_word(r, eq + 1, (size_t)(w + n - eq) - 1, (size_t)(eq - w) + 1, depth, out);
	if (kind == KEY_NONE || kind == KEY_HEADER || kind == KEY_COOKIE)
		return false;
	if (eq) {
		secret_word(r, kind, eq + 1, (size_t)(w + n - eq) - 1, (size_t)(eq - w) + 1, depth, out);
	} else {
		s->next = NEXT_SECRET;
		s->kind = kind;
	}
	return true;
}

static bool short_option(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	if (starts(w, n, "-e") && n > 2 && env_word(r, w + 2, n - 2, 2, depth, out))
		return true;
	if (s->secret_flag && starts(w, n, s->secret_flag)) {
		if (n > 2)
			secret_word(r, KEY_STRONG, w + 2, n - 2, 2, depth, out);
		else if (!s->attached)
			s->next = NEXT_SECRET;
		s->kind = KEY_STRONG;
		return true;
	}
	if (s->user_flag && (starts(w, n, "-u") || starts(w, n, "-U"))) {
		if (n > 2)
			user_word(r, w + 2, n - 2, 2, ':', depth, out);
		else
			s->next = NEXT_USER;
		return true;
	}
	if (is_word(w, n, "-U")) {
		s->next = NEXT_USER_PERCENT; /* smbclient */
		return true;
	}
	return false;
}

void argv_word(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	bool option = n > 1 && w[0] == '-';

	/* an option where a value was due: it takes none after all */
	if (s->next != NEXT_ANY && !(option && n > 2 && w[1] == '-')) {
		int next = s->next;
		s->next = NEXT_ANY;
		if (next == NEXT_SECRET)
			secret_word(r, s->kind, w, n, 0, depth, out);
		else if (next == NEXT_USER)
			user_word(r, w, n, 0, ':', depth, out);
		else if (next == NEXT_USER_PERCENT)
			user_word(r, w, n, 0, '%', depth, out);
		return;
	}
	s->next = NEXT_ANY;
	if (option) {
		if (w[1] != '-' && short_option(r, s, w, n, depth, out))
			return;
		if (long_option(r, s, w, n, depth, out))
			return;
	} else {
		note_program(s, w, n);
		if (env_word(r, w, n, 0, depth, out))
			return;
	}
	find_text(r, w, n, depth, out);
}
