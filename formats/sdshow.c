/* SPDX-License-Identifier: MIT */
#include "formats/sdshow.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/sdshow_value.h"
#include "formats/text.h"

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
	X(FileDescriptorStorePreserve, STR, fd_store_preserve)								\
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

static const struct property *property_find(const char *key)
{
	/* asked of 300 names a unit, nearly all of which differ in the first letter */
	for (size_t i = 0; i < ARRAY_LEN(properties); i++)
		if (properties[i].key[0] == key[0] && strcmp(properties[i].key, key) == 0)
			return &properties[i];
	return NULL;
}

bool sdshow_has(const char *property)
{
	return property_find(property) != NULL;
}

char *sdshow_property_arg(void)
{
	struct buf b = { 0 };

	for (size_t i = 0; sdshow_properties[i]; i++)
		buf_addf(&b, "%s%s", i ? "," : "", sdshow_properties[i]);
	return buf_take(&b);
}

char **sdshow_argv(bool user)
{
	_cleanup_free_ char *names = sdshow_property_arg();
	char **v = strv_add(NULL, "systemctl");

	if (user)
		v = strv_add(v, "--user");
	v = strv_add(v, "--no-pager");
	v = strv_add(v, "--timestamp=us+utc");
	v = strv_take(v, mem_printf("--property=%s", names));
	return strv_add(v, "show");
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
	mem_set(at, show_unset(s) ? NULL : s);
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
		if (!show_unset(s))
			show_add_words(at, s);
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
			show_add_exec(at, (size_t *)(void *)((struct exec_status **)at + 1), s);
		break;
	}
}

static void set_pair(struct unit_props *u, const char *key, const char *value)
{
	const struct property *p = property_find(key);

	if (p) {
		set_property(u, p, value);
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
