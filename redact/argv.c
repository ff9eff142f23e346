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
	/* a token may end in =, or hold one: what stands before it is no name then */
	if (name >= 20)
		text_at(r, word, n, at, depth, out);
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

/*
 * Programs whose short options, or whose arguments by their place, are passwords. `secret` and `user` are letters: the word
 * after such an option, or what is attached to it, is the password, or a user and a password with `mark` between. `joined`
 * takes it attached only. `place` is which argument it is, the program itself not counted, when `verb` is among those before it.
 */
#define PLACE_ONLY 100 /* added to the place once the option was there */
struct program {
	const char *name, *secret, *joined, *user, *cookie;
	char mark; /* 0: a colon */
	bool containers;
	bool apart; /* never attached: openssl has -k and -keyform */
	bool names; /* its arguments are names and values: aws configure set NAME VALUE */
	const char *verb;
	unsigned place;
	const char *only; /* the place counts when this option was given: htpasswd -b */
};
static const struct program programs[] = {
	{ .name = "curl", .user = "uUE", .cookie = "b" },
	{ .name = "http", .user = "a" },
	{ .name = "https", .user = "a" },
	{ .name = "sshpass", .secret = "p" },
	{ .name = "mysql", .joined = "p" },
	{ .name = "mysqldump", .joined = "p" },
	{ .name = "mysqladmin", .joined = "p", .names = true },
	{ .name = "mysqlimport", .joined = "p" },
	{ .name = "mysqlcheck", .joined = "p" },
	{ .name = "mysqlshow", .joined = "p" },
	{ .name = "mariadb", .joined = "p" },
	{ .name = "mariadb-dump", .joined = "p" },
	{ .name = "mariadb-admin", .joined = "p" },
	{ .name = "redis-cli", .secret = "a" },
	{ .name = "ldapsearch", .secret = "w" },
	{ .name = "ldapmodify", .secret = "w" },
	{ .name = "ldapadd", .secret = "w" },
	{ .name = "ldapdelete", .secret = "w" },
	{ .name = "ldapwhoami", .secret = "w" },
	{ .name = "ldappasswd", .secret = "was" },
	{ .name = "mongo", .secret = "p" },
	{ .name = "mongosh", .secret = "p" },
	{ .name = "mongodump", .secret = "p" },
	{ .name = "mongorestore", .secret = "p" },
	{ .name = "mongoexport", .secret = "p" },
	{ .name = "mongoimport", .secret = "p" },
	{ .name = "mosquitto_pub", .secret = "P" },
	{ .name = "mosquitto_sub", .secret = "P" },
	{ .name = "sqlcmd", .secret = "P" },
	{ .name = "bcp", .secret = "P" },
	{ .name = "tsql", .secret = "P" },
	{ .name = "isql", .secret = "P" },
	{ .name = "ipmitool", .secret = "P" },
	{ .name = "zip", .secret = "P" },
	{ .name = "unzip", .secret = "P" },
	{ .name = "7z", .joined = "p" },
	{ .name = "7za", .joined = "p" },
	{ .name = "rar", .joined = "p" },
	{ .name = "unrar", .joined = "p" },
	{ .name = "openssl", .secret = "kK", .apart = true },
	{ .name = "smbclient", .user = "U", .mark = '%' },
	{ .name = "smbget", .user = "U", .mark = '%' },
	{ .name = "rpcclient", .user = "U", .mark = '%' },
	{ .name = "net", .user = "U", .mark = '%', .verb = "user", .place = 3 },
	{ .name = "lftp", .user = "u", .mark = ',' },
	{ .name = "ncftpput", .secret = "p" },
	{ .name = "ncftpget", .secret = "p" },
	{ .name = "rdesktop", .secret = "p" },
	{ .name = "twine", .secret = "p" },
	{ .name = "security", .secret = "pwP", .apart = true }, /* the keychain's */
	{ .name = "htpasswd", .place = 3, .only = "b" },
	{ .name = "snmpget", .secret = "AX", .apart = true },
	{ .name = "snmpwalk", .secret = "AX", .apart = true },
	{ .name = "snmpbulkwalk", .secret = "AX", .apart = true },
	{ .name = "snmpset", .secret = "AX", .apart = true },
	{ .name = "psexec", .secret = "p", .apart = true },
	{ .name = "cqlsh", .secret = "p", .apart = true },
	{ .name = "etcdctl" },
	{ .name = "cargo", .verb = "login", .place = 2 },
	{ .name = "rabbitmqctl", .verb = "add_user", .place = 3 },
	{ .name = "rabbitmqctl", .verb = "change_password", .place = 3 },
	{ .name = "mc", .verb = "alias", .place = 6 },
	{ .name = "vault", .verb = "login", .place = 2 },
	{ .name = "poetry", .verb = "config", .place = 4 },
	{ .name = "wpa_passphrase", .place = 2 },
	{ .name = "sqlplus" },
	{ .name = "xfreerdp" },
	{ .name = "wfreerdp" },
	{ .name = "login", .secret = "p" }, /* podman, docker, helm, az */
	{ .name = "aws", .names = true },
	{ .name = "npm", .names = true },
	{ .name = "pnpm", .names = true },
	{ .name = "yarn", .names = true },
	{ .name = "nmcli", .names = true },
	{ .name = "launchctl", .names = true },
	{ .name = "podman", .containers = true },
	{ .name = "docker", .containers = true },
	{ .name = "nerdctl", .containers = true },
};

static void note_program(struct argv_state *s, const char *w, size_t n)
{
	const char *slash = mem_rchr(w, '/', n);
	const char *base = slash ? slash + 1 : w;

	/* the file that htpasswd writes may be called so, too */
	if (s->program && s->program->only && slash)
		return;
	n -= (size_t)(base - w);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		if (!is_word(base, n, programs[i].name))
			continue;
		s->program = &programs[i];
		s->place = 0;
		s->verb = false;
		/* what follows the image's program is that program's */
		s->containers = programs[i].containers;
		return;
	}
}

/* Of several rows of one program the one whose verb this is. */
static bool note_verb(struct argv_state *s, const char *w, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (programs[i].verb && strcmp(programs[i].name, s->program->name) == 0 && is_word(w, n, programs[i].verb)) {
			s->program = &programs[i];
			return s->verb = true;
		}
	return false;
}

static bool is_letter_of(const char *letters, char c)
{
	return letters && c && strchr(letters, c);
}

/* user:password, user%password */
static void user_word(struct redactor *r, const char *w, size_t n, size_t at, char mark, int depth, struct spans *out)
{
	const char *colon = memchr(w, mark ? mark : ':', n);

	if (colon && !memmem(w, n, "://", 3)) {
		size_t from = (size_t)(colon - w) + 1;
		/* 1000:1000 and root:root: a user and a group */
		bool ids = value_is_number(w, from - 1) && value_is_number(w + from, n - from);
		bool same = n == 2 * from - 1 && memcmp(w, w + from, n - from) == 0;
		/* u:p is how manuals write it */
		if (!ids && !same && n - from > 1 && !value_is_empty(w + from, n - from))
			spans_add(out, at + from, at + n, CLASS_ARGUMENT, RANK_STRUCTURE, w + from, n - from);
		return;
	}
	text_at(r, w, n, at, depth, out);
}

/* a=b; c=d: the values */
static void cookie_word(struct redactor *r, const char *w, size_t n, size_t at, int depth, struct spans *out)
{
	for (size_t i = 0; i < n;) {
		const char *semi = memchr(w + i, ';', n - i), *eq = memchr(w + i, '=', n - i);
		size_t end = semi ? (size_t)(semi - w) : n;
		if (eq && (size_t)(eq - w) < end && !value_is_empty(eq + 1, (size_t)(w + end - eq) - 1))
			spans_add(out, at + (size_t)(eq + 1 - w), at + end, CLASS_COOKIE, RANK_STRUCTURE, eq + 1, (size_t)(w + end - eq) - 1);
		i = end + 1;
	}
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

	/* of a container it is a user and a group */
	if (is_word(p, name, "user") && s->containers)
		return false;
	if (is_word(p, name, "user") || is_word(p, name, "proxy-user") || is_word(p, name, "creds") || is_word(p, name, "src-creds") ||
		is_word(p, name, "dest-creds")) {
		if (eq)
			user_word(r, eq + 1, (size_t)(w + n - eq) - 1, (size_t)(eq - w) + 1, s->program ? s->program->mark : 0, depth, out);
		else
			s->next = NEXT_USER;
		return true;
	}
	if (is_word(p, name, "secret") && (s->containers || (eq && memchr(eq, ',', (size_t)(w + n - eq))))) {
		if (!eq)
			s->next = NEXT_NAME;
		return true;
	}
	if (is_word(p, name, "passin") || is_word(p, name, "passout") || is_word(p, name, "oauth2-bearer"))
		kind = KEY_STRONG;
	if (is_word(p, name, "cookie") && s->program && s->program->cookie) {
		if (eq)
			cookie_word(r, eq + 1, (size_t)(w + n - eq) - 1, (size_t)(eq - w) + 1, depth, out);
		else
			s->next = NEXT_COOKIE;
		return true;
	}
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

/* What follows a letter that takes a value: attached, or the next word. */
static void option_value(struct redactor *r, struct argv_state *s, int next, const char *w, size_t n, size_t at, int depth, struct spans *out)
{
	if (at == n)
		s->next = next;
	else if (next == NEXT_USER)
		user_word(r, w + at, n - at, at, s->program->mark, depth, out);
	else if (next == NEXT_COOKIE)
		cookie_word(r, w + at, n - at, at, depth, out);
	else
		secret_word(r, KEY_STRONG, w + at, n - at, at, depth, out);
	s->kind = KEY_STRONG;
}

static bool short_option(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	const struct program *p = s->program;
	size_t last = n - 1;

	if (starts(w, n, "-e") && n > 2 && env_word(r, w + 2, n - 2, 2, depth, out))
		return true;
	if (!p)
		return false;
	if (is_letter_of(p->joined, w[1])) {
		if (n > 2)
			option_value(r, s, NEXT_SECRET, w, n, 2, depth, out);
		return true;
	}
	int next = is_letter_of(p->secret, w[1]) ? NEXT_SECRET : is_letter_of(p->user, w[1]) ? NEXT_USER : is_letter_of(p->cookie, w[1]) ? NEXT_COOKIE : NEXT_ANY;
	if (next != NEXT_ANY && (n == 2 || !p->apart)) {
		option_value(r, s, next, w, n, 2, depth, out);
		return true;
	}
	/* -sSubob:password */
	for (size_t i = 2; p->cookie && i < 6 && i < n && isalpha((unsigned char)w[i]) && !strchr("HXdoAeFTcmxwr", w[1]); i++)
		if (is_letter_of(p->user, w[i]) && memchr(w + i + 1, ':', n - i - 1)) {
			user_word(r, w + i + 1, n - i - 1, i + 1, p->mark, depth, out);
			return true;
		}
	/* -sSLu: letters without a value before it */
	for (size_t i = 1; i < last; i++)
		if (!isalpha((unsigned char)w[i]))
			return false;
	if (n <= 8 && last > 1 && is_letter_of(p->user, w[last])) {
		s->next = NEXT_USER;
		return true;
	}
	/* -bc: the option that makes an argument a password */
	if (p->only && n <= 8 && memchr(w + 1, p->only[0], last))
		s->place += PLACE_ONLY;
	return false;
}

/* The word where a value was due. */
static void due_word(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	int next = s->next;

	s->next = NEXT_ANY;
	if (next == NEXT_SECRET)
		secret_word(r, s->kind, w, n, 0, depth, out);
	else if (next == NEXT_USER)
		user_word(r, w, n, 0, s->program ? s->program->mark : 0, depth, out);
	else if (next == NEXT_COOKIE)
		cookie_word(r, w, n, 0, depth, out);
}

/* sqlplus user/password@db */
static bool slash_word(const char *w, size_t n, struct spans *out)
{
	const char *slash = memchr(w, '/', n), *sign = slash ? memchr(slash, '@', (size_t)(w + n - slash)) : NULL;

	if (!sign || sign - slash < 2 || slash == w || value_is_empty(slash + 1, (size_t)(sign - slash) - 1) || memchr(w, ':', (size_t)(slash - w)))
		return false;
	spans_add(out, (size_t)(slash + 1 - w), (size_t)(sign - w), CLASS_ARGUMENT, RANK_STRUCTURE, slash + 1, (size_t)(sign - slash) - 1);
	return true;
}

/* An argument that its place, or the name before it, makes a password. */
static bool placed_word(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	const struct program *p = s->program;

	if (!p)
		return false;
	s->place++;
	if (!s->verb && note_verb(s, w, n))
		return true;
	if (p->place && s->place == p->place + (p->only ? PLACE_ONLY : 0) && (!p->verb || s->verb) && n >= 3 && w[0] != '/' && !memchr(w, '=', n) &&
		value_is_secret(KEY_STRONG, PLACE_FIELD, w, n)) {
		spans_add(out, 0, n, CLASS_ARGUMENT, RANK_STRUCTURE, w, n);
		return true;
	}
	if (!p->names || memchr(w, '=', n))
		return false;
	enum key_kind kind = redactor_key_kind(r, w, n);
	if (kind != KEY_STRONG && kind != KEY_MEDIUM)
		return false;
	s->next = NEXT_SECRET;
	s->kind = kind;
	return true;
}

void argv_word(struct redactor *r, struct argv_state *s, const char *w, size_t n, int depth, struct spans *out)
{
	bool option = n > 1 && w[0] == '-', command = s->command;

	/* sh -c, and a healthcheck's shell */
	s->command = (n >= 2 && n <= 4 && option && w[n - 1] == 'c') || is_word(w, n, "CMD-SHELL");
	/* an option where a value was due: it takes none after all */
	if (s->next != NEXT_ANY && !(option && n > 2 && w[1] == '-')) {
		due_word(r, s, w, n, depth, out);
		return;
	}
	s->next = NEXT_ANY;
	/* sh -c "A=b run": the assignment ends at the space */
	if (command && memchr(w, ' ', n)) {
		find_text(r, w, n, depth, out);
		return;
	}
	if (option) {
		if (w[1] != '-' && short_option(r, s, w, n, depth, out))
			return;
		if (long_option(r, s, w, n, depth, out))
			return;
	} else {
		if (s->program && strcmp(s->program->name, "sqlplus") == 0 && slash_word(w, n, out))
			return;
		/* xfreerdp /p:X */
		if (s->program && strstr(s->program->name, "freerdp") && n > 3 && starts(w, n, "/p:")) {
			secret_word(r, KEY_STRONG, w + 3, n - 3, 3, depth, out);
			return;
		}
		if (placed_word(r, s, w, n, depth, out))
			return;
		note_program(s, w, n);
		if (env_word(r, w, n, 0, depth, out))
			return;
	}
	find_text(r, w, n, depth, out);
}
