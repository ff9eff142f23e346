/* SPDX-License-Identifier: MIT */
/* Values that are secret because of the name before them, in every notation that text has. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/find.h"
#include "redact/keyname.h"
#include "redact/value.h"

struct key {
	size_t from, to;
	bool option; /* -x or --x: a space may part it from its value */
	bool quoted;
	enum key_kind kind;
};

/* The whole name around a trigger; its kind is not asked yet. */
static bool key_around(struct finder *f, size_t end, struct key *ret)
{
	size_t to = end, from;

	while (to > f->lo && !char_is(f->p[to - 1], CHAR_ALNUM))
		to--;
	if (to <= f->key_done)
		return false;
	from = word_start(f, to, CHAR_NAME, 96);
	while (to < f->hi && to - from < 160 && char_is(f->p[to], CHAR_NAME))
		to++;
	while (to > from && !char_is(f->p[to - 1], CHAR_ALNUM) && f->p[to - 1] != '_')
		to--;
	f->key_done = to;
	*ret = (struct key){ .from = from, .to = to };
	while (ret->from < to && f->p[ret->from] == '-') {
		ret->option = true;
		ret->from++;
	}
	for (size_t i = from; i < to; i++)
		if (f->p[i] == 'R' && value_token(f->p + i, to - i))
			return false;
	return true;
}

static size_t skip_spaces(const struct finder *f, size_t at)
{
	for (;;) {
		size_t k = at < f->hi ? ansi_length(f->p + at, f->hi - at) : 0;
		if (k)
			at += k;
		else if (at < f->hi && (f->p[at] == ' ' || f->p[at] == '\t'))
			at++;
		else
			return at;
	}
}

/* The quotes and brackets that close a name. */
static size_t skip_closers(const struct finder *f, size_t at, struct key *k)
{
	static const char *const names[] = { "%22", "%27", "\\u0022", "&quot;", "&#34;", NULL };

	for (;;) {
		const char *p = f->p + at;
		size_t n = f->hi - at, s = 0;

		if (!n || !p[0] || !strchr("%&\\\"'`]\x1b#^", p[0]))
			return at;
		for (const char *const *name = names; *name; name++)
			if (n > strlen(*name) && memcmp(p, *name, strlen(*name)) == 0)
				s = strlen(*name);
		if (!s) {
			while (s < n && s < 16 && p[s] == '\\')
				s++;
			if (s < n && p[s] && strchr("\"'`", p[s]))
				s++;
			else
				s = ansi_length(p, n);
			if (!s && n && p[0] == ']')
				s = 1;
			else if (s && !ansi_length(p, n))
				k->quoted = true;
		} else {
			k->quoted = true;
		}
		if (!s)
			return at;
		at += s;
	}
}

/* "=", ":", "=>", ":=" and their encodings; 0 when there is none at `at`. prose: ": " as in a sentence. */
static size_t separator(const struct finder *f, size_t at, bool *prose)
{
	static const char *const encoded[] = { "%3d", "%3a", "\\u003d", "\\u003e", NULL };
	size_t n = f->hi - at;

	*prose = false;
	for (const char *const *s = encoded; n && (f->p[at] == '%' || f->p[at] == '\\') && *s; s++)
		if (at_is(f, at, *s))
			return strlen(*s);
	if (!n || (f->p[at] != '=' && f->p[at] != ':'))
		return 0;
	if (n > 1 && f->p[at] == ':' && f->p[at + 1] == ':')
		return 0;
	*prose = f->p[at] == ':' && n > 1 && (f->p[at + 1] == ' ' || f->p[at + 1] == '\t');
	size_t k = 1;
	while (k < n && k < 3 && (f->p[at + k] == '=' || f->p[at + k] == '>'))
		k++;
	return k;
}

/* After an option: spaces, a continued line, or the next element of a list. */
static size_t next_word(const struct finder *f, size_t at)
{
	size_t i = at;

	while (i < f->hi && (isspace((unsigned char)f->p[i]) || f->p[i] == ',' ||
		(f->p[i] == '\\' && i + 1 < f->hi && isspace((unsigned char)f->p[i + 1]))))
		i++;
	if (i < f->hi && f->p[i] == '-' && i + 1 < f->hi && f->p[i + 1] == ' ')
		i += 2; /* YAML's next item */
	return i < f->hi && f->p[i] != '-' ? i : 0;
}

/* The word that ends before `at`, over white space; its start and end. */
static bool word_before(const struct finder *f, size_t at, size_t lo, size_t *ret_from, size_t *ret_to)
{
	size_t to = at, from;

	while (to > lo && isspace((unsigned char)f->p[to - 1]))
		to--;
	for (from = to; from > lo && !isspace((unsigned char)f->p[from - 1]); from--)
		;
	*ret_from = from;
	*ret_to = to;
	return to > from;
}

/* machine X login Y password Z, on one line or on one each: the words of netrc stand before the key. */
static bool is_netrc(const struct finder *f, const struct key *k)
{
	size_t lo = k->from - f->lo > 300 ? k->from - 300 : f->lo, at = k->from, from, to;
	bool login = false;

	if (!(k->to - k->from == 8 && memcmp(f->p + k->from, "password", 8) == 0))
		return false;
	for (int i = 0; i < 6 && word_before(f, at, lo, &from, &to); i++) {
		size_t n = to - from;
		if (i % 2 && (n == 7) && (memcmp(f->p + from, "machine", 7) == 0 || memcmp(f->p + from, "default", 7) == 0))
			return true;
		if (login && n == 7 && memcmp(f->p + from, "default", 7) == 0)
			return true;
		login = i % 2 && n == 5 && memcmp(f->p + from, "login", 5) == 0;
		if (login && (from == f->lo || f->p[from - 1] == '\n'))
			return true;
		at = from;
	}
	return false;
}

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

	if (k->from <= f->lo || (f->p[quote] != '"' && f->p[quote] != '\''))
		return false;
	for (size_t i = k->from; i < k->to; i++)
		if (islower((unsigned char)f->p[i]))
			return false;
	while (before > f->lo && (f->p[before - 1] == ' ' || f->p[before - 1] == '\n'))
		before--;
	bool list = before > f->lo && (f->p[before - 1] == '[' || f->p[before - 1] == ',');
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

static void judge(struct finder *f, const struct rule *rule, const struct key *k, size_t at, bool prose)
{
	_cleanup_value_ struct value v = { 0 };

	if ((k->kind == KEY_STRONG || k->kind == KEY_MEDIUM) && take_block(f, rule, k, at))
		return;
	if (take_phrase(f, rule, k, at))
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
	enum value_place place = v.quoted ? PLACE_QUOTED : prose ? PLACE_PROSE : PLACE_BARE;
	if (v.to > v.from && value_is_secret(k->kind, place, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
}

/* The key is itself a value: {"name":"DB_PASSWORD","value":"x"} in either order, in JSON, YAML or XML. */
static bool judge_pair(struct finder *f, const struct rule *rule, const struct key *k)
{
	size_t at = k->from, end = f->hi - k->to > 400 ? k->to + 400 : f->hi;
	struct key other = *k;

	while (at > f->lo && k->from - at < 8 && f->p[at - 1] && strchr(" \"'\\=:", f->p[at - 1]))
		at--;
	size_t word = at;
	while (word > f->lo && at - word < 8 && isalpha((unsigned char)f->p[word - 1]))
		word--;
	if (!(at - word == 4 && strncasecmp(f->p + word, "name", 4) == 0) &&
		!(at - word == 3 && strncasecmp(f->p + word, "key", 3) == 0))
		return false;
	/* a form's part: its value is the next paragraph */
	if (k->quoted) {
		size_t after = skip_closers(f, k->to, &other);
		if (at_is(f, after, "\r\n\r\n")) {
			judge(f, rule, k, after + 4, false);
			return true;
		}
	}
	/* forward: within this item, so not past its end nor the next item's name */
	for (size_t i = k->to; i + 5 < end; i++) {
		bool prose;
		if (f->p[i] == '}' || at_is(f, i, "name:") || at_is(f, i, "\"name\"") || at_is(f, i, "/>"))
			break;
		if (!at_is(f, i, "value") || isalnum((unsigned char)f->p[i + 5]) || isalnum((unsigned char)f->p[i - 1]))
			continue;
		if (f->p[i - 1] == '<' && i + 6 < end && f->p[i + 5] == '>') {
			judge(f, rule, k, i + 6, false);
			return true;
		}
		size_t v = skip_closers(f, i + 5, &other), s;
		v = skip_spaces(f, v);
		s = separator(f, v, &prose);
		if (s)
			judge(f, rule, k, skip_spaces(f, v + s), false);
		return true;
	}
	/* backward */
	size_t lo = word - f->lo > 400 ? word - 400 : f->lo;
	for (size_t i = word; i-- > lo;) {
		bool prose;
		if (f->p[i] == '{' || f->p[i] == '}' || f->p[i] == '<' || (f->p[i] == '-' && i + 1 < word && f->p[i + 1] == ' ' && !at_is(f, i, "- value")))
			return false;
		if (!at_is(f, i, "value") || isalnum((unsigned char)f->p[i + 5]))
			continue;
		size_t v = skip_closers(f, i + 5, &other), s;
		v = skip_spaces(f, v);
		s = separator(f, v, &prose);
		if (s)
			judge(f, rule, k, skip_spaces(f, v + s), false);
		return true;
	}
	return false;
}

/* <key>K</key><string>V</string>, <k>V</k>, <e key="K">V</e> */
static bool judge_xml(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	if (at_is(f, at, "</key>")) {
		for (at += 6; at < f->hi && isspace((unsigned char)f->p[at]);)
			at++;
		if (at_is(f, at, "<string>"))
			judge(f, rule, k, at + 8, false);
		return true;
	}
	/* <password type="x">V</password> */
	if (k->from > f->lo && f->p[k->from - 1] == '<' && at < f->hi && f->p[at] == ' ') {
		size_t i = at;
		while (i < f->hi && i - at < 200 && f->p[i] != '>' && f->p[i] != '\n' && f->p[i] != '<')
			i++;
		if (i < f->hi && f->p[i] == '>' && f->p[i - 1] != '/')
			at = i;
	}
	if (at < f->hi && f->p[at] == '>' && (k->quoted || (k->from > f->lo && f->p[k->from - 1] == '<'))) {
		at++;
		if (at_is(f, at, "<![CDATA["))
			at += 9;
		/* <Password><Value>V</Value></Password> */
		if (at_is(f, at, "<value>"))
			at += 7;
		/* Jenkins: {V} */
		if (at < f->hi && f->p[at] == '{' && !at_is(f, at, "{{") && !at_is(f, at, "{\""))
			at++;
		if (at < f->hi && f->p[at] != '<')
			judge(f, rule, k, at, false);
		return true;
	}
	/* &lt;password&gt;V&lt;/password&gt;, and as \u003c */
	static const char *const closers[] = { "&gt;", "\\u003e", NULL };
	for (const char *const *c = closers; *c; c++)
		if (at_is(f, at, *c) && k->from > f->lo + 3 && (f->p[k->from - 1] == ';' || escape_before(f, k->from))) {
			struct value v = { .from = at + strlen(*c) };
			for (v.to = v.from; v.to < f->hi && f->p[v.to] > ' ' && f->p[v.to] != '&' && f->p[v.to] != '\\' && f->p[v.to] != '<'; v.to++)
				;
			buf_add(&v.text, f->p + v.from, v.to - v.from);
			if (v.to > v.from && value_is_secret(k->kind, PLACE_QUOTED, v.text.data, v.text.len))
				value_span(f, rule->class, &v);
			value_free(&v);
			return true;
		}
	return false;
}

/* arn:aws:secretsmanager:…:secret:NAME */
static bool in_arn(const struct finder *f, const struct key *k)
{
	size_t from = k->from;

	if (from <= f->lo || f->p[from - 1] != ':')
		return false;
	while (from > f->lo && k->from - from < 128 && !isspace((unsigned char)f->p[from - 1]) && f->p[from - 1] != '"')
		from--;
	return at_is(f, from, "arn:");
}

/* setPassword("x"), PASSWORD('x'), but not getPassword("of") */
static bool judge_call(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	static const char *const asks[] = { "get", "has", "is", "check", "find", "read", "load", "verify", "require", "prompt", NULL };
	struct value v;

	if (k->kind != KEY_STRONG || k->quoted || at + 2 >= f->hi || f->p[at] != '(' || (f->p[at + 1] != '"' && f->p[at + 1] != '\''))
		return false;
	for (const char *const *a = asks; *a; a++)
		if (at_is(f, k->from, *a))
			return false;
	if (!value_read(f, at + 1, &v))
		return false;
	if (v.quoted && v.to + 1 < f->hi && f->p[v.to + 1] == ')' && value_is_secret(KEY_MEDIUM, PLACE_QUOTED, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
	value_free(&v);
	return true;
}

/* "public key: x", "peer key: x" */
static bool is_public(const struct finder *f, const struct key *k)
{
	size_t n = k->from - f->lo;

	return k->kind == KEY_WEAK && ((n >= 7 && strncasecmp(f->p + k->from - 7, "public ", 7) == 0) || (n >= 5 && strncasecmp(f->p + k->from - 5, "host ", 5) == 0));
}

/* What stands before a value that is not part of it: Some("x"), &anchor x, !!str x, string(20) "x", <<"x">>, : string = 'x' */
static size_t skip_wrapping(const struct finder *f, size_t at)
{
	size_t i = at;

	if (at >= f->hi)
		return at;
	if (at_is(f, at, "Some(") && f->hi - at > 6) {
		for (i = at + 5; i < f->hi && isspace((unsigned char)f->p[i]);)
			i++;
		return i < f->hi && f->p[i] == '"' ? i : at;
	}
	if (at_is(f, at, "<<\""))
		return at + 2;
	if (at_is(f, at, "** ") || at_is(f, at, "__ "))
		return at + 3;
	if (f->p[at] == '&' || at_is(f, at, "!!str ")) {
		for (i++; i < f->hi && i - at < 32 && (isalnum((unsigned char)f->p[i]) || strchr("_-!", f->p[i])); i++)
			;
		return i < f->hi && f->p[i] == ' ' ? i + 1 : at;
	}
	if (at_is(f, at, "string") || at_is(f, at, "String")) {
		for (i = at + 6; i < f->hi && i - at < 16 && f->p[i] && strchr("(0123456789) =", f->p[i]); i++)
			;
		return i > at + 6 && i < f->hi && (f->p[i] == '"' || f->p[i] == '\'') ? i : at;
	}
	return at;
}

void extract_key(struct finder *f, const struct rule *rule, size_t end)
{
	struct key k;
	bool prose = false;

	if (!key_around(f, end, &k))
		return;
	size_t at = skip_closers(f, k.to, &k);
	/* most words are just words: a letter, or a space and no separator after it */
	bool element = k.from > f->lo && f->p[k.from - 1] == '<';
	if (!k.option && !k.quoted && !element && at < f->hi && f->p[at] == ' ' && at + 1 < f->hi && char_is(f->p[at + 1], CHAR_ALNUM) &&
		!is_netrc(f, &k)) {
		extract_prose(f, rule, k.from, k.to, at + 1, redactor_key_kind(f->r, f->p + k.from, k.to - k.from));
		return;
	}
	k.kind = redactor_key_kind(f->r, f->p + k.from, k.to - k.from);
	if (k.kind == KEY_NONE || is_public(f, &k) || in_arn(f, &k))
		return;
	if (judge_xml(f, rule, &k, at) || judge_call(f, rule, &k, at))
		return;
	/* {password,<<"x">>}: Erlang */
	if (!k.quoted && at_is(f, at, ",<<\"")) {
		judge(f, rule, &k, at + 3, false);
		return;
	}
	size_t after = skip_spaces(f, at), s = separator(f, after, &prose);
	/* -v $PWD:/src, ${TOKEN:-x}; 'passwd:' in quotes of its own */
	if (s && f->p[after] == ':' && k.from > f->lo && ((f->p[k.from - 1] == '$' && f->p[after + s] != ' ') ||
		((f->p[k.from - 1] == '\'' || f->p[k.from - 1] == '"') && at == k.to && after + s < f->hi && f->p[after + s] == f->p[k.from - 1])))
		return;
	if (s && f->p[after] == '%' && f->depth < DEPTH_MAX)
		return; /* percent-encoded: judged decoded */
	if (s) {
		size_t value = skip_wrapping(f, skip_spaces(f, after + s));
		/* var_dump puts it on the next line */
		if (k.quoted && value < f->hi && f->p[value] == '\n' && f->p[after] == '=')
			value = skip_wrapping(f, skip_spaces(f, value + 1));
		/* "secret= next=1": empty */
		size_t word = value;
		while (word < f->hi && word - value < 64 && (char_is(f->p[word], CHAR_ALNUM) || f->p[word] == '_'))
			word++;
		if (value > after + s && f->p[after] == '=' && word > value && word < f->hi && f->p[word] == '=' && word + 1 < f->hi &&
			f->p[word + 1] != '=' && !char_is(f->p[word + 1], CHAR_SPACE))
			return;
		judge(f, rule, &k, value, prose && !k.quoted);
		return;
	}
	/* | password | x | */
	if (!k.quoted && after > at && after + 1 < f->hi && f->p[after] == '|' && f->p[after + 1] == ' ' && k.from >= f->lo + 2 && f->p[k.from - 2] == '|') {
		judge(f, rule, &k, skip_spaces(f, after + 1), k.kind != KEY_STRONG);
		return;
	}
	if (k.kind != KEY_WEAK && judge_pair(f, rule, &k))
		return;
	/* define('DB_PASSWORD', 'x'): two of them, in parentheses */
	size_t open = k.from > f->lo + 2 && f->p[k.from - 2] == ' ' ? k.from - 3 : k.from - 2;
	if (k.quoted && k.kind == KEY_STRONG && after < f->hi && f->p[after] == ',' && k.from >= f->lo + 2 && f->p[open] == '(') {
		_cleanup_value_ struct value v = { 0 };
		size_t next = next_word(f, after);
		if (next && value_read(f, next, &v) && v.quoted && v.to + 2 < f->hi && (f->p[v.to + 1] == ')' || (f->p[v.to + 1] == ' ' && f->p[v.to + 2] == ')')) &&
			value_is_secret(KEY_MEDIUM, PLACE_QUOTED, v.text.data, v.text.len))
			value_span(f, rule->class, &v);
		return;
	}
	/* ["Authorization", "Bearer x"], but not a list of names in a sentence */
	bool first = k.quoted && (k.kind == KEY_HEADER || k.kind == KEY_COOKIE) && after < f->hi && f->p[after] == ',' && k.from >= f->lo + 2 &&
		     f->p[k.from - 1] != '`' && (f->p[k.from - 2] == '[' || f->p[k.from - 2] == '(');
	if (k.option && at_is(f, at, "</string>")) {
		size_t next = at + 9;
		while (next < f->hi && isspace((unsigned char)f->p[next]))
			next++;
		if (at_is(f, next, "<string>"))
			judge(f, rule, &k, next + 8, false);
		return;
	}
	/* `--password` of a sentence */
	if (k.option && at > k.to && f->p[at - 1] == '`')
		return;
	if (k.option || first) {
		size_t next = k.option && at_is(f, k.from, "secret") && k.to - k.from == 6 ? 0 : next_word(f, at);
		if (next > at)
			judge(f, rule, &k, next, false);
		return;
	}
	if (after > at && k.kind == KEY_STRONG && !k.quoted && is_netrc(f, &k)) {
		judge(f, rule, &k, after, false);
		return;
	}
	if (after < f->hi && isspace((unsigned char)f->p[after]) && is_netrc(f, &k)) {
		while (after < f->hi && isspace((unsigned char)f->p[after]))
			after++;
		judge(f, rule, &k, after, false);
		return;
	}
	/* SQL: PASSWORD 'x' */
	if (after > at && after < f->hi && f->p[after] == '\'' && k.kind == KEY_STRONG)
		judge(f, rule, &k, after, false);
	else if (after > at && !k.quoted)
		extract_prose(f, rule, k.from, k.to, after, k.kind);
}

void extract_sql(struct finder *f, const struct rule *rule, size_t end)
{
	_cleanup_value_ struct value v = { 0 };
	size_t at = skip_spaces(f, end);

	if (at_is(f, at, "password "))
		at = skip_spaces(f, at + 9);
	/* IDENTIFIED WITH plugin BY 'x', or AS '*HASH' */
	for (size_t i = at; at_is(f, end - 4, "with") && i + 5 < f->hi && i - at < 80 && f->p[i] != '\n' && f->p[i] != ';'; i++)
		if (at_is(f, i, " by '") || at_is(f, i, " as '")) {
			at = i + 4;
			break;
		}
	if (at < f->hi && f->p[at] != '`' && value_read(f, at, &v) && v.quoted && !value_is_empty(v.text.data, v.text.len))
		value_span(f, rule->class, &v);
}
