/* SPDX-License-Identifier: MIT */
/* Line formats whose keys say what is secret: units, systemctl show, environment files, scripts, launchctl. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/argv.h"
#include "redact/keyname.h"
#include "redact/value.h"
#include "redact/words.h"

static void env_words(struct redactor *r, struct words *w, struct spans *out)
{
	struct decoded d;

	while (word_next(w, &d)) {
		_cleanup_spans_ struct spans found = { 0 };
		env_word(r, d.data, d.len, 0, 1, &found);
		decoded_spans(&d, &found, out);
		decoded_free(&d);
	}
}

static void argv_words(struct redactor *r, struct words *w, struct spans *out)
{
	struct argv_state state = { 0 };
	struct decoded d;

	while (word_next(w, &d)) {
		_cleanup_spans_ struct spans found = { 0 };
		if (w->ended)
			state = (struct argv_state){ 0 };
		argv_word(r, &state, d.data, d.len, 1, &found);
		decoded_spans(&d, &found, out);
		decoded_free(&d);
	}
}

/* A logical line: [from, to) without its line feed; continued ones are one when `continues`. */
static bool next_line(const char *p, size_t n, size_t *at, bool continues, size_t *ret_from, size_t *ret_to)
{
	if (*at >= n)
		return false;
	*ret_from = *at;
	for (size_t i = *at;; i++) {
		const char *nl = memchr(p + i, '\n', n - i);
		i = nl ? (size_t)(nl - p) : n;
		if (i == n || !continues || i == *ret_from || p[i - 1] != '\\') {
			*ret_to = i;
			*at = i + 1;
			return true;
		}
	}
}

static bool name_is(const char *p, size_t n, const char *s)
{
	return strlen(s) == n && memcmp(p, s, n) == 0;
}

static bool name_starts(const char *p, size_t n, const char *s)
{
	return n >= strlen(s) && memcmp(p, s, strlen(s)) == 0;
}

static void set_credential(const char *p, size_t from, size_t to, struct spans *out)
{
	const char *colon = memchr(p + from, ':', to - from);
	size_t at = colon ? (size_t)(colon - p) + 1 : to;

	while (to > at && isspace((unsigned char)p[to - 1]))
		to--;
	if (to <= at || value_is_empty(p + at, to - at))
		return;
	/* each line of a continued one, so that there stay as many */
	for (size_t i = at, next; i < to; i = next) {
		const char *nl = memchr(p + i, '\n', to - i);
		next = nl ? (size_t)(nl - p) + 1 : to;
		size_t end = nl ? next - 2 : to;
		while (i < end && isspace((unsigned char)p[i]))
			i++;
		while (end > i && isspace((unsigned char)p[end - 1]))
			end--;
		if (end > i)
			spans_add(out, i, end, CLASS_KEY_FILE, RANK_STRUCTURE, p + at, to - at);
	}
}

static void unit_line(struct redactor *r, const char *p, size_t from, size_t eq, size_t to, struct spans *out)
{
	size_t end = eq, at = eq + 1;

	while (end > from && isspace((unsigned char)p[end - 1]))
		end--;
	while (at < to && (p[at] == ' ' || p[at] == '\t'))
		at++;
	const char *key = p + from;
	size_t n = end - from;
	struct words w = { .p = p, .at = at, .n = to, .style = WORDS_SYSTEMD };
	if (name_is(key, n, "Environment") || name_is(key, n, "Label") || name_is(key, n, "Annotation"))
		env_words(r, &w, out);
	else if (name_starts(key, n, "Exec") || name_is(key, n, "PodmanArgs") || name_is(key, n, "GlobalArgs") || name_is(key, n, "HealthCmd"))
		argv_words(r, &w, out);
	else if (name_starts(key, n, "SetCredential"))
		set_credential(p, at, to, out);
	else if (!name_starts(key, n, "Load") && !name_is(key, n, "Secret") && !name_is(key, n, "PassEnvironment") && to > at) {
		/* other INI files: WireGuard's PrivateKey=, NetworkManager's psk= */
		while (to > at && isspace((unsigned char)p[to - 1]))
			to--;
		enum key_kind kind = name_is(key, n, "psk") ? KEY_STRONG : redactor_key_kind(r, key, n);
		if (kind != KEY_HEADER && kind != KEY_COOKIE && value_is_secret(kind, PLACE_FIELD, p + at, to - at))
			spans_add(out, at, to, CLASS_KEYED, RANK_STRUCTURE, p + at, to - at);
	}
}

void find_unit(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	size_t at = 0, from, to;

	while (next_line(p, n, &at, true, &from, &to)) {
		while (from < to && isspace((unsigned char)p[from]))
			from++;
		const char *eq = memchr(p + from, '=', to - from);
		if (from == to || p[from] == '#' || p[from] == ';' || p[from] == '[' || !eq)
			continue;
		unit_line(r, p, from, (size_t)(eq - p), to, out);
	}
	find_text(r, p, n, 0, out);
}

void find_show(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	size_t at = 0, from, to;

	while (next_line(p, n, &at, false, &from, &to)) {
		struct words w = { .p = p, .n = to, .style = WORDS_SYSTEMD };
		if (name_starts(p + from, to - from, "Environment=")) {
			w.at = from + 12;
			env_words(r, &w, out);
		} else if (name_starts(p + from, to - from, "SetCredential")) {
			set_credential(p, from, to, out);
		} else if (name_starts(p + from, to - from, "Exec")) {
			/* { path=… ; argv[]=… ; ignore_errors=no ; … } */
			const char *argv = memmem(p + from, to - from, "argv[]=", 7);
			if (!argv)
				continue;
			w.at = (size_t)(argv + 7 - p);
			const char *semicolon = memmem(argv, (size_t)(p + to - argv), " ; ", 3);
			w.n = semicolon ? (size_t)(semicolon - p) : to;
			w.style = WORDS_SPACE;
			argv_words(r, &w, out);
		}
	}
	find_text(r, p, n, 0, out);
}

/* /proc/PID/cmdline: words with a zero byte after each. */
static void find_cmdline(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	struct argv_state state = { 0 };

	for (size_t at = 0; at < n;) {
		const char *zero = memchr(p + at, '\0', n - at);
		size_t to = zero ? (size_t)(zero - p) : n;
		_cleanup_spans_ struct spans found = { 0 };
		struct decoded d = { .from = at, .to = to };
		argv_word(r, &state, p + at, to - at, 1, &found);
		decoded_spans(&d, &found, out);
		at = to + 1;
	}
	find_text(r, p, n, 0, out);
}

/* KEY=value lines, values possibly quoted and over several lines; or NUL-separated, as /proc/…/environ. */
void find_env(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	/* environ has a name in each word, cmdline a program first */
	const char *zero = memchr(p, '\0', n);
	if (zero && !memchr(p, '=', (size_t)(zero - p)) && !memchr(p, '\n', (size_t)(zero - p))) {
		find_cmdline(r, p, n, out);
		return;
	}
	for (size_t at = 0; at < n;) {
		size_t from = at, to;
		while (from < n && (isspace((unsigned char)p[from]) || p[from] == '\0'))
			from++;
		if (n - from > 7 && memcmp(p + from, "export ", 7) == 0)
			from += 7;
		for (to = from; to < n && p[to] != '\n' && p[to] != '\0' && p[to] != '='; to++)
			;
		if (from >= n || p[from] == '#' || p[from] == ';' || to >= n || p[to] != '=') {
			while (to < n && p[to] != '\n' && p[to] != '\0')
				to++;
			at = to + 1;
			continue;
		}
		size_t name_end = to, v = to + 1, end;
		while (name_end > from && isspace((unsigned char)p[name_end - 1]))
			name_end--;
		while (v < n && (p[v] == ' ' || p[v] == '\t'))
			v++;
		char quote = v < n && (p[v] == '"' || p[v] == '\'') ? p[v] : 0;
		if (quote) {
			for (end = ++v; end < n && p[end] != quote && p[end] != '\0'; end++)
				if (quote == '"' && p[end] == '\\' && end + 1 < n)
					end++;
			at = end + 1;
			if (end > n)
				end = n;
		} else {
			for (end = v; end < n && p[end] != '\0' && !(p[end] == '\n' && (end == v || p[end - 1] != '\\')); end++)
				;
			at = end + 1;
			while (end > v && isspace((unsigned char)p[end - 1]))
				end--;
		}
		env_pair(r, p + from, name_end - from, p + v, end - v, v, 1, out);
	}
	find_text(r, p, n, 0, out);
}

void find_script(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	struct words w = { .p = p, .n = n, .style = WORDS_SHELL };

	argv_words(r, &w, out);
	find_text(r, p, n, 0, out);
}

/* launchctl print: "environment = {" with "K => V" rows, "arguments = {" with a row each, until a brace at
 * the block's own depth; what is between is arbitrary text, braces too. */
void find_launchctl(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	size_t at = 0, from, to, depth = 0;
	enum { OUTSIDE, ENVIRONMENT, ARGUMENTS } block = OUTSIDE;
	struct argv_state state = { 0 };

	while (next_line(p, n, &at, false, &from, &to)) {
		size_t i = from;
		while (i < to && (p[i] == '\t' || p[i] == ' '))
			i++;
		if (to > i && p[to - 1] == '\r')
			to--;
		if (block != OUTSIDE && i - from <= depth && to - i <= 2 && i < to && (p[i] == '}' || p[i] == ')')) {
			block = OUTSIDE;
			continue;
		}
		if (block == OUTSIDE) {
			bool opens = to - i > 4 && (p[to - 1] == '{' || p[to - 1] == '(');
			if (opens && (memmem(p + i, to - i, "environment", 11) || memmem(p + i, to - i, "EnvironmentVariables", 20)))
				block = ENVIRONMENT;
			else if (opens && (memmem(p + i, to - i, "arguments", 9) || memmem(p + i, to - i, "ProgramArguments", 16)))
				block = ARGUMENTS;
			depth = i - from;
			state = (struct argv_state){ 0 };
			continue;
		}
		if (block == ENVIRONMENT) {
			const char *arrow = memmem(p + i, to - i, " => ", 4);
			if (arrow)
				env_pair(r, p + i, (size_t)(arrow - p) - i, arrow + 4, (size_t)(p + to - arrow) - 4, (size_t)(arrow + 4 - p), 1, out);
			continue;
		}
		/* "x"; in the rows of `launchctl list LABEL` */
		size_t end = to;
		if (end > i && p[end - 1] == ';')
			end--;
		if (end - i >= 2 && p[i] == '"' && p[end - 1] == '"') {
			i++;
			end--;
		}
		_cleanup_spans_ struct spans found = { 0 };
		struct decoded d = { .from = i, .to = end };
		argv_word(r, &state, p + i, end - i, 1, &found);
		decoded_spans(&d, &found, out);
	}
	find_text(r, p, n, 0, out);
}
