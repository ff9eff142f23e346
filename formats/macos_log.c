/* SPDX-License-Identifier: MIT */
#include "formats/macos.h"

#include <string.h>

#include "formats/text.h"

/* launchd's sentences, as they were seen on macOS 12 to 26. The first that fits decides. */
static const struct {
	const char *text;
	enum macos_log_event event;
	const char *seconds; /* behind which the number of seconds stands */
} sentences[] = {
	{ "Pushing respawn out by ", MACOS_LOG_THROTTLED, "Pushing respawn out by " },
	{ "service spawn deferred by ", MACOS_LOG_THROTTLED, "service spawn deferred by " },
	{ "on-demand-only mode", MACOS_LOG_ON_DEMAND, NULL },
	{ "service state: ", MACOS_LOG_STATE, NULL },
	{ "bootout initiated by", MACOS_LOG_BOOTOUT, NULL },
	{ "exited due to ", MACOS_LOG_EXITED, NULL },
	{ "exited with ", MACOS_LOG_EXITED, NULL },
	{ "Service exited", MACOS_LOG_EXITED, NULL },
	{ "Could not spawn", MACOS_LOG_FAILED, NULL },
	{ "spawn failed", MACOS_LOG_FAILED, NULL },
	{ "Bootstrap by launchctl", MACOS_LOG_FAILED, NULL },
	{ "Could not find and/or execute program", MACOS_LOG_FAILED, NULL },
};

static void classify(struct macos_log_line *l)
{
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		const char *at = strstr(l->message, sentences[i].text);
		if (!at)
			continue;
		l->event = sentences[i].event;
		if (sentences[i].seconds) {
			at += strlen(sentences[i].seconds);
			size_t digits = strspn(at, "0123456789");
			_cleanup_free_ char *number = mem_strndup(at, digits < 9 ? digits : 0);
			(void)text_to_i64(number, &l->seconds);
		}
		return;
	}
}

/* "2021-12-03 14:56:43.145942", with "+0100" behind it in the unified log. */
static bool read_time(const char *s, size_t n, uint64_t *ret_us, bool *ret_local)
{
	char text[40];

	if (n < 19 || n >= sizeof(text) - 2 || s[10] != ' ')
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	text[10] = 'T';
	size_t zone = strcspn(text + 19, "+-Z") + 19;
	*ret_local = text[zone] == '\0';
	if (*ret_local) {
		text[n] = 'Z';
		text[n + 1] = '\0';
	} else if (strlen(text + zone) == 5) { /* RFC 3339 has a colon in the zone */
		memmove(text + zone + 4, text + zone + 3, 3);
		text[zone + 3] = ':';
	}
	return text_parse_time(text, ret_us) == 0;
}

static char *json_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && *s ? mem_strdup(s) : NULL;
}

static int read_json(const char *line, size_t n, struct macos_log_line *ret, struct err *err)
{
	json_error_t why;
	json_t *o = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	struct macos_log_line l = { 0 };

	if (!json_is_object(o)) {
		json_decref(o);
		return err_set(err, ERR_SYNTAX, "not a line of log show --style ndjson: %s", why.text);
	}
	l.message = json_text(o, "eventMessage");
	const char *time = json_string_value(json_object_get(o, "timestamp"));
	if (!time && !l.message) { /* {"count":12,"finished":1} closes the log */
		json_decref(o);
		return 0;
	}
	if (!time || !read_time(time, strlen(time), &l.time_us, &l.local_time))
		l.time_us = 0;
	if (!l.message)
		l.message = mem_strdup("");
	_cleanup_free_ char *image = json_text(o, "processImagePath");
	if (image)
		l.process = mem_strdup(strrchr(image, '/') ? strrchr(image, '/') + 1 : image);
	l.pid = json_integer_value(json_object_get(o, "processID"));
	l.level = json_text(o, "messageType");
	l.subsystem = json_text(o, "subsystem");
	json_decref(o);
	classify(&l);
	*ret = l;
	return 1;
}

/* 2021-12-03 14:56:43.168707 (system/org.nixos.darwin-store [70]) <Notice>: text */
static int read_text(const char *line, size_t n, struct macos_log_line *ret)
{
	_cleanup_free_ char *s = mem_strndup(line, n);
	struct macos_log_line l = { 0 };
	const char *open = strstr(s, " (");
	const char *close = open ? strstr(open, ") <") : NULL, *gt = close ? strstr(close, ">: ") : NULL;

	if (!gt || !read_time(s, (size_t)(open - s), &l.time_us, &l.local_time))
		return 0;
	const char *bracket = memchr(open, '[', (size_t)(close - open));
	size_t target = (size_t)((bracket ? bracket : close) - (open + 2));
	while (target && open[2 + target - 1] == ' ')
		target--;
	l.target = mem_strndup(open + 2, target);
	if (bracket) {
		size_t digits = strspn(bracket + 1, "0123456789");
		_cleanup_free_ char *number = mem_strndup(bracket + 1, digits);
		(void)text_to_i64(number, &l.pid);
	}
	l.level = mem_strndup(close + 3, (size_t)(gt - close) - 3);
	l.process = mem_strdup("launchd");
	l.message = mem_strdup(gt + 3);
	classify(&l);
	*ret = l;
	return 1;
}

int macos_log_parse(const char *line, size_t n, struct macos_log_line *ret, struct err *err)
{
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	return n && *line == '{' ? read_json(line, n, ret, err) : read_text(line, n, ret);
}

void macos_log_line_free(struct macos_log_line *l)
{
	free(l->process);
	free(l->level);
	free(l->subsystem);
	free(l->target);
	free(l->message);
	*l = (struct macos_log_line){ 0 };
}
