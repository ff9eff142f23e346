/* SPDX-License-Identifier: MIT */
#include "formats/plist.h"

#include <string.h>

#include "formats/launchctl_lines.h"
#include "formats/launchd_rows.h"

static const char *type_name(plist_t node)
{
	switch (plist_get_node_type(node)) {
	case PLIST_BOOLEAN:
		return "boolean";
	case PLIST_UINT:
		return "integer";
	case PLIST_REAL:
		return "real";
	case PLIST_STRING:
		return "string";
	case PLIST_ARRAY:
		return "array";
	case PLIST_DICT:
		return "dictionary";
	case PLIST_DATE:
		return "date";
	case PLIST_DATA:
		return "data";
	default:
		return "value of another type";
	}
}

/* A file of nothing but oddities need not be listed to its end. */
static void note(char ***list, char *text)
{
	if (strv_len(*list) < LAUNCHCTL_UNKNOWN_KEPT)
		*list = strv_take(*list, text);
	else
		free(text);
}

static void mistyped(struct launchd_plist *p, const char *key, plist_t node, const char *wants)
{
	note(&p->mistyped, mem_printf("%s: %s, wants %s", key, type_name(node), wants));
}

static bool is_type(plist_t node, plist_type type)
{
	return plist_get_node_type(node) == type;
}

static char *string_of(plist_t node)
{
	char *s = NULL;

	plist_get_string_val(node, &s);
	return s ? s : mem_strdup("");
}

static int64_t integer_of(plist_t node)
{
	uint64_t v = 0;

	plist_get_uint_val(node, &v);
	return (int64_t)v;
}

static enum tristate boolean_of(plist_t node)
{
	uint8_t v = 0;

	plist_get_bool_val(node, &v);
	return v ? TRI_YES : TRI_NO;
}

static bool read_strings(plist_t node, char ***ret)
{
	plist_array_iter it = NULL;
	struct lc_list list = { 0 };
	bool good = true;

	if (!is_type(node, PLIST_ARRAY))
		return false;
	plist_array_new_iter(node, &it);
	for (;;) {
		plist_t item = NULL;

		plist_array_next_item(node, it, &item);
		if (!item)
			break;
		if (is_type(item, PLIST_STRING))
			lc_list_take(&list, string_of(item));
		else
			good = false;
	}
	free(it);
	if (good) {
		strv_free(*ret);
		*ret = list.v;
	} else {
		strv_free(list.v);
	}
	return good;
}

struct pairs_reading {
	struct launchd_plist *plist;
	const char *key;
	struct launchctl_pairs *pairs;
	plist_type type;
};

static void read_pair(void *ctx, const char *key, plist_t value)
{
	struct pairs_reading *r = ctx;

	if (!is_type(value, r->type)) {
		_cleanup_free_ char *full = mem_printf("%s.%s", r->key, key);
		mistyped(r->plist, full, value, r->type == PLIST_STRING ? "string" : "boolean");
		return;
	}
	lc_pairs_add(r->pairs, mem_strdup(key),
		r->type == PLIST_STRING ? string_of(value) : mem_strdup(boolean_of(value) ? "true" : "false"));
}

static void read_name(void *ctx, const char *key, plist_t value)
{
	lc_list_take(ctx, mem_strdup(key));
}

static void read_condition(void *ctx, const char *key, plist_t value)
{
	struct launchd_plist *p = ctx;
	_cleanup_free_ char *full = mem_printf("KeepAlive.%s", key);
	const struct {
		const char *key;
		enum tristate *at;
	} flags[] = { { "SuccessfulExit", &p->keepalive_successful_exit }, { "Crashed", &p->keepalive_crashed },
		{ "NetworkState", &p->keepalive_network_state }, { "AfterInitialDemand", &p->keepalive_after_initial_demand } };
	const struct {
		const char *key;
		struct launchctl_pairs *at;
	} maps[] = { { "PathState", &p->keepalive_path_state }, { "OtherJobEnabled", &p->keepalive_other_job } };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (strcmp(flags[i].key, key) != 0)
			continue;
		if (is_type(value, PLIST_BOOLEAN))
			*flags[i].at = boolean_of(value);
		else
			mistyped(p, full, value, "boolean");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		struct pairs_reading r = { p, full, maps[i].at, PLIST_BOOLEAN };

		if (strcmp(maps[i].key, key) != 0)
			continue;
		if (is_type(value, PLIST_DICT))
			plist_each_pair(value, read_pair, &r);
		else
			mistyped(p, full, value, "dictionary of booleans");
		return;
	}
	note(&p->unknown, TAKE_PTR(full));
}

static bool read_keepalive(struct launchd_plist *p, plist_t node)
{
	if (is_type(node, PLIST_BOOLEAN)) {
		p->keepalive = boolean_of(node) == TRI_YES ? KEEPALIVE_TRUE : KEEPALIVE_FALSE;
		return true;
	}
	if (!is_type(node, PLIST_DICT))
		return false;
	p->keepalive = KEEPALIVE_DICT;
	plist_each_pair(node, read_condition, p);
	return true;
}

static bool read_umask(plist_t node, int64_t *ret)
{
	if (is_type(node, PLIST_UINT)) {
		*ret = integer_of(node);
		return true;
	}
	if (!is_type(node, PLIST_STRING))
		return false;
	_cleanup_free_ char *s = string_of(node);
	if (!*s || strlen(s) > 6 || strspn(s, "01234567") != strlen(s))
		return false;
	*ret = strtol(s, NULL, 8);
	return true;
}

/* NULL when read, else what launchd wants there. */
static const char *read_row(struct launchd_plist *p, const struct launchd_row *row, plist_t node)
{
	void *at = (char *)p + row->offset;

	switch (row->kind) {
	case KIND_STRING:
		if (!is_type(node, PLIST_STRING))
			return "string";
		free(*(char **)at);
		*(char **)at = string_of(node);
		return NULL;
	case KIND_STRING_OR_STRINGS:
		if (is_type(node, PLIST_STRING)) {
			strv_free(*(char ***)at);
			*(char ***)at = strv_take(NULL, string_of(node));
			return NULL;
		}
		return read_strings(node, at) ? NULL : "string or array of strings";
	case KIND_STRINGS:
		return read_strings(node, at) ? NULL : "array of strings";
	case KIND_INTEGER:
		if (!is_type(node, PLIST_UINT))
			return "integer";
		*(int64_t *)at = integer_of(node);
		return NULL;
	case KIND_BOOLEAN:
		if (!is_type(node, PLIST_BOOLEAN))
			return "boolean";
		*(enum tristate *)at = boolean_of(node);
		return NULL;
	case KIND_UMASK:
		return read_umask(node, at) ? NULL : "integer or octal string";
	case KIND_PAIRS:
		if (!is_type(node, PLIST_DICT))
			return "dictionary of strings";
		plist_each_pair(node, read_pair, &(struct pairs_reading){ p, row->key, at, PLIST_STRING });
		return NULL;
	case KIND_NAMES:
		if (!is_type(node, PLIST_DICT))
			return "dictionary";
		struct lc_list list = { 0 };
		plist_each_pair(node, read_name, &list);
		strv_free(*(char ***)at); /* the key may stand there twice */
		*(char ***)at = list.v;
		return NULL;
	case KIND_CALENDAR:
		if (is_type(node, PLIST_DICT))
			*(size_t *)at = 1;
		else if (is_type(node, PLIST_ARRAY))
			*(size_t *)at = plist_array_get_size(node);
		else
			return "dictionary or array of dictionaries";
		return NULL;
	case KIND_KEEPALIVE:
		return read_keepalive(p, node) ? NULL : "boolean or dictionary";
	case KIND_OTHER:
		break;
	}
	return NULL;
}

static void read_key(void *ctx, const char *key, plist_t value)
{
	struct launchd_plist *p = ctx;
	const struct launchd_row *row = launchd_row_find(key);
	const char *wants;

	if (!row) {
		note(&p->unknown, mem_strdup(key));
		return;
	}
	wants = read_row(p, row, value);
	if (wants)
		mistyped(p, key, value, wants);
}

void launchd_plist_init(struct launchd_plist *p)
{
	*p = (struct launchd_plist){ .umask = -1, .nice = INT64_MIN, .throttle_interval = -1, .start_interval = -1, .exit_timeout = -1,
		.run_at_load = TRI_UNSET, .disabled = TRI_UNSET, .on_demand = TRI_UNSET, .abandon_process_group = TRI_UNSET,
		.launch_only_once = TRI_UNSET, .start_on_mount = TRI_UNSET, .keepalive_successful_exit = TRI_UNSET,
		.keepalive_crashed = TRI_UNSET, .keepalive_network_state = TRI_UNSET, .keepalive_after_initial_demand = TRI_UNSET };
}

int launchd_plist_parse(const void *p, size_t n, struct launchd_plist *ret, struct err *err)
{
	struct launchd_plist out;
	int rc;

	launchd_plist_init(&out);
	rc = plist_load(p, n, &out.root, err);
	if (rc < 0)
		return rc;
	if (!is_type(out.root, PLIST_DICT)) {
		rc = err_set(err, ERR_SYNTAX, "not a job definition: the root is %s, not a dictionary", type_name(out.root));
		launchd_plist_free(&out);
		return rc;
	}
	out.binary = n >= 8 && memcmp(p, "bplist00", 8) == 0;
	plist_each_pair(out.root, read_key, &out);
	*ret = out;
	return 0;
}

void launchd_plist_free(struct launchd_plist *p)
{
	char *strings[] = { p->label, p->program, p->bundle_program, p->stdin_path, p->stdout_path, p->stderr_path, p->working_directory,
		p->root_directory, p->username, p->group, p->process_type };
	char **lists[] = { p->arguments, p->session_types, p->watch_paths, p->queue_directories, p->mach_services, p->sockets, p->unknown,
		p->mistyped };

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		strv_free(lists[i]);
	lc_pairs_free(&p->environment);
	lc_pairs_free(&p->keepalive_path_state);
	lc_pairs_free(&p->keepalive_other_job);
	plist_freep(&p->root);
	launchd_plist_init(p);
}

const char *launchd_plist_program(const struct launchd_plist *p)
{
	return p->program ? p->program : p->arguments ? p->arguments[0] : p->bundle_program;
}
