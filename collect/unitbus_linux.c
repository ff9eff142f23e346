/* SPDX-License-Identifier: MIT */
#include "collect/unitbus.h"

#include <ctype.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/dl.h"
#include "formats/sdshow.h"
#include "formats/sdshow_value.h"
#include "formats/text.h"

/* ---- libsystemd's bus, loaded when it is first needed: see formats/dl.h ---- */

#define DL_SYSTEMD_SYMBOLS(X) \
	X(sd_bus_call_method_async) \
	X(sd_bus_close_unref) \
	X(sd_bus_get_events) \
	X(sd_bus_get_fd) \
	X(sd_bus_message_enter_container) \
	X(sd_bus_message_exit_container) \
	X(sd_bus_message_is_method_error) \
	X(sd_bus_message_peek_type) \
	X(sd_bus_message_read) \
	X(sd_bus_message_read_array) \
	X(sd_bus_message_read_basic) \
	X(sd_bus_message_skip) \
	X(sd_bus_new) \
	X(sd_bus_path_encode) \
	X(sd_bus_process) \
	X(sd_bus_set_address) \
	X(sd_bus_set_bus_client) \
	X(sd_bus_start)

DL_SYSTEMD_SYMBOLS(DL_STATIC_POINTER)

static DL_LOADER(dl_systemd, "libsystemd", DL_SYSTEMD_SYMBOLS, "libsystemd.so.0")

/* From here on the names mean what was loaded. */
#define sd_bus_call_method_async dl_sd_bus_call_method_async
#define sd_bus_close_unref dl_sd_bus_close_unref
#define sd_bus_get_events dl_sd_bus_get_events
#define sd_bus_get_fd dl_sd_bus_get_fd
#define sd_bus_message_enter_container dl_sd_bus_message_enter_container
#define sd_bus_message_exit_container dl_sd_bus_message_exit_container
#define sd_bus_message_is_method_error dl_sd_bus_message_is_method_error
#define sd_bus_message_peek_type dl_sd_bus_message_peek_type
#define sd_bus_message_read dl_sd_bus_message_read
#define sd_bus_message_read_array dl_sd_bus_message_read_array
#define sd_bus_message_read_basic dl_sd_bus_message_read_basic
#define sd_bus_message_skip dl_sd_bus_message_skip
#define sd_bus_new dl_sd_bus_new
#define sd_bus_path_encode dl_sd_bus_path_encode
#define sd_bus_process dl_sd_bus_process
#define sd_bus_set_address dl_sd_bus_set_address
#define sd_bus_set_bus_client dl_sd_bus_set_bus_client
#define sd_bus_start dl_sd_bus_start

/* ---- the answer, as `systemctl show --timestamp=us+utc` prints it; seen with systemd 252 ---- */

static bool add_string(sd_bus_message *m, struct buf *b)
{
	const char *s;

	if (sd_bus_message_read_basic(m, 's', &s) < 0 || strchr(s, '\n'))
		return false;
	buf_adds(b, s);
	return true;
}

/* Elements joined by blanks. */
static bool add_strings(sd_bus_message *m, struct buf *b)
{
	const char *s, *blank = "";
	int r;

	if (sd_bus_message_enter_container(m, 'a', "s") < 0)
		return false;
	while ((r = sd_bus_message_read_basic(m, 's', &s)) > 0) {
		buf_adds(b, blank);
		if (!sdshow_add_word(b, s))
			return false;
		blank = " ";
	}
	return r == 0 && sd_bus_message_exit_container(m) >= 0;
}

/* CLD_* and a status, as they stand in an Exec block. */
static bool add_code(struct buf *b, int code, int status)
{
	static const char *const codes[] = { "(null)", "exited", "killed", "dumped", "trapped", "stopped", "continued" };

	if (code < 0 || code >= (int)ARRAY_LEN(codes) || (code != CLD_EXITED && (status < 0 || status > SIGSYS)))
		return false;
	buf_addf(b, "code=%s ; status=%d", codes[code], status);
	if (code != CLD_EXITED)
		buf_addf(b, "/%s", status ? sigabbrev_np(status) : "0");
	return true;
}

/* { path=/bin/sh ; argv[]=/bin/sh -c x ; ignore_errors=no ; start_time=[…] ; stop_time=[n/a] ; pid=206 ; code=(null) ; status=0/0 } */
static bool add_exec(sd_bus_message *m, struct buf *b)
{
	const char *path, *word, *blank = "";
	uint64_t start, start_mono, stop, stop_mono;
	uint32_t pid;
	int ignore, code, status, r;

	if (sd_bus_message_read_basic(m, 's', &path) < 0 || sd_bus_message_enter_container(m, 'a', "s") < 0)
		return false;
	buf_addf(b, "{ path=%s ; argv[]=", path);
	while ((r = sd_bus_message_read_basic(m, 's', &word)) > 0) {
		if (strchr(word, '\n'))
			return false;
		buf_addf(b, "%s%s", blank, word);
		blank = " ";
	}
	if (r < 0 || sd_bus_message_exit_container(m) < 0 ||
		sd_bus_message_read(m, "bttttuii", &ignore, &start, &start_mono, &stop, &stop_mono, &pid, &code, &status) < 0)
		return false;
	buf_addf(b, " ; ignore_errors=%s ; start_time=[", ignore ? "yes" : "no");
	if (!sdshow_add_time(b, start, "n/a"))
		return false;
	buf_adds(b, "] ; stop_time=[");
	if (!sdshow_add_time(b, stop, "n/a"))
		return false;
	buf_addf(b, "] ; pid=%" PRIu32 " ; ", pid);
	if (!add_code(b, code, status))
		return false;
	buf_adds(b, " }");
	return true;
}

/* Structures: a line each, none where there is none. */
static bool add_structs(sd_bus_message *m, const char *name, const char *type, struct buf *b)
{
	bool exec = strcmp(type, "(sasbttttuii)") == 0;
	_cleanup_free_ char *members = mem_strndup(type + 1, strlen(type) - 2);
	int r;

	if (!exec && strcmp(type, "(sb)") != 0)
		return false;
	if (sd_bus_message_enter_container(m, 'a', type) < 0)
		return false;
	while ((r = sd_bus_message_enter_container(m, 'r', members)) > 0) {
		const char *path;
		int ignore;
		buf_addf(b, "%s=", name);
		if (exec ? !add_exec(m, b) : sd_bus_message_read(m, "sb", &path, &ignore) < 0 || strchr(path, '\n'))
			return false;
		if (!exec)
			buf_addf(b, "%s (ignore_errors=%s)", path, ignore ? "yes" : "no");
		buf_addc(b, '\n');
		if (sd_bus_message_exit_container(m) < 0)
			return false;
	}
	return r == 0 && sd_bus_message_exit_container(m) >= 0;
}

/* LoadError: a name and a text, both empty where there is none. */
static bool add_error(sd_bus_message *m, struct buf *b)
{
	const char *name, *text;

	if (sd_bus_message_read(m, "(ss)", &name, &text) < 0 || strchr(name, '\n') || strchr(text, '\n'))
		return false;
	if (*name || *text)
		buf_addf(b, "%s \"%s\"", name, text);
	return true;
}

static bool add_bytes(sd_bus_message *m, struct buf *b)
{
	const void *p;
	size_t n;

	if (sd_bus_message_read_array(m, 'y', &p, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%02x", ((const uint8_t *)p)[i]);
	return true;
}

static bool add_u64(sd_bus_message *m, const char *name, struct buf *b)
{
	uint64_t v;

	if (sd_bus_message_read_basic(m, 't', &v) < 0)
		return false;
	if (text_ends(name, "Timestamp"))
		return sdshow_add_time(b, v, "");
	if (strstr(name, "USec"))
		sdshow_add_span(b, v);
	else if (v == UINT64_MAX && (strcmp(name, "MemoryCurrent") == 0 || strcmp(name, "TasksCurrent") == 0))
		buf_adds(b, "[not set]");
	else
		buf_addf(b, "%" PRIu64, v);
	return true;
}

static bool add_number(sd_bus_message *m, char type, struct buf *b)
{
	uint32_t u;
	int32_t i;

	if (sd_bus_message_read_basic(m, type, type == 'i' ? (void *)&i : (void *)&u) < 0)
		return false;
	if (type == 'b')
		buf_adds(b, u ? "yes" : "no");
	else if (type == 'i')
		buf_addf(b, "%" PRId32, i);
	else
		buf_addf(b, "%" PRIu32, u);
	return true;
}

/* The value of a property, from inside its variant. */
static bool add_value(sd_bus_message *m, const char *name, const char *type, struct buf *b)
{
	if (type[0] == 'a' && type[1] == '(')
		return add_structs(m, name, type + 1, b);
	buf_addf(b, "%s=", name);
	bool ok = strcmp(type, "s") == 0	? add_string(m, b)
		  : strcmp(type, "as") == 0	? add_strings(m, b)
		  : strcmp(type, "t") == 0	? add_u64(m, name, b)
		  : strcmp(type, "ay") == 0	? add_bytes(m, b)
		  : strcmp(type, "(ss)") == 0	? add_error(m, b)
		  : type[0] && strchr("bui", type[0]) && !type[1] ? add_number(m, type[0], b)
						: false;
	buf_addc(b, '\n');
	return ok;
}

static bool add_property(sd_bus_message *m, struct buf *b)
{
	const char *name, *type;
	char kind;

	if (sd_bus_message_read_basic(m, 's', &name) < 0)
		return false;
	if (!sdshow_has(name))
		return sd_bus_message_skip(m, "v") >= 0;
	return sd_bus_message_peek_type(m, &kind, &type) > 0 && sd_bus_message_enter_container(m, 'v', type) >= 0 &&
	       add_value(m, name, type, b) && sd_bus_message_exit_container(m) >= 0;
}

static bool reply_text(sd_bus_message *reply, struct buf *out)
{
	int r;

	if (sd_bus_message_enter_container(reply, 'a', "{sv}") < 0)
		return false;
	while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0)
		if (!add_property(reply, out) || sd_bus_message_exit_container(reply) < 0)
			return false;
	return r == 0 && out->len > 0;
}

/* ---- the question ---- */

#define PRIVATE_OF_SYSTEM "/run/systemd/private"
#define BUS_OF_SYSTEM "/run/dbus/system_bus_socket"

struct unitbus {
	struct job *job;
	sd_bus *bus;
	struct reply {
		struct unitbus *of;
		struct buf text;
	} *replies; /* in the order of the units */
	size_t n, awaited;
	enum unitbus_state state;
};

/* One unit's whole name: systemctl completes others, and takes patterns. */
static bool is_whole_name(const char *unit)
{
	static const char *const suffixes[] = { ".service", ".timer", ".path", ".socket", ".target" };

	if (*unit == '-' || strpbrk(unit, "/*?[ "))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (text_ends(unit, suffixes[i]) && strlen(unit) > strlen(suffixes[i]))
			return true;
	return false;
}

/* The words behind `show`, when all are such names. */
static char *const *units_of(const struct probe *p)
{
	char *const *v = p->argv;

	if (!v || !text_eq(*v, "systemctl"))
		return NULL;
	while (*v && strcmp(*v, "show") != 0)
		v++;
	if (!*v || !*++v)
		return NULL;
	for (char *const *u = v; *u; u++)
		if (!is_whole_name(*u))
			return NULL;
	return v;
}

/* Where systemctl connects to: the manager itself, but for the system's one, which talks to root alone. Caller frees. */
static char *address_of(const struct probe *p, bool *ret_daemon)
{
	_cleanup_free_ char *path = NULL;

	*ret_daemon = false;
	if (p->as && !p->as->runtime_dir)
		return NULL;
	if (p->as) {
		path = mem_printf("%s/systemd/private", p->as->runtime_dir);
	} else {
		*ret_daemon = geteuid() != 0;
		path = mem_strdup(*ret_daemon ? BUS_OF_SYSTEM : PRIVATE_OF_SYSTEM);
	}
	/* an address escapes what is none of these, and no such path is one of systemd's */
	for (const char *s = path; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("/_-.", *s))
			return NULL;
	return access(path, F_OK) == 0 ? mem_printf("unix:path=%s", path) : NULL;
}

/* As systemctl prints them: a blank line between. */
static void answer(struct unitbus *u)
{
	uint64_t max = u->job->probe->limits.max_bytes, len = u->n - 1;

	for (size_t i = 0; i < u->n; i++)
		len += u->replies[i].text.len;
	u->state = len <= max ? UNITBUS_ANSWERED : UNITBUS_INSTEAD;
	if (u->state != UNITBUS_ANSWERED)
		return;
	for (size_t i = 0; i < u->n; i++) {
		if (i)
			job_chunk(u->job, STREAM_OUT, "\n", 1, max);
		job_chunk(u->job, STREAM_OUT, u->replies[i].text.data, u->replies[i].text.len, max);
	}
	u->job->rec.via = VIA_BUS;
}

static int on_reply(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct reply *r = data;
	struct unitbus *u = r->of;

	if (u->state != UNITBUS_WAITS)
		return 1;
	if (sd_bus_message_is_method_error(reply, NULL) || !reply_text(reply, &r->text))
		u->state = UNITBUS_INSTEAD;
	else if (--u->awaited == 0)
		answer(u);
	return 1;
}

static int ask_unit(struct reply *r, const char *unit)
{
	char *path = NULL;
	int e = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);

	/* the library waits 25 s for a reply; the probe's own deadline, which the caller keeps, comes before */
	if (e >= 0)
		e = sd_bus_call_method_async(r->of->bus, NULL, "org.freedesktop.systemd1", path, "org.freedesktop.DBus.Properties", "GetAll",
			on_reply, r, "s", "");
	free(path);
	return e;
}

static bool ask(struct unitbus *u, const char *address, bool daemon, char *const *units)
{
	int r = sd_bus_new(&u->bus);

	if (r >= 0)
		r = sd_bus_set_address(u->bus, address);
	if (r >= 0 && daemon)
		r = sd_bus_set_bus_client(u->bus, 1);
	if (r >= 0)
		r = sd_bus_start(u->bus);
	u->n = u->awaited = strv_len(units);
	u->replies = mem_alloc(u->n * sizeof(*u->replies));
	for (size_t i = 0; i < u->n; i++) {
		u->replies[i] = (struct reply){ .of = u };
		if (r >= 0)
			r = ask_unit(&u->replies[i], units[i]);
	}
	return r >= 0;
}

struct unitbus *unitbus_start(struct job *job)
{
	const struct probe *p = job->probe;
	char *const *units = units_of(p);
	bool daemon;

	if (!units || (p->as && p->as->uid != geteuid()))
		return NULL;
	_cleanup_free_ char *address = address_of(p, &daemon);
	if (!address || dl_systemd(NULL))
		return NULL;
	struct unitbus *u = mem_alloc(sizeof(*u));
	u->job = job;
	if (!ask(u, address, daemon, units)) {
		unitbus_free(u);
		return NULL;
	}
	return u;
}

struct pollfd unitbus_fd(const struct unitbus *u)
{
	int events = sd_bus_get_events(u->bus);

	return (struct pollfd){ .fd = sd_bus_get_fd(u->bus), .events = (short)(events < 0 ? POLLIN : events) };
}

enum unitbus_state unitbus_turn(struct unitbus *u)
{
	int r;

	do
		r = sd_bus_process(u->bus, NULL);
	while (r > 0 && u->state == UNITBUS_WAITS);
	if (r < 0 && u->state == UNITBUS_WAITS)
		u->state = UNITBUS_INSTEAD;
	return u->state;
}

void unitbus_free(struct unitbus *u)
{
	if (!u)
		return;
	sd_bus_close_unref(u->bus);
	for (size_t i = 0; i < u->n; i++)
		buf_wipe(&u->replies[i].text); /* an environment is in it */
	free(u->replies);
	free(u);
}
