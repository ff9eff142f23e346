/* SPDX-License-Identifier: MIT */
#include "collect/host.h"

#include <string.h>

#include "formats/text.h"

const char *platform_name(enum platform p)
{
	return p == PLATFORM_LINUX ? "linux" : p == PLATFORM_DARWIN ? "darwin" : "unknown";
}

void host_free(struct host *h)
{
	free(h->kernel);
	free(h->os_release);
	free(h->hostname);
	free(h->machine_tag);
	free(h->boot_id);
	free(h->pid1);
	strv_free(h->environment);
	*h = (struct host){ 0 };
}

void user_free(struct user *u)
{
	free(u->id.name);
	free(u->id.home);
	free(u->id.runtime_dir);
	free(u->shell);
	*u = (struct user){ 0 };
}

const char *host_env(const struct host *h, const char *name)
{
	size_t n = strlen(name);

	for (char **e = h->environment; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static json_t *fact_json(const struct answer *a, struct err *err)
{
	json_error_t why;

	if (!record_answered(&a->rec)) {
		err_set(err, a->rec.outcome == OUTCOME_ABSENT ? ERR_ABSENT : ERR_INCOMPLETE, "%s: %s",
			a->rec.key ? a->rec.key : "fact", a->rec.reason ? a->rec.reason : outcome_name(a->rec.outcome));
		return NULL;
	}
	json_t *j = json_loadb(buf_str(&a->out), a->out.len, 0, &why);
	if (!json_is_object(j)) {
		json_decref(j);
		err_set(err, ERR_SYNTAX, "%s: not a JSON object", a->rec.key);
		return NULL;
	}
	return j;
}

static char *str(const json_t *j, const char *key)
{
	return mem_strdup(json_string_value(json_object_get(j, key)));
}

static uint64_t time_of(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	uint64_t us = 0;

	if (json_is_integer(v))
		return (uint64_t)json_integer_value(v);
	if (!json_is_string(v) || text_parse_time(json_string_value(v), &us))
		return 0;
	return us;
}

int host_parse(const struct answer *a, struct host *ret, struct err *caller_err)
{
	struct err own, *err = caller_err ? caller_err : &own;
	json_t *j = fact_json(a, err);

	if (!j)
		return -err->code;
	const char *platform = json_string_value(json_object_get(j, "platform"));
	*ret = (struct host){
		.platform = text_eq(platform, "linux")	  ? PLATFORM_LINUX
			    : text_eq(platform, "darwin") ? PLATFORM_DARWIN
							  : PLATFORM_UNKNOWN,
		.kernel = str(j, "kernel"),
		.os_release = str(j, "osRelease"),
		.hostname = str(j, "hostname"),
		.machine_tag = str(j, "machineTag"),
		.boot_id = str(j, "bootId"),
		.booted_us = time_of(j, "bootedAt"),
		.now_us = time_of(j, "now"),
		.uid = (uint32_t)json_integer_value(json_object_get(j, "uid")),
		.euid = (uint32_t)json_integer_value(json_object_get(j, "euid")),
		.pid1 = str(j, "pid1"),
		.journal_denied = json_is_true(json_object_get(j, "journalDenied")),
	};
	const char *name;
	json_t *v;
	json_object_foreach(json_object_get(j, "environment"), name, v)
		if (json_is_string(v))
			ret->environment = strv_take(ret->environment, mem_printf("%s=%s", name, json_string_value(v)));
	json_decref(j);
	return 0;
}

int user_parse(const struct answer *a, struct user *ret, struct err *caller_err)
{
	struct err own, *err = caller_err ? caller_err : &own;
	json_t *j = fact_json(a, err);

	if (!j)
		return -err->code;
	*ret = (struct user){
		.id = { .name = str(j, "name"),
			.uid = (uid_t)json_integer_value(json_object_get(j, "uid")),
			.gid = (gid_t)json_integer_value(json_object_get(j, "gid")),
			.home = str(j, "home"),
			.runtime_dir = str(j, "runtimeDir") },
		.shell = str(j, "shell"),
		.sudo = json_is_true(json_object_get(j, "sudo")),
		.linger = json_is_true(json_object_get(j, "linger")),
		.manager = json_is_true(json_object_get(j, "manager")),
		.bus = json_is_true(json_object_get(j, "bus")),
		.podman_pause = json_is_true(json_object_get(j, "podmanPause")),
	};
	json_decref(j);
	if (!ret->id.name || !ret->id.home) {
		user_free(ret);
		return err_set(err, ERR_SYNTAX, "%s: lacks name or home", a->rec.key);
	}
	return 0;
}

int host_get(struct source *s, struct host *ret, struct err *err)
{
	_cleanup_probe_ struct probe *p = probe_fact("host");
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(s, p, &a, err);

	return r ? r : host_parse(&a, ret, err);
}

static int user_fact(struct source *s, const char *name, struct user *ret, struct err *err)
{
	_cleanup_probe_ struct probe *p = probe_fact(name);
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(s, p, &a, err);

	return r ? r : user_parse(&a, ret, err);
}

int caller_get(struct source *s, struct user *ret, struct err *err)
{
	return user_fact(s, "caller", ret, err);
}

int user_get(struct source *s, const char *name, struct user *ret, struct err *err)
{
	_cleanup_free_ char *fact = mem_printf("user/%s", name);

	return user_fact(s, fact, ret, err);
}

char *user_state_dir(enum platform platform, const struct identity *id)
{
	bool darwin = platform == PLATFORM_DARWIN;

	if (id->uid == 0)
		return mem_strdup(darwin ? "/Library/Application Support/sourceos-agent" : "/var/lib/sourceos-agent");
	return mem_printf(darwin ? "%s/Library/Application Support/sourceos-agent" : "%s/.local/state/sourceos-agent", id->home);
}
