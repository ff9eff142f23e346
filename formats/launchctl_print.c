/* SPDX-License-Identifier: MIT */
#include "formats/launchctl_print.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/launchctl_lines.h"
#include "formats/text.h"

/* How a depth-1 line becomes a field. HEAD: launchd prints it before arguments and environment,
 * whose text can imitate it, so the first one counts. */
enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_OCTAL };
enum { HEAD = 1 };
struct field {
	const char *key;
	enum field_kind kind;
	int flags;
	size_t offset;
};
#define TEXT(key, flags, member) { key, FIELD_TEXT, flags, offsetof(struct launchctl_service, member) }
#define NUMBER(key, flags, member) { key, FIELD_NUMBER, flags, offsetof(struct launchctl_service, member) }
static const struct field fields[] = {
	NUMBER("active count", HEAD, active_count),
	TEXT("path", HEAD, path),
	TEXT("type", HEAD, type),
	TEXT("managed_by", HEAD, managed_by),
	TEXT("state", HEAD, state_text),
	TEXT("program", HEAD, program),
	TEXT("program identifier", HEAD, program_identifier),
	TEXT("parent bundle identifier", HEAD, parent_bundle),
	TEXT("working directory", 0, working_directory),
	TEXT("stdout path", 0, stdout_path),
	TEXT("stderr path", 0, stderr_path),
	TEXT("domain", 0, domain),
	TEXT("username", 0, username),
	TEXT("group", 0, group),
	{ "umask", FIELD_OCTAL, 0, offsetof(struct launchctl_service, umask) },
	NUMBER("minimum runtime", 0, minimum_runtime),
	NUMBER("exit timeout", 0, exit_timeout),
	NUMBER("runs", 0, runs),
	NUMBER("successive crashes", 0, successive_crashes),
	NUMBER("pid", 0, pid),
	NUMBER("forks", 0, forks),
	NUMBER("run interval", 0, run_interval),
	TEXT("immediate reason", 0, immediate_reason),
	TEXT("pended spawn", 0, pended_reason),
	TEXT("job state", 0, job_state),
	TEXT("spawn type", 0, spawn_type),
};
#undef TEXT
#undef NUMBER

static const struct {
	const char *text;
	enum launchctl_state state;
} states[] = {
	{ "not running", LAUNCHCTL_STATE_NOT_RUNNING },
	{ "spawn scheduled", LAUNCHCTL_STATE_SPAWN_SCHEDULED },
	{ "spawning", LAUNCHCTL_STATE_SPAWNING },
	{ "spawned", LAUNCHCTL_STATE_SPAWNED },
	{ "xpcproxy", LAUNCHCTL_STATE_XPCPROXY },
	{ "running", LAUNCHCTL_STATE_RUNNING },
	{ "SIGTERMed", LAUNCHCTL_STATE_SIGTERMED },
	{ "SIGKILLed", LAUNCHCTL_STATE_SIGKILLED },
	{ "languishing", LAUNCHCTL_STATE_LANGUISHING },
	{ "exited", LAUNCHCTL_STATE_EXITED },
	/* before 10.16 */
	{ "waiting", LAUNCHCTL_STATE_NOT_RUNNING },
};

struct reading {
	struct launchctl_service *s;
	struct lc_lines lines;
	uint64_t seen; /* bit per row of `fields` */
	bool broken;   /* a block did not end where it should: what follows may be imitated */
	bool any;      /* something of a service was found */
};
_Static_assert(ARRAY_LEN(fields) <= 64, "seen is a bit set");

static void note_unknown(struct launchctl_service *s, const struct lc_line *l)
{
	lc_unknown(&s->unknown, &s->unknown_lines, l);
}

static bool read_field(struct reading *r, const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		void *at = (char *)r->s + f->offset;
		bool again = r->seen & (UINT64_C(1) << i);

		if (strcmp(f->key, key) != 0)
			continue;
		r->s->repeated += again;
		if (again && (f->flags & HEAD || r->broken))
			return true;
		r->seen |= UINT64_C(1) << i;
		if (f->kind == FIELD_TEXT)
			mem_set((char **)at, value);
		else if (f->kind == FIELD_NUMBER)
			*(int64_t *)at = lc_number(value);
		else
			*(int64_t *)at = *value && strspn(value, "01234567") == strlen(value) && strlen(value) < 8 ?
						 strtol(value, NULL, 8) :
						 -1;
		return true;
	}
	return false;
}

static bool read_exit(struct reading *r, const char *key, const char *value)
{
	struct launchctl_service *s = r->s;
	enum launchctl_exit kind;
	int code = 0, sig = 0;

	if (strcmp(key, "last exit code") == 0) {
		_cleanup_free_ char *number = mem_strndup(value, strcspn(value, ":"));
		int64_t n = lc_number(number);
		kind = strcmp(value, "(never exited)") == 0 ? LAUNCHCTL_EXIT_NEVER :
		       n >= 0 && n <= 255		    ? LAUNCHCTL_EXIT_CODE :
							      LAUNCHCTL_EXIT_ABANDONED;
		code = kind == LAUNCHCTL_EXIT_CODE ? (int)n : 0;
	} else if (strcmp(key, "last terminating signal") == 0) {
		const char *colon = strrchr(value, ':');
		int64_t n = lc_number(colon ? colon + 1 + strspn(colon + 1, " ") : value);
		kind = LAUNCHCTL_EXIT_SIGNAL;
		sig = n > 0 && n < 128 ? (int)n : 0;
	} else if (strcmp(key, "last exit reason") == 0) {
		kind = LAUNCHCTL_EXIT_REASON;
	} else {
		return false;
	}
	if (s->exit_text) {
		s->repeated++;
		if (r->broken)
			return true;
	}
	s->exit = kind;
	s->exit_code = code;
	s->exit_signal = sig;
	mem_set(&s->exit_text, value);
	return true;
}

static void read_line(struct reading *r, const struct lc_line *l)
{
	struct launchctl_service *s = r->s;
	_cleanup_free_ char *key = NULL, *value = NULL;

	if (lc_starts(l, "service throttled by ")) {
		_cleanup_free_ char *rest = mem_strndup(l->s + 21, l->n - 21);
		s->throttled_for = lc_number(rest);
		return;
	}
	if (!lc_split(l, false, &key, &value)) {
		/* the one line of prose that is known */
		if (!lc_is(l, "submitted job. ignore execute allowed"))
			note_unknown(s, l);
		return;
	}
	if (read_field(r, key, value) || read_exit(r, key, value)) {
		r->any = true;
	} else if (strcmp(key, "properties") == 0) {
		strv_free(s->properties);
		s->properties = lc_flags(value);
	} else {
		lc_pairs_add(&s->other, TAKE_PTR(key), TAKE_PTR(value));
	}
}

/* Behind a block's own indentation of two levels, so that an argument's leading blanks stay its own. */
static const char *free_text(const struct lc_lines *l, const struct lc_line *line, size_t *ret_n)
{
	size_t indent = 2 * (l->unit ? l->unit : 1);

	*ret_n = line->raw_n - indent;
	return line->raw + indent;
}

/* An argument or a value that holds newlines goes on in lines of any depth. */
static void add_continuation(struct buf *b, const struct lc_line *line)
{
	buf_addc(b, '\n');
	buf_add(b, line->raw, line->raw_n);
}

static void read_arguments(struct reading *r, size_t from, size_t to)
{
	struct lc_list list = { 0 };

	for (size_t i = from; i < to;) {
		_cleanup_buf_ struct buf b = { 0 };
		size_t len;

		if (r->lines.v[i].depth < 2) { /* a continuation of nothing */
			i++;
			continue;
		}
		const char *text = free_text(&r->lines, &r->lines.v[i++], &len);
		buf_add(&b, text, len);
		while (i < to && r->lines.v[i].depth < 2)
			add_continuation(&b, &r->lines.v[i++]);
		lc_list_take(&list, buf_take(&b));
	}
	strv_free(r->s->arguments);
	r->s->arguments = list.v;
}

static void read_environment(struct reading *r, struct launchctl_pairs *env, size_t from, size_t to)
{
	lc_pairs_free(env);
	for (size_t i = from; i < to;) {
		struct lc_line line = r->lines.v[i];
		_cleanup_buf_ struct buf b = { 0 };
		char *key, *value;

		if (line.depth >= 2)
			line.s = free_text(&r->lines, &line, &line.n);
		if (line.depth < 2 || !lc_split(&line, true, &key, &value)) {
			if (!lc_blank(&line))
				note_unknown(r->s, &line);
			i++;
			continue;
		}
		buf_adds(&b, value);
		free(value);
		while (++i < to && r->lines.v[i].depth < 2)
			add_continuation(&b, &r->lines.v[i]);
		lc_pairs_add(env, key, buf_take(&b));
	}
}

/* Names of the blocks one level within. */
static void read_names(struct reading *r, char ***v, size_t from, size_t to)
{
	struct lc_list list = { .v = *v, .n = strv_len(*v), .cap = *v ? strv_len(*v) + 1 : 0 };

	for (size_t i = from; i < to; i++) {
		char *name = r->lines.v[i].depth == 2 ? lc_block_key(&r->lines.v[i]) : NULL;
		if (name)
			lc_list_take(&list, name);
	}
	*v = list.v;
}

/* 10.15 and before: "name = 0|1" */
static void read_property_block(struct reading *r, size_t from, size_t to)
{
	struct lc_list list = { 0 };

	for (size_t i = from; i < to; i++) {
		_cleanup_free_ char *key = NULL, *value = NULL;
		const struct lc_line *line = &r->lines.v[i];

		if (lc_blank(line))
			continue;
		if (!lc_split(line, false, &key, &value))
			note_unknown(r->s, line);
		else if (strcmp(value, "0") != 0)
			lc_list_take(&list, TAKE_PTR(key));
	}
	strv_free(r->s->properties);
	r->s->properties = list.v;
}

static void read_semaphores(struct reading *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char *key, *value;

		if (lc_split(&r->lines.v[i], true, &key, &value))
			lc_pairs_add(&r->s->semaphores, key, value);
		else if (!lc_blank(&r->lines.v[i]))
			note_unknown(r->s, &r->lines.v[i]);
	}
}

/* Blocks whose content says nothing about the job itself. */
static bool is_ignored_block(const char *key)
{
	static const char *const known[] = { "LWCR", "spawn constraint", "event channels", "resource coalition", "jetsam coalition",
		"spawn LWCR", "removing LWCR" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], key) == 0)
			return true;
	return false;
}

static struct launchctl_pairs *environment_of(struct launchctl_service *s, const char *key)
{
	return strcmp(key, "environment") == 0		 ? &s->environment :
	       strcmp(key, "default environment") == 0	 ? &s->default_environment :
	       strcmp(key, "inherited environment") == 0 ? &s->inherited_environment :
							   NULL;
}

static size_t read_block(struct reading *r, size_t head, const char *key)
{
	struct launchctl_service *s = r->s;
	struct launchctl_pairs *env = environment_of(s, key);
	bool arguments = strcmp(key, "arguments") == 0, broken;
	size_t end, next = lc_block(&r->lines, head, env || arguments, &end, &broken);

	if (arguments) {
		read_arguments(r, head + 1, end);
	} else if (env) {
		read_environment(r, env, head + 1, end);
	} else if (strcmp(key, "semaphores") == 0) {
		read_semaphores(r, head + 1, end);
	} else if (strcmp(key, "event triggers") == 0) {
		read_names(r, &s->triggers, head + 1, end);
	} else if (text_ends(key, "endpoints")) {
		read_names(r, &s->endpoints, head + 1, end);
	} else if (strcmp(key, "sockets") == 0) {
		read_names(r, &s->sockets, head + 1, end);
	} else if (strcmp(key, "properties") == 0) {
		read_property_block(r, head + 1, end);
	} else if (!is_ignored_block(key)) {
		for (size_t i = head; i < end; i++)
			if (!lc_blank(&r->lines.v[i]))
				note_unknown(s, &r->lines.v[i]);
	}
	if (broken && next < r->lines.n)
		r->broken = true;
	r->any = true;
	return next;
}

/* "gui/501/label", "system/label", "label". */
static void read_target(struct launchctl_service *s, char *target)
{
	const char *slash = strchr(target, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
	size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;

	s->target = target;
	if (text_starts(target, "system/") && target[7])
		s->label = mem_strdup(target + 7);
	else if (second && digits && slash + 1 + digits == second && second[1])
		s->label = mem_strdup(second + 1);
	else
		s->label = mem_strdup(target);
	if (strcmp(s->label, target) == 0)
		s->old_style = true;
}

/* com.apple.xpc.launchd.domain.system, …domain.user.501, …user.domain.501.100009.Aqua */
static char *modern_domain(const char *domain)
{
	static const char user[] = "com.apple.xpc.launchd.domain.user.", login[] = "com.apple.xpc.launchd.user.domain.";

	if (strcmp(domain, "com.apple.xpc.launchd.domain.system") == 0)
		return mem_strdup("system");
	if (text_starts(domain, user) && strspn(domain + strlen(user), "0123456789"))
		return mem_printf("user/%.*s", (int)strspn(domain + strlen(user), "0123456789"), domain + strlen(user));
	if (text_starts(domain, login) && strspn(domain + strlen(login), "0123456789"))
		return mem_printf("%s/%.*s", text_ends(domain, ".Background") ? "user" : "gui",
			(int)strspn(domain + strlen(login), "0123456789"), domain + strlen(login));
	return mem_strndup(domain, strcspn(domain, " ")); /* "gui/501 [100020]" */
}

static void settle(struct reading *r)
{
	struct launchctl_service *s = r->s;
	static const char submitted[] = "(submitted by ";

	if (s->domain) {
		char *domain = modern_domain(s->domain);
		free(s->domain);
		s->domain = domain;
	} else if (s->target && strlen(s->label) < strlen(s->target)) {
		s->domain = mem_strndup(s->target, strlen(s->target) - strlen(s->label) - 1);
	}
	if (s->path && text_starts(s->path, submitted)) {
		s->submitted_by = mem_strndup(s->path + strlen(submitted), strcspn(s->path + strlen(submitted), ")"));
		mem_set(&s->path, NULL);
	}
	for (size_t i = 0; s->state_text && i < ARRAY_LEN(states); i++)
		if (strcmp(states[i].text, s->state_text) == 0)
			s->state = states[i].state;
	if (s->pid < 0)
		s->pid = 0;
}

static void read_body(struct reading *r, size_t i)
{
	r->s->truncated = true;
	while (i < r->lines.n) {
		const struct lc_line *line = &r->lines.v[i];
		_cleanup_free_ char *block = line->depth == 1 ? lc_block_key(line) : NULL;

		if (line->depth == 0 && lc_is(line, "}")) {
			r->s->truncated = false;
			for (i++; i < r->lines.n; i++)
				if (!lc_blank(&r->lines.v[i]))
					note_unknown(r->s, &r->lines.v[i]);
			return;
		}
		if (block) {
			i = read_block(r, i, block);
			continue;
		}
		if (line->depth == 1 && !lc_blank(line))
			read_line(r, line);
		else if (!lc_blank(line))
			note_unknown(r->s, line);
		i++;
	}
}

int launchctl_service_parse(const char *p, size_t n, struct launchctl_service *ret, struct err *err)
{
	struct launchctl_service s = { .umask = -1, .minimum_runtime = -1, .exit_timeout = -1, .runs = -1, .successive_crashes = -1,
		.active_count = -1, .forks = -1, .run_interval = -1, .throttled_for = -1 };
	struct reading r = { .s = &s };
	size_t i = 0;

	lc_lines_read(&r.lines, p, n);
	while (i < r.lines.n && lc_blank(&r.lines.v[i]))
		i++;
	if (i < r.lines.n && r.lines.v[i].depth == 0) {
		char *target = lc_block_key(&r.lines.v[i]);
		if (target) {
			read_target(&s, target);
			i++;
		}
	}
	read_body(&r, i);
	settle(&r);
	lc_lines_free(&r.lines);
	if (!r.any) {
		launchctl_service_free(&s);
		return err_set(err, ERR_SYNTAX, "not the output of launchctl print for a service");
	}
	*ret = s;
	return 0;
}
