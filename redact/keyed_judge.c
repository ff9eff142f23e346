/* SPDX-License-Identifier: MIT */
/* The value of a name: where it ends, and whether it goes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/keyed.h"
#include "redact/value.h"

/* password = read_line(x): source code */
static bool is_call(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (isalpha((unsigned char)s[i]) || s[i] == '_' || s[i] == '.'))
		i++;
	return i >= 2 && i < n && s[i] == '(';
}

/* var.db_password, config.secret: a member of something that holds the value */
static bool is_member(const char *s, size_t n)
{
	static const char *const holders[] = { "var.", "local.", "config.", "self.", "this.", "env.", "process.env.", "os.", "settings.", "options.", "opts.", "args.",
		"params.", "secrets.", "data.", "vars.", "ctx.", "cfg.", "conf.", "request.", "req.", "user.", "inputs.", "values.", ".Values.", NULL };

	for (const char *const *h = holders; *h; h++) {
		size_t i = strlen(*h);
		if (n <= i || strncmp(s, *h, i) != 0)
			continue;
		while (i < n && (isalpha((unsigned char)s[i]) || s[i] == '_' || s[i] == '.'))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

/* self.password = password */
static bool is_same_name(const struct finder *f, const struct key *k, const struct value *v)
{
	return v->text.len >= 3 && v->text.len <= k->to - k->from && memcmp(f->p + k->to - v->text.len, v->text.data, v->text.len) == 0;
}

/* "NAME=a b c", where a list or a command sets a variable: the value goes to the closing quote. */
static bool read_quoted_pair(const struct finder *f, const struct key *k, size_t at, struct value *ret)
{
	size_t quote = k->from - 1, before = quote, close = at;

	if (k->from <= f->lo || at != k->to + 1 || f->p[k->to] != '=' || (f->p[quote] != '"' && f->p[quote] != '\''))
		return false;
	for (size_t i = k->from; i < k->to; i++)
		if (islower((unsigned char)f->p[i]))
			return false;
	while (before > f->lo && (f->p[before - 1] == ' ' || f->p[before - 1] == '\n'))
		before--;
	/* Environment=A=1 "NAME=a b" */
	size_t line = before;
	while (line > f->lo && f->p[line - 1] != '\n')
		line--;
	bool list = at_is(f, line, "Environment=") || (before > f->lo && (f->p[before - 1] == '[' || f->p[before - 1] == ','));
	bool command = before - f->lo >= 2 && (memcmp(f->p + before - 2, "-e", 2) == 0 || memcmp(f->p + before - 2, "nv", 2) == 0 ||
						      memcmp(f->p + before - 2, "v=", 2) == 0 || memcmp(f->p + before - 2, "t=", 2) == 0);
	while (close < f->hi && f->p[close] != f->p[quote] && f->p[close] != '\n' && f->p[close] != '\\')
		close++;
	if ((!list && !command) || close >= f->hi || f->p[close] != f->p[quote] || close == at)
		return false;
	*ret = (struct value){ .from = at, .to = close, .quoted = true };
	buf_add(&ret->text, f->p + at, close - at);
	return true;
}

/* YAML's | and >: the deeper lines that follow. */
static bool take_block(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	size_t line = k->from, indent = 0;

	if (at >= f->hi || (f->p[at] != '|' && f->p[at] != '>'))
		return false;
	for (at++; at < f->hi && (f->p[at] == '-' || f->p[at] == '+' || isdigit((unsigned char)f->p[at]) || f->p[at] == ' ' || f->p[at] == '\r'); at++)
		;
	if (at >= f->hi || f->p[at] != '\n')
		return false;
	while (line > f->lo && f->p[line - 1] != '\n')
		line--;
	while (f->p[line + indent] == ' ' || f->p[line + indent] == '-')
		indent++;
	for (at++; at < f->hi;) {
		const char *nl = memchr(f->p + at, '\n', f->hi - at);
		size_t end = nl ? (size_t)(nl - f->p) : f->hi, from = at;
		while (from < end && f->p[from] == ' ')
			from++;
		if (from < end && from - at <= indent)
			break;
		while (end > from && isspace((unsigned char)f->p[end - 1]))
			end--;
		if (end > from && !value_is_empty(f->p + from, end - from))
			spans_add(f->out, from, end, rule->class, RANK_TEXT, f->p + from, end - from);
		at = nl ? (size_t)(nl - f->p) + 1 : f->hi;
	}
	return true;
}

static bool has_password(const char *s, size_t n)
{
	static const char *const keys[] = { "password=", "pwd=", "accountkey=", "sharedaccesskey=", NULL };

	for (const char *const *k = keys; *k; k++)
		for (size_t i = 0; i + strlen(*k) < n; i++)
			if (strncasecmp(s + i, *k, strlen(*k)) == 0)
				return true;
	return false;
}

/* twelve words: all of the line */
static bool take_phrase(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	size_t to = at, words = 0;

	if (k->to - k->from < 8 || !at_is(f, k->to - 8, "mnemonic"))
		return false;
	while (to < f->hi && (islower((unsigned char)f->p[to]) || f->p[to] == ' '))
		words += f->p[to++] == ' ';
	while (to > at && f->p[to - 1] == ' ')
		to--;
	if (words < 5)
		return false;
	spans_add(f->out, at, to, rule->class, RANK_TEXT, f->p + at, to - at);
	return true;
}

/* "passphrase: they open it", "Token= setting of": the sentence goes on behind a plain word. */
static bool is_sentence(const struct finder *f, const struct value *v)
{
	for (size_t i = v->from; i < v->to; i++)
		if (!islower((unsigned char)f->p[i]))
			return false;
	size_t at = v->to;
	if (at + 1 >= f->hi || f->p[at] != ' ' || !islower((unsigned char)f->p[at + 1]))
		return false;
	for (at++; at < f->hi && islower((unsigned char)f->p[at]);)
		at++;
	return at < f->hi && f->p[at] != '=' && f->p[at] != ':' && f->p[at] != '_';
}

/* grant_type=authorization_code&code=x: here a code is a credential whatever it looks like */
static bool is_grant(const struct finder *f, const struct key *k)
{
	size_t lo = k->from - f->lo > 200 ? k->from - 200 : f->lo, hi = f->hi - k->to > 200 ? k->to + 200 : f->hi;

	return k->to - k->from == 4 && at_is(f, k->from, "code") && memmem(f->p + lo, hi - lo, "=authorization_code", 19);
}

/* tokens:, and an item of YAML on each line: those that only a machine makes, for names stand so, too */
static bool take_items(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	bool any = false;

	if ((f->p[k->to - 1] | 0x20) != 's' || at >= f->hi || f->p[at] != '\n')
		return false;
	for (int i = 0; i < 64 && at < f->hi && f->p[at] == '\n'; i++) {
		struct value v;
		size_t item = at + 1;
		while (item < f->hi && f->p[item] == ' ')
			item++;
		if (!at_is(f, item, "- ") || !value_read(f, item + 2, &v))
			break;
		if (value_is_random(v.text.data, v.text.len) && !value_is_empty(v.text.data, v.text.len)) {
			value_span(f, rule->class, &v);
			any = true;
		}
		const char *nl = memchr(f->p + v.to, '\n', f->hi - v.to);
		at = nl ? (size_t)(nl - f->p) : f->hi;
		value_free(&v);
	}
	return any;
}

void keyed_judge(struct finder *f, const struct rule *rule, const struct key *k, size_t at, bool prose)
{
	_cleanup_value_ struct value v = { 0 };

	if ((k->kind == KEY_STRONG || k->kind == KEY_MEDIUM) && take_block(f, rule, k, at))
		return;
	if (take_phrase(f, rule, k, at) || (k->kind != KEY_NONE && take_items(f, rule, k, at)))
		return;
	/* a list of cookies or headers */
	if ((k->kind == KEY_HEADER || k->kind == KEY_COOKIE) && at + 1 < f->hi && f->p[at] == '[' && (f->p[at + 1] == '"' || f->p[at + 1] == '\'')) {
		for (int i = 0; i < 16 && value_read(f, ++at, &v) && v.quoted; i++) {
			if (k->kind == KEY_HEADER)
				extract_header(f, &v);
			else
				extract_cookies(f, &v);
			at = v.to + 1;
			value_free(&v);
			v = (struct value){ 0 };
			if (at >= f->hi || f->p[at] != ',')
				return;
			while (at + 1 < f->hi && f->p[at + 1] == ' ')
				at++;
		}
		return;
	}

	/* Go prints lists of headers so: map[Authorization:[Bearer x]] */
	if ((k->kind == KEY_HEADER || k->kind == KEY_COOKIE || k->kind == KEY_STRONG) && at + 1 < f->hi && f->p[at] == '[' &&
		char_is(f->p[at + 1], CHAR_ALNUM) && (f->p[k->to - 1] | 0x20) != 's')
		at++;
	if (at < f->hi && (f->p[at] == '{' || f->p[at] == '[' || f->p[at] == '\n' || f->p[at] == '\r'))
		return; /* a structure, or nothing on this line: its own keys tell */
	/* key=short: by far the most of them, and never secret */
	size_t run = at;
	while (k->kind == KEY_WEAK && run < f->hi && run - at < 12 && char_is(f->p[run], CHAR_RUN))
		run++;
	if (k->kind == KEY_WEAK && run - at < 12 && run < f->hi && (f->p[run] == ' ' || f->p[run] == ':' || f->p[run] == '\n'))
		return;
	if (!read_quoted_pair(f, k, at, &v) && !value_read(f, at, &v))
		return;
	/* SetCredential=ID:value */
	const char *colon = at_is(f, k->from, "SetCredential") && !v.quoted ? memchr(f->p + v.from, ':', v.to - v.from) : NULL;
	if (colon) {
		v.from = (size_t)(colon - f->p) + 1;
		buf_clear(&v.text);
		buf_add(&v.text, f->p + v.from, v.to - v.from);
	}
	if (k->kind == KEY_HEADER) {
		extract_header(f, &v);
		return;
	}
	if (k->kind == KEY_COOKIE) {
		extract_cookies(f, &v);
		return;
	}
	if (!v.quoted && v.text.len && (is_call(v.text.data, v.text.len) || is_member(v.text.data, v.text.len) || is_same_name(f, k, &v)))
		return;
	/* Secret=db,type=env: which secret a container gets, and how */
	if (at_is(f, k->from, "secret") && k->to - k->from == 6 && (at_is(f, v.to, ",type=") || at_is(f, v.to, ",target=") || at_is(f, v.to, ",uid=")))
		return;
	/* the pairs of a connection string are judged one by one, if there are any */
	if (k->to - k->from >= 16 && at_is(f, k->to - 16, "connectionstring") && memchr(v.text.data, ';', v.text.len) && has_password(v.text.data, v.text.len))
		return;
	if (!v.quoted && v.from > k->to + 1 && f->p[v.from - 1] == ' ' && is_sentence(f, &v))
		return;
	/* kubectl describe: "password:  16 bytes" */
	if (value_is_number(v.text.data, v.text.len) && at_is(f, v.to, " bytes"))
		return;
	enum value_place place = v.quoted ? PLACE_QUOTED : prose ? PLACE_PROSE : PLACE_BARE;
	enum key_kind kind = k->kind == KEY_WEAK && is_grant(f, k) ? KEY_MEDIUM : k->kind;
	if (v.to > v.from && value_is_secret(kind, place, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
}
