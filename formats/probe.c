/* SPDX-License-Identifier: MIT */
#include "formats/probe.h"

#include <string.h>

#include "formats/text.h"

static const char *const class_names[PAYLOAD_CLASSES] = {
	[PAYLOAD_TEXT] = "text",
	[PAYLOAD_AUTH] = "auth",
	[PAYLOAD_PODMAN] = "podman",
	[PAYLOAD_JSON] = "json",
	[PAYLOAD_JSONL] = "jsonl",
	[PAYLOAD_UNIT] = "unit",
	[PAYLOAD_SHOW] = "show",
	[PAYLOAD_ENV] = "env",
	[PAYLOAD_PLIST] = "plist",
	[PAYLOAD_LAUNCHCTL] = "launchctl",
	[PAYLOAD_SCRIPT] = "script",
	[PAYLOAD_FRAMES] = "frames",
};

const char *payload_class_name(enum payload_class c)
{
	return (unsigned)c < PAYLOAD_CLASSES ? class_names[c] : "text";
}

int payload_class_parse(const char *s, enum payload_class *ret)
{
	for (int i = 0; i < PAYLOAD_CLASSES; i++)
		if (strcmp(s, class_names[i]) == 0) {
			*ret = (enum payload_class)i;
			return 0;
		}
	return -1;
}

struct identity *identity_copy(const struct identity *id)
{
	if (!id)
		return NULL;
	struct identity *c = mem_alloc(sizeof(*c));
	*c = *id;
	c->name = mem_strdup(id->name);
	c->home = mem_strdup(id->home);
	c->runtime_dir = mem_strdup(id->runtime_dir);
	return c;
}

void identity_free(struct identity *id)
{
	if (!id)
		return;
	free(id->name);
	free(id->home);
	free(id->runtime_dir);
	free(id);
}

void identity_freep(struct identity **id)
{
	identity_free(*id);
	*id = NULL;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	free(p->key);
	strv_free(p->argv);
	free(p->path);
	free(p->target);
	identity_free(p->as);
	strv_free(p->env);
	free(p->artifact);
	free(p);
}

void probe_freep(struct probe **p)
{
	probe_free(*p);
	*p = NULL;
}

struct probe *probe_copy(const struct probe *p)
{
	struct probe *c = mem_alloc(sizeof(*c));

	*c = *p;
	c->key = mem_strdup(p->key);
	c->argv = p->argv ? strv_dup(p->argv) : NULL;
	c->path = mem_strdup(p->path);
	c->target = mem_strdup(p->target);
	c->as = identity_copy(p->as);
	c->env = p->env ? strv_dup(p->env) : NULL;
	c->artifact = mem_strdup(p->artifact);
	return c;
}

static struct probe *probe_new(enum probe_kind kind, char *key, enum payload_class payload)
{
	struct probe *p = mem_alloc(sizeof(*p));

	p->kind = kind;
	p->key = key;
	p->payload = payload;
	p->limits = (struct probe_limits){ .timeout_ms = 5000, .max_bytes = 4u << 20 };
	return p;
}

struct probe *probe_cmd(const char *key, char *const *argv, const struct identity *as, enum payload_class payload)
{
	struct probe *p = probe_new(PROBE_CMD, mem_strdup(key), payload);

	p->argv = strv_dup(argv);
	p->as = identity_copy(as);
	p->limits.timeout_ms = 10000;
	return p;
}

struct probe *probe_file(const char *path, enum payload_class payload)
{
	struct probe *p = probe_new(PROBE_FILE, mem_printf("file%s", path), payload);

	p->path = mem_strdup(path);
	p->tier = payload == PAYLOAD_AUTH ? 2 : 1;
	return p;
}

struct probe *probe_dir(const char *path)
{
	struct probe *p = probe_new(PROBE_DIR, mem_printf("dir%s", path), PAYLOAD_JSONL);

	p->path = mem_strdup(path);
	return p;
}

struct probe *probe_link(const char *path)
{
	struct probe *p = probe_new(PROBE_LINK, mem_printf("link%s", path), PAYLOAD_TEXT);

	p->path = mem_strdup(path);
	return p;
}

struct probe *probe_http(const char *key, const char *socket, const char *target, const struct identity *as,
	enum payload_class payload)
{
	struct probe *p = probe_new(PROBE_HTTP, mem_strdup(key), payload);

	p->path = mem_strdup(socket);
	p->target = mem_strdup(target);
	p->as = identity_copy(as);
	return p;
}

struct probe *probe_fact(const char *name)
{
	struct probe *p = probe_new(PROBE_FACT, mem_printf("fact/%s", name), PAYLOAD_JSON);

	p->target = mem_strdup(name);
	return p;
}

char *probe_command(const struct probe *p)
{
	struct buf b = { 0 };

	switch (p->kind) {
	case PROBE_CMD:
		for (size_t i = 0; p->env && p->env[i]; i++) {
			text_add_shell(&b, p->env[i]);
			buf_addc(&b, ' ');
		}
		for (size_t i = 0; p->argv && p->argv[i]; i++) {
			if (i)
				buf_addc(&b, ' ');
			text_add_shell(&b, p->argv[i]);
		}
		break;
	case PROBE_FILE:
		buf_adds(&b, "cat ");
		text_add_shell(&b, p->path);
		break;
	case PROBE_DIR:
		buf_adds(&b, "ls -la ");
		text_add_shell(&b, p->path);
		break;
	case PROBE_LINK:
		buf_adds(&b, "stat ");
		text_add_shell(&b, p->path);
		break;
	case PROBE_HTTP:
		buf_adds(&b, "curl --unix-socket ");
		text_add_shell(&b, p->path);
		buf_adds(&b, " http://d");
		text_add_shell(&b, p->target);
		break;
	case PROBE_FACT:
		/* nothing a shell has in one word; the nearest is named so that a reader knows what it is */
		buf_addf(&b, "sourceos-agent fact %s", p->target);
		break;
	}
	return buf_take(&b);
}
