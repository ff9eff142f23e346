/* SPDX-License-Identifier: MIT */
/*
 * Ticket systems: Request Tracker (REST 2), Jira (REST 2), Redmine. Each: is the ticket there and what
 * does it take, is the attachment there (asked again after a failure, so that a lost answer does not
 * attach twice), attach. See upload_driver.h.
 */
#include <string.h>

#include "bundle/upload_driver.h"
#include "formats/json.h"
#include "formats/text.h"

/* The last of the attachments that has this name and this size: the newest, as all three list them. */
static const json_t *find_attachment(const struct upload *u, const json_t *list, const char *name_key, const char *size_key)
{
	const json_t *found = NULL, *a;
	size_t i;

	json_array_foreach(list, i, a)
	{
		/* RT answers numbers as texts */
		const json_t *size = json_object_get(a, size_key);
		uint64_t n = json_is_integer(size) ? (uint64_t)json_integer_value(size) : UINT64_MAX;
		if (json_is_string(size) && text_to_u64(json_string_value(size), INT64_MAX, &n))
			n = UINT64_MAX;
		if (text_eq(json_get(a, name_key), u->name) && n == u->size)
			found = a;
	}
	return found;
}

static int ticket_there(struct upload *u, const char *url, json_t **ret, struct err *err)
{
	int r = upload_get_json(u, url, ret, "asking for the ticket", err);

	if (r != 1)
		return r;
	return err_set(err, ERR_ABSENT, "%s: there is no ticket %s (or it is not for us to see)", u->profile->url, u->options->ticket);
}

/* Content from our target alone: an address elsewhere would be sent our credentials. */
static char *own_url(const struct upload *u, const char *url)
{
	size_t n = strlen(u->base);

	return url && strncmp(url, u->base, n) == 0 && url[n] == '/' ? mem_strdup(url) : NULL;
}

static char *json_text(json_t *j)
{
	char *s = json_dumps(j, JSON_COMPACT);

	if (!s)
		abort(); /* out of memory: see mem.h */
	json_decref(j);
	return s;
}

/* A comment that is not UTF-8 does not get into JSON: it is made safe first. */
static char *comment_of(const struct upload *u)
{
	return text_safe(u->options->comment ? u->options->comment : "Evidence bundle of sourceos-agent.");
}

/* Request Tracker */

static int rt_prepare(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = mem_printf("%s/REST/2.0/ticket/%s", u->base, u->options->ticket);
	_cleanup_json_ json_t *j = NULL;

	return ticket_there(u, url, &j, err);
}

static int rt_look(struct upload *u, struct upload_remote *ret, struct err *err)
{
	/* newest first, or those of a long ticket would hide it on a later page */
	_cleanup_free_ char *url = mem_printf("%s/REST/2.0/ticket/%s/attachments?fields=Filename,ContentLength&per_page=100&orderby=id&order=DESC",
		u->base, u->options->ticket);
	_cleanup_json_ json_t *j = NULL;
	int r = upload_get_json(u, url, &j, "asking for the ticket's attachments", err);

	if (r)
		return r;
	const json_t *a = find_attachment(u, json_object_get(j, "items"), "Filename", "ContentLength");
	if (!a)
		return 1;
	ret->size = (int64_t)u->size; /* its content comes in base64 only: no hash is taken of it */
	return 0;
}

static int rt_send(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = mem_printf("%s/REST/2.0/ticket/%s/comment", u->base, u->options->ticket);
	_cleanup_free_ char *comment = comment_of(u);
	_cleanup_free_ char *text = json_text(json_pack("{s:s, s:s, s:s}", "Subject", u->name, "Content", comment, "ContentType", "text/plain"));
	_cleanup_response_ struct http_response a = { 0 };
	struct http_body body = upload_body(u);
	struct http_request q = { .method = "POST", .url = url, .text = text, .text_field = "JSON", .body = &body,
		.file_field = "Attachments", .file_name = u->name };

	return upload_ask(u, &q, &a, "attaching", err);
}

const struct upload_driver upload_driver_rt = { .needs_ticket = true, .prepare = rt_prepare, .look = rt_look, .send = rt_send };

/* Jira */

static char *jira_issue(const struct upload *u, const char *fields)
{
	return mem_printf("%s/rest/api/2/issue/%s?fields=%s", u->base, u->options->ticket, fields);
}

/* Jira says beforehand whether attachments are on, and how large they may be. */
static int jira_prepare(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = mem_printf("%s/rest/api/2/attachment/meta", u->base), *issue = jira_issue(u, "summary");
	_cleanup_json_ json_t *j = NULL, *meta = NULL;
	int r = ticket_there(u, issue, &j, err);

	if (r || (r = upload_get_json(u, url, &meta, "asking what may be attached", err)))
		return r == 1 ? 0 : r;
	if (!json_bool(meta, "enabled", true))
		return err_set(err, ERR_DENIED, "%s: takes no attachments", u->profile->url);
	int64_t cap = json_int(meta, "uploadLimit", 0);
	if (cap > 0 && (!u->cap || (uint64_t)cap < u->cap))
		u->cap = (uint64_t)cap;
	return 0;
}

static int jira_look(struct upload *u, struct upload_remote *ret, struct err *err)
{
	_cleanup_free_ char *url = jira_issue(u, "attachment");
	_cleanup_json_ json_t *j = NULL;
	int r = upload_get_json(u, url, &j, "asking for the ticket's attachments", err);

	if (r)
		return r;
	const json_t *a = find_attachment(u, json_object_get(json_object_get(j, "fields"), "attachment"), "filename", "size");
	if (!a)
		return 1;
	ret->size = (int64_t)u->size;
	ret->content = own_url(u, json_get(a, "content"));
	return 0;
}

static int jira_send(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = mem_printf("%s/rest/api/2/issue/%s/attachments", u->base, u->options->ticket);
	/* without it Jira takes the request for a forged one */
	struct curl_slist *headers = curl_slist_append(NULL, "X-Atlassian-Token: no-check");
	_cleanup_response_ struct http_response a = { 0 };
	struct http_body body = upload_body(u);
	struct http_request q = { .method = "POST", .url = url, .headers = headers, .body = &body, .file_field = "file", .file_name = u->name };
	int r = upload_ask(u, &q, &a, "attaching", err);

	curl_slist_free_all(headers);
	return r;
}

const struct upload_driver upload_driver_jira = { .needs_ticket = true, .prepare = jira_prepare, .look = jira_look, .send = jira_send };

/* Redmine */

static char *redmine_issue(const struct upload *u, const char *query)
{
	return mem_printf("%s/issues/%s.json%s", u->base, u->options->ticket, query);
}

static int redmine_prepare(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = redmine_issue(u, "");
	_cleanup_json_ json_t *j = NULL;

	return ticket_there(u, url, &j, err);
}

static int redmine_look(struct upload *u, struct upload_remote *ret, struct err *err)
{
	_cleanup_free_ char *url = redmine_issue(u, "?include=attachments");
	_cleanup_json_ json_t *j = NULL;
	int r = upload_get_json(u, url, &j, "asking for the ticket's attachments", err);

	if (r)
		return r;
	const json_t *a = find_attachment(u, json_object_get(json_object_get(j, "issue"), "attachments"), "filename", "filesize");
	if (!a)
		return 1;
	ret->size = (int64_t)u->size;
	ret->content = own_url(u, json_get(a, "content_url"));
	return 0;
}

/* The bytes first, for a token that stands for them; *ret is the caller's. */
static int redmine_upload(struct upload *u, char **ret, struct err *err)
{
	_cleanup_buf_ struct buf url = { 0 };
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	_cleanup_response_ struct http_response a = { 0 };
	struct http_body body = upload_body(u);

	buf_addf(&url, "%s/uploads.json?filename=", u->base);
	http_add_segment(&url, u->name);
	struct http_request q = { .method = "POST", .url = buf_str(&url), .headers = headers, .body = &body };
	int r = upload_ask(u, &q, &a, "uploading", err);
	curl_slist_free_all(headers);
	/* Redmine says 422 to what is larger than its limit */
	if (a.status == 422)
		return err_set(err, ERR_LIMIT, "%s: does not take this file (HTTP 422): larger than its attachment limit?", u->profile->url);
	if (r)
		return r;
	_cleanup_json_ json_t *j = json_loadb(buf_str(&a.body), a.body.len, 0, NULL);
	const char *token = json_get(json_object_get(j, "upload"), "token");
	if (!token)
		return err_set(err, ERR_SYNTAX, "%s: no token in the answer; is this Redmine?", u->profile->url);
	*ret = mem_strdup(token);
	return 0;
}

static int redmine_send(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = redmine_issue(u, ""), *token = NULL, *comment = comment_of(u);
	_cleanup_response_ struct http_response a = { 0 };
	int r = redmine_upload(u, &token, err);

	if (r)
		return r;
	_cleanup_free_ char *text = json_text(json_pack("{s:{s:s, s:[{s:s, s:s, s:s}]}}", "issue", "notes", comment, "uploads", "token", token,
		"filename", u->name, "content_type", "application/octet-stream"));
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	struct http_request q = { .method = "PUT", .url = url, .headers = headers, .text = text };
	r = upload_ask(u, &q, &a, "attaching", err);
	curl_slist_free_all(headers);
	return r;
}

const struct upload_driver upload_driver_redmine = {
	.needs_ticket = true, .prepare = redmine_prepare, .look = redmine_look, .send = redmine_send
};
