/* SPDX-License-Identifier: MIT */
#include "formats/sdshow.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"
#include "formats/unitcmd.h"

/* A unit has some 300 properties; lists grow by walking them, so that text made to hurt must end somewhere. */
#define LINES_MAX 2000

enum kind { KIND_STR, KIND_STRV, KIND_BOOL, KIND_U64, KIND_I64, KIND_SPAN, KIND_TIME, KIND_EXEC, KIND_ENVFILE, KIND_LOADERROR, KIND_CODE, KIND_DIR };

/* Property, kind, member. EXEC members are followed by their count in the struct. */
#define PROPERTIES(X)                                                                                                  \
	X(Id, STR, id)                                                                                                 \
	X(Names, STRV, names)                                                                                          \
	X(Description, STR, description)                                                                               \
	X(LoadState, STR, load_state)                                                                                  \
	X(LoadError, LOADERROR, load_error)                                                                            \
	X(ActiveState, STR, active_state)                                                                              \
	X(SubState, STR, sub_state)                                                                                    \
	X(UnitFileState, STR, unit_file_state)                                                                         \
	X(UnitFilePreset, STR, unit_file_preset)                                                                       \
	X(FragmentPath, STR, fragment_path)                                                                            \
	X(SourcePath, STR, source_path)                                                                                \
	X(DropInPaths, STRV, drop_in_paths)                                                                            \
	X(NeedDaemonReload, BOOL, need_daemon_reload)                                                                  \
	X(Transient, BOOL, transient)                                                                                  \
	X(CanStart, BOOL, can_start)                                                                                   \
	X(InvocationID, STR, invocation_id)                                                                            \
	X(ControlGroup, STR, control_group)                                                                            \
	X(Slice, STR, slice)                                                                                           \
	X(Type, STR, type)                                                                                             \
	X(NotifyAccess, STR, notify_access)                                                                            \
	X(MainPID, U64, main_pid)                                                                                      \
	X(ControlPID, U64, control_pid)                                                                                \
	X(NRestarts, U64, n_restarts)                                                                                  \
	X(Result, STR, result)                                                                                         \
	X(Restart, STR, restart)                                                                                       \
	X(RestartUSec, SPAN, restart_us)                                                                               \
	X(TimeoutStartUSec, SPAN, timeout_start_us)                                                                    \
	X(TimeoutStopUSec, SPAN, timeout_stop_us)                                                                      \
	X(RuntimeMaxUSec, SPAN, runtime_max_us)                                                                        \
	X(StartLimitIntervalUSec, SPAN, start_limit_interval_us)                                                       \
	X(StartLimitBurst, U64, start_limit_burst)                                                                     \
	X(StartLimitAction, STR, start_limit_action)                                                                   \
	X(ExecMainCode, CODE, exec_main_code)                                                                          \
	X(ExecMainStatus, I64, exec_main_status)                                                                       \
	X(ExecMainPID, U64, exec_main_pid)                                                                             \
	X(ExecMainStartTimestamp, TIME, exec_main_start_us)                                                            \
	X(ExecMainExitTimestamp, TIME, exec_main_exit_us)                                                              \
	X(ExecStart, EXEC, exec_start)                                                                                 \
	X(ExecStartPre, EXEC, exec_start_pre)                                                                          \
	X(ExecStop, EXEC, exec_stop)                                                                                   \
	X(ExecStopPost, EXEC, exec_stop_post)                                                                          \
	X(User, STR, user)                                                                                             \
	X(Group, STR, group)                                                                                           \
	X(WorkingDirectory, DIR, working_directory)                                                                    \
	X(StandardOutput, STR, standard_output)                                                                        \
	X(StandardError, STR, standard_error)                                                                          \
	X(Environment, STRV, environment)                                                                              \
	X(EnvironmentFiles, ENVFILE, environment_files)                                                                \
	X(LogsDirectory, STRV, logs_directory)                                                                         \
	X(MemoryCurrent, U64, memory_current)                                                                          \
	X(TasksCurrent, U64, n_tasks)                                                                                  \
	X(StateChangeTimestamp, TIME, state_change_us)                                                                 \
	X(ActiveEnterTimestamp, TIME, active_enter_us)                                                                 \
	X(ActiveExitTimestamp, TIME, active_exit_us)                                                                   \
	X(InactiveEnterTimestamp, TIME, inactive_enter_us)                                                             \
	X(InactiveExitTimestamp, TIME, inactive_exit_us)                                                               \
	X(ActiveEnterTimestampMonotonic, U64, active_enter_monotonic_us)                                               \
	X(TriggeredBy, STRV, triggered_by)                                                                             \
	X(Triggers, STRV, triggers)                                                                                    \
	X(WantedBy, STRV, wanted_by)                                                                                   \
	X(RequiredBy, STRV, required_by)                                                                               \
	X(BoundBy, STRV, bound_by)                                                                                     \
	X(PartOf, STRV, part_of)                                                                                       \
	X(Wants, STRV, wants)                                                                                          \
	X(Requires, STRV, requires)                                                                                    \
	X(After, STRV, after)

#define NAME(key, kind, member) #key,
const char *const sdshow_properties[] = { PROPERTIES(NAME) NULL };

#define ROW(key, kind, member) { #key, KIND_##kind, offsetof(struct unit_props, member) },
static const struct property {
	const char *key;
	enum kind kind;
	size_t offset;
} properties[] = { PROPERTIES(ROW) };

char *sdshow_property_arg(void)
{
	struct buf b = { 0 };

	for (size_t i = 0; sdshow_properties[i]; i++)
		buf_addf(&b, "%s%s", i ? "," : "", sdshow_properties[i]);
	return buf_take(&b);
}

static bool is_unset(const char *s)
{
	return !*s || text_eq(s, "[not set]") || text_eq(s, "n/a") || text_eq(s, "(null)");
}

uint64_t sdshow_span(const char *s)
{
	uint64_t us;

	if (is_unset(s) || unit_time_parse(s, &us))
		return SDSHOW_UNSET;
	return us == UNIT_TIME_INFINITY ? SDSHOW_INFINITY : us;
}

static uint64_t unix_time(const char *s)
{
	uint64_t us;
	const char *dot = strchr(s, '.');
	_cleanup_free_ char *sec = dot ? mem_strndup(s, (size_t)(dot - s)) : mem_strdup(s);

	if (text_to_u64(sec, UINT64_MAX / 1000000 - 1, &us))
		return 0;
	us *= 1000000;
	for (unsigned scale = 100000; dot && scale && isdigit((unsigned char)dot[1]); dot++, scale /= 10)
		us += (uint64_t)(dot[1] - '0') * scale;
	return us;
}

uint64_t sdshow_time(const char *s)
{
	uint64_t us;

	if (is_unset(s))
		return 0;
	if (*s == '@')
		return unix_time(s + 1);
	/* weekdays are in the language of the locale, which is C where we ask */
	if (isalpha((unsigned char)*s)) {
		s += strcspn(s, " ");
		s += *s == ' ';
	}
	/* "2026-11-24 06:50:03[.123456] UTC" is RFC 3339 but for the zone */
	size_t len = strcspn(s, " ");
	len += s[len] == ' ' ? 1 + strcspn(s + len + 1, " ") : 0;
	const char *zone = s[len] == ' ' ? s + len + 1 : "";
	if (*zone && !text_eq(zone, "UTC") && !text_eq(zone, "GMT"))
		return 0;
	_cleanup_free_ char *rfc = mem_printf("%.*sZ", (int)(len > 64 ? 64 : len), s);
	return text_parse_time(rfc, &us) ? 0 : us;
}

/* Lists are printed as words, with double quotes (and backslashes within) around those that need them. */
static void add_words(char ***list, const char *s)
{
	size_t n = strv_len(*list), cap = n;

	while (*(s += strspn(s, " \t\n"))) {
		_cleanup_buf_ struct buf word = { 0 };
		bool quoted = false;
		for (; *s && (quoted || !strchr(" \t\n", *s)); s++) {
			if (*s == '"')
				quoted = !quoted;
			else if (quoted && *s == '\\' && s[1])
				buf_addc(&word, *++s);
			else
				buf_addc(&word, *s);
		}
		if (n + 1 >= cap) {
			cap = cap ? cap * 2 : 8;
			*list = mem_array(*list, cap + 1, sizeof(**list));
		}
		(*list)[n++] = buf_take(&word);
		(*list)[n] = NULL;
	}
}

/* The text between "name=" and " ;" or the end, in one {…} block; NULL when it is not there or unset. */
static char *exec_part(const char *block, const char *name)
{
	_cleanup_free_ char *lead = mem_printf(" %s=", name);
	const char *p = strstr(block, lead);

	if (!p)
		return NULL;
	p += strlen(lead);
	const char *e = strstr(p, " ; ");
	if (!e)
		e = text_ends(p, " }") ? p + strlen(p) - 2 : p + strlen(p);
	if (*p == '[' && e > p && e[-1] == ']') {
		p++;
		e--;
	}
	if (e < p)
		return NULL;
	char *s = mem_strndup(p, (size_t)(e - p));
	if (is_unset(s)) {
		free(s);
		return NULL;
	}
	return s;
}

/* The last place where name stands in s; NULL. */
static const char *last_of(const char *s, const char *name)
{
	const char *last = NULL;

	for (const char *p = s; (p = strstr(p, name)); p++)
		last = p;
	return last;
}

static void add_exec(struct exec_status **list, size_t *n, const char *block)
{
	struct exec_status x = { .raw = mem_strdup(block), .path = exec_part(block, "path") };
	/* argv may hold anything, " ; pid=" too: what comes after it is looked for from the end */
	const char *tail = last_of(block, " ; ignore_errors="), *argv = strstr(block, " argv[]=");

	if (!tail)
		tail = last_of(block, " ; flags=");
	if (argv && tail && tail >= argv + strlen(" argv[]="))
		x.argv = mem_strndup(argv + strlen(" argv[]="), (size_t)(tail - argv) - strlen(" argv[]="));
	tail = tail ? tail + 2 : "";
	_cleanup_free_ char *ignore = exec_part(tail, "ignore_errors"), *flags = exec_part(tail, "flags");
	_cleanup_free_ char *start = exec_part(tail, "start_time"), *stop = exec_part(tail, "stop_time");
	_cleanup_free_ char *pid = exec_part(tail, "pid"), *status = exec_part(tail, "status");

	x.ignore_errors = text_eq(ignore, "yes") || (flags && strstr(flags, "ignore-failure"));
	x.start_us = start ? sdshow_time(start) : 0;
	x.stop_us = stop ? sdshow_time(stop) : 0;
	x.code = exec_part(tail, "code");
	if (!pid || text_to_i64(pid, &x.pid))
		x.pid = 0;
	if (status)
		status[strcspn(status, "/")] = '\0';
	if (!status || text_to_i64(status, &x.status))
		x.status = 0;
	*list = mem_array(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = x;
}

static int64_t exec_code(const char *s)
{
	int64_t v;

	if (text_to_i64(s, &v) == 0)
		return v;
	return text_eq(s, "exited") ? CLD_EXITED : text_eq(s, "killed") ? CLD_KILLED : text_eq(s, "dumped") ? CLD_DUMPED : 0;
}

static uint64_t number(const char *s)
{
	uint64_t v;

	if (text_eq(s, "infinity"))
		return SDSHOW_INFINITY;
	return text_to_u64(s, UINT64_MAX, &v) ? SDSHOW_UNSET : v;
}

static void set_string(char **at, const char *s)
{
	mem_set(at, is_unset(s) ? NULL : s);
}

/* org.freedesktop.systemd1.NoSuchUnit "Unit x.service not found.": the name of the error is D-Bus's, the text is for people */
static void set_load_error(char **at, const char *s)
{
	const char *quote = text_starts(s, "org.") ? strchr(s, '"') : NULL;

	if (quote && text_ends(quote + 1, "\"")) {
		free(*at);
		*at = mem_strndup(quote + 1, strlen(quote + 1) - 1);
	} else {
		set_string(at, s);
	}
}

static void set_property(struct unit_props *u, const struct property *p, const char *s)
{
	void *at = (char *)u + p->offset;
	int64_t i;

	switch (p->kind) {
	case KIND_STR:
		set_string(at, s);
		break;
	case KIND_DIR:
		set_string(at, *s == '!' ? s + 1 : s); /* "!": may be missing */
		break;
	case KIND_LOADERROR:
		set_load_error(at, s);
		break;
	case KIND_STRV:
		if (!is_unset(s))
			add_words(at, s);
		break;
	case KIND_ENVFILE:
		if (*s) {
			char *e = strstr(s, " (ignore_errors=");
			*(char ***)at = strv_take(*(char ***)at, mem_strndup(s, e ? (size_t)(e - s) : strlen(s)));
		}
		break;
	case KIND_BOOL:
		*(bool *)at = text_eq(s, "yes");
		break;
	case KIND_U64:
		*(uint64_t *)at = number(s);
		break;
	case KIND_I64:
		*(int64_t *)at = text_to_i64(s, &i) ? 0 : i;
		break;
	case KIND_CODE:
		*(int64_t *)at = exec_code(s);
		break;
	case KIND_SPAN:
		*(uint64_t *)at = sdshow_span(s);
		break;
	case KIND_TIME:
		*(uint64_t *)at = sdshow_time(s);
		break;
	case KIND_EXEC:
		if (*s == '{')
			add_exec(at, (size_t *)(void *)((struct exec_status **)at + 1), s);
		break;
	}
}

static void set_pair(struct unit_props *u, const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(properties); i++)
		if (strcmp(properties[i].key, key) == 0) {
			set_property(u, &properties[i], value);
			return;
		}
	u->other = mem_array(u->other, u->n_other + 1, sizeof(*u->other));
	u->other[u->n_other++] = (struct show_pair){ .key = mem_strdup(key), .value = mem_strdup(value) };
}

/* A property whose value says nothing else: numbers that were not printed are not set, and not 0. */
static struct unit_props unit_props_empty(void)
{
	struct unit_props u = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(properties); i++)
		if (properties[i].kind == KIND_SPAN)
			*(uint64_t *)(void *)((char *)&u + properties[i].offset) = SDSHOW_UNSET;
	u.memory_current = u.n_tasks = u.start_limit_burst = SDSHOW_UNSET;
	return u;
}

static size_t key_length(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (isalnum((unsigned char)s[i]) || s[i] == '_'))
		i++;
	return i && i < n && s[i] == '=' && isupper((unsigned char)*s) ? i : 0;
}

struct show {
	struct unit_props *v;
	size_t n, cap;
	bool open; /* v[n - 1] is still being read */
	size_t lines; /* of it */
	char *key;
	struct buf value;
	bool quoted, escaped; /* at the end of value, while key is Environment */
};

static void add_value(struct show *s, const char *p, size_t n)
{
	buf_add(&s->value, p, n);
	for (size_t i = 0; i < n && text_eq(s->key, "Environment"); i++)
		if (s->escaped)
			s->escaped = false;
		else if (p[i] == '"')
			s->quoted = !s->quoted;
		else
			s->escaped = s->quoted && p[i] == '\\';
}

static void end_pair(struct show *s)
{
	if (!s->key)
		return;
	if (!s->open) {
		if (s->n >= s->cap) {
			s->cap = s->cap ? s->cap * 2 : 8;
			s->v = mem_array(s->v, s->cap, sizeof(*s->v));
		}
		s->v[s->n++] = unit_props_empty();
		s->open = true;
		s->lines = 0;
	}
	if (s->lines++ < LINES_MAX)
		set_pair(&s->v[s->n - 1], s->key, buf_str(&s->value));
	free(s->key);
	s->key = NULL;
	s->quoted = s->escaped = false;
	buf_clear(&s->value);
}

static void take_line(struct show *s, const char *p, size_t n)
{
	size_t key;

	/* a value of the environment may hold any line, also one that looks like ours: while its quote is open it is its */
	if (s->key && s->quoted) {
		add_value(s, "\n", 1);
		add_value(s, p, n);
	} else if (!n) {
		end_pair(s);
		s->open = false;
	} else if ((key = key_length(p, n))) {
		end_pair(s);
		s->key = mem_strndup(p, key);
		add_value(s, p + key + 1, n - key - 1);
	} else if (s->key) {
		add_value(s, "\n", 1);
		add_value(s, p, n);
	}
}

int sdshow_parse(const char *text, size_t n, struct unit_props **ret, size_t *ret_n, struct err *err)
{
	struct show s = { 0 };

	if (n > SDSHOW_MAX)
		return err_set(err, ERR_LIMIT, "systemctl show printed %zu bytes, more than the %zu that are read", n, SDSHOW_MAX);
	while (n) {
		const char *nl = memchr(text, '\n', n);
		size_t len = nl ? (size_t)(nl - text) : n;
		take_line(&s, text, len);
		text += nl ? len + 1 : len;
		n -= nl ? len + 1 : len;
	}
	end_pair(&s);
	buf_free(&s.value);
	*ret = s.v;
	*ret_n = s.n;
	return 0;
}

static void exec_free(struct exec_status *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].path);
		free(v[i].argv);
		free(v[i].code);
		free(v[i].raw);
	}
	free(v);
}

void unit_props_free(struct unit_props *u)
{
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		void *at = (char *)u + properties[i].offset;
		switch (properties[i].kind) {
		case KIND_STR:
		case KIND_DIR:
		case KIND_LOADERROR:
			free(*(char **)at);
			break;
		case KIND_STRV:
		case KIND_ENVFILE:
			strv_free(*(char ***)at);
			break;
		case KIND_EXEC:
			exec_free(*(struct exec_status **)at, *(size_t *)(void *)((struct exec_status **)at + 1));
			break;
		default:
			break;
		}
	}
	for (size_t i = 0; i < u->n_other; i++) {
		free(u->other[i].key);
		free(u->other[i].value);
	}
	free(u->other);
	*u = (struct unit_props){ 0 };
}

void unit_props_list_free(struct unit_props *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		unit_props_free(&p[i]);
	free(p);
}

const struct unit_props *sdshow_find(const struct unit_props *p, size_t n, const char *unit)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(p[i].id, unit) || strv_has(p[i].names, unit))
			return &p[i];
	return NULL;
}

const char *sdshow_other(const struct unit_props *p, const char *key)
{
	for (size_t i = 0; i < p->n_other; i++)
		if (strcmp(p->other[i].key, key) == 0)
			return p->other[i].value;
	return NULL;
}

/* Of the host that was asked, which is Linux, whatever this one is. */
static const char *signal_name(int64_t n)
{
	static const char *const names[] = { NULL, "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
		"SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM" };

	return n > 0 && n < (int64_t)ARRAY_LEN(names) ? names[n] : NULL;
}

char *unit_exit_words(const struct unit_props *p)
{
	const char *name = signal_name(p->exec_main_status);

	switch (p->exec_main_code) {
	case CLD_EXITED:
		return mem_printf("exited with code %lld", (long long)p->exec_main_status);
	case CLD_KILLED:
	case CLD_DUMPED:
		if (name)
			return mem_printf("killed by %s%s", name, p->exec_main_code == CLD_DUMPED ? " (core dumped)" : "");
		return mem_printf("killed by signal %lld", (long long)p->exec_main_status);
	default:
		if (p->exec_main_start_us || p->main_pid)
			return mem_strdup("still running");
		return mem_strdup("never ran");
	}
}
