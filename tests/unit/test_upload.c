/* SPDX-License-Identifier: MIT */
/* Uploads to tests/attach/server.py, which behaves well or badly as it is told. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bundle/hands.h"
#include "bundle/upload.h"
#include "formats/json.h"
#include "formats/text.h"
#include "tests/unit/scratch.h"

enum { SIZE = 3 << 20, PART = 256 << 10 };

struct server {
	pid_t pid;
	int in; /* closed: it ends */
	FILE *out;
	unsigned port;
};

static void server_spawn(struct server *s, const char *cert, const char *key)
{
	int in[2], out[2];
	char line[32] = "";

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		abort();
	s->pid = fork();
	if (!s->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "tests/attach/server.py", cert, key, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->in = in[1];
	s->out = fdopen(out[0], "r");
	if (!fgets(line, sizeof(line), s->out))
		fail_msg("tests/attach/server.py did not start");
	s->port = (unsigned)strtoul(line, NULL, 10);
}

/* Changes its mode; how many requests of that method it saw before, and their bodies' bytes. */
static unsigned server_turn(struct server *s, const char *mode, const char *method, uint64_t *bytes, char **last)
{
	char line[4096];
	unsigned n = 0;

	dprintf(s->in, "%s\n", mode);
	while (fgets(line, sizeof(line), s->out) && line[0] != '.') {
		_cleanup_json_ json_t *j = json_loads(line, 0, NULL);
		if (!method || !text_eq(json_get(j, "method"), method))
			continue;
		n++;
		if (bytes)
			*bytes += (uint64_t)json_int(j, "bytes", 0);
		if (last)
			mem_set(last, line);
	}
	return n;
}

static void server_end(struct server *s)
{
	int status;

	if (!s->out)
		return;
	close(s->in);
	fclose(s->out);
	s->out = NULL;
	waitpid(s->pid, &status, 0);
}
#define _cleanup_server_ CLEANUP(server_end)

/* The one without TLS serves all tests: a Python takes its time to start. */
static struct server server;

static void server_mode(const char *mode)
{
	if (!server.out)
		server_spawn(&server, NULL, NULL);
	server_turn(&server, mode, NULL, NULL, NULL);
}

static unsigned server_saw(const char *method, uint64_t *bytes, char **last)
{
	return server_turn(&server, "good", method, bytes, last);
}

static int server_teardown(void **state)
{
	server_end(&server);
	return 0;
}

/* A file of SIZE bytes and its hash. */
struct file {
	char *dir, *path;
	uint8_t sha[32];
};

static void file_make(struct file *f)
{
	_cleanup_free_ char *data = mem_alloc(SIZE);
	uint64_t n;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	*f = (struct file){ .dir = scratch_make() };
	f->path = mem_printf("%s/b.tar.zst", f->dir);
	scratch_write(f->dir, "b.tar.zst", data, SIZE);
	assert_int_equal(hands_hash(f->path, f->sha, &n, NULL), 0);
}

static void file_end(struct file *f)
{
	scratch_remove(&f->dir);
	free(f->path);
}
#define _cleanup_file_ CLEANUP(file_end)

static struct upload_options fast(const char *ticket)
{
	return (struct upload_options){ .ticket = ticket, .backoff_ms = 1, .part_bytes = PART };
}

static struct attach_profile profile(enum attach_type type)
{
	return (struct attach_profile){ .type = type, .url = mem_printf("http://127.0.0.1:%u%s", server.port, type == ATTACH_PUT ? "/in/" : ""),
		.retries = 3, .stall_s = 30 };
}

/* One upload in one mode; the code, with results. */
struct outcome_of {
	int code;
	struct err err;
	struct upload_result res;
	unsigned requests;
	uint64_t bytes;
	char *last;
};

static void outcome_end(struct outcome_of *o)
{
	upload_result_free(&o->res);
	free(o->last);
}
#define _cleanup_outcome_ CLEANUP(outcome_end)

static void put(struct outcome_of *o, const char *mode, bool resume)
{
	_cleanup_file_ struct file f = { 0 };

	file_make(&f);
	server_mode(mode);
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_PUT);
	p.resume = resume;
	if (text_eq(mode, "stalls"))
		p.stall_s = 1, p.retries = 0;
	struct upload_options opt = fast(NULL);
	o->code = upload_file(&p, NULL, f.path, "b.tar.zst", f.sha, &opt, &o->res, &o->err);
	o->requests = server_saw("PUT", &o->bytes, &o->last);
}

static void test_put_reads_back_size_and_hash(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "good", false);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_int_equal(o.res.readback, READBACK_HASH);
	assert_int_equal(o.res.attempts, 1);
	assert_int_equal(o.bytes, SIZE);
	assert_non_null(strstr(o.res.where, "/in/b.tar.zst"));
}

static void test_dies_midway_and_is_retried(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "dies", false);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_int_equal(o.res.attempts, 3);
	assert_int_equal(o.requests, 3);
	assert_int_equal(o.res.readback, READBACK_HASH);
}

static void test_resumes_where_the_server_can(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "dies-keeps", true);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_true(o.res.resumed_from >= 1500000);
	assert_non_null(strstr(o.last, "Content-Range"));
	assert_int_equal(o.res.readback, READBACK_HASH);
	/* no byte that had arrived was sent again, but for what the first attempts overlap in flight */
	assert_true(o.bytes <= SIZE + 2 * 131072);
}

static void test_a_lost_answer_does_not_send_twice(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "late-hangup", false);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_int_equal(o.requests, 1);
	assert_int_equal(o.res.readback, READBACK_HASH);
}

static void test_busy_server_is_retried(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "503", false);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_int_equal(o.res.attempts, 3);
}

static void test_put_only_place_is_not_read_back(void **state)
{
	_cleanup_outcome_ struct outcome_of o = { 0 };

	put(&o, "put-only", false);
	if (o.code)
		fail_msg("%s", o.err.msg);
	assert_int_equal(o.res.readback, READBACK_NONE);
}

static void test_refusals_are_named_and_not_retried(void **state)
{
	static const struct {
		const char *mode, *said;
		int code;
	} c[] = {
		{ "413", "413 (larger than the server takes)", -ERR_LIMIT },
		{ "507", "no space left", -ERR_LIMIT },
		{ "401", "not accepted", -ERR_DENIED },
		{ "redirect", "sends us elsewhere, to http://127.0.0.1:9/elsewhere", -ERR_TRUST },
		{ "flood", "answers with more than", -ERR_LIMIT },
		{ "stalls", "", -ERR_TIMEOUT },
		{ "truncates", "3145728 bytes sent, 3145727", -ERR_TRUST },
		{ "changes", "not what was sent", -ERR_TRUST },
	};

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_outcome_ struct outcome_of o = { 0 };
		put(&o, c[i].mode, false);
		if (o.code != c[i].code || !strstr(o.err.msg, c[i].said))
			fail_msg("%s: %d %s", c[i].mode, o.code, o.err.msg);
		assert_true(o.requests <= 1);
	}
}

/* A server that says back what it was given must not make us print it. */
static void test_an_echoed_secret_is_blotted(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct err err = { 0 };

	file_make(&f);
	server_mode("echo");
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_PUT);
	p.auth = ATTACH_AUTH_BEARER;
	struct upload_options opt = fast(NULL);
	assert_int_equal(upload_file(&p, "s3cret-token", f.path, "b.tar.zst", f.sha, &opt, &res, &err), -ERR_IO);
	_cleanup_free_ char *last = NULL;
	server_saw("PUT", NULL, &last);
	assert_non_null(strstr(last, "Bearer s3cret-token"));
	assert_non_null(strstr(err.msg, "HTTP 400"));
	assert_null(strstr(err.msg, "s3cret"));
	assert_null(strchr(err.msg, 0x1b));
}

static void test_nothing_is_sent_that_changed_or_is_too_large(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct upload_options opt = fast(NULL);
	struct err err = { 0 };

	file_make(&f);
	server_mode("good");
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_PUT);
	p.max_bytes = SIZE - 1;
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), -ERR_LIMIT);
	p.max_bytes = SIZE;
	opt.dry_run = true;
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), 0);
	assert_int_equal(res.attempts, 0);
	f.sha[0] ^= 1;
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), -ERR_TRUST);
	assert_int_equal(server_saw("PUT", NULL, NULL), 0);
}

static void test_what_is_there_is_not_sent_again_nor_replaced(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_free_ char *other = NULL;
	_cleanup_upload_result_ struct upload_result res = { 0 }, again = { 0 };
	struct upload_options opt = fast(NULL);
	struct err err = { 0 };
	uint8_t sha[32];
	uint64_t n;

	file_make(&f);
	server_mode("good");
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_PUT);
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), 0);
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &again, &err), 0);
	assert_true(again.already);
	scratch_write(f.dir, "other", "other", 5);
	other = mem_printf("%s/other", f.dir);
	assert_int_equal(hands_hash(other, sha, &n, NULL), 0);
	assert_int_equal(upload_file(&p, NULL, other, "b", sha, &opt, &again, &err), -ERR_BUSY);
	assert_int_equal(server_saw("PUT", NULL, NULL), 1);
}

static void test_webdav_makes_its_folders(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct upload_options opt = fast("INC-7");
	struct err err = { 0 };

	file_make(&f);
	server_mode("good");
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_WEBDAV);
	p.prefix = mem_strdup("cases/{ticket}");
	if (upload_file(&p, NULL, f.path, "b c", f.sha, &opt, &res, &err))
		fail_msg("%s", err.msg);
	assert_non_null(strstr(res.where, "/cases/INC-7/b%20c"));
	opt.ticket = "../etc";
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), -ERR_USAGE);
	assert_int_equal(server_saw("MKCOL", NULL, NULL), 2);
}

static int attach(enum attach_type type, const char *mode, const char *ticket, struct upload_result *res, unsigned *posts, struct err *err)
{
	_cleanup_file_ struct file f = { 0 };
	struct upload_options opt = fast(ticket);

	file_make(&f);
	server_mode(mode);
	_cleanup_attach_profile_ struct attach_profile p = profile(type);
	int r = upload_file(&p, NULL, f.path, "b.tar.zst", f.sha, &opt, res, err);
	*posts = server_saw("POST", NULL, NULL);
	return r;
}

static void test_trackers_attach_and_read_back(void **state)
{
	static const struct {
		enum attach_type type;
		const char *mode, *ticket;
		enum attach_readback readback;
	} c[] = {
		{ ATTACH_JIRA, "good", "INC-7", READBACK_HASH },
		{ ATTACH_JIRA, "late-hangup", "INC-7", READBACK_HASH },
		{ ATTACH_REDMINE, "good", "7", READBACK_HASH },
		{ ATTACH_REDMINE, "content-elsewhere", "7", READBACK_SIZE },
		{ ATTACH_RT, "good", "7", READBACK_SIZE },
	};

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_upload_result_ struct upload_result res = { 0 };
		struct err err = { 0 };
		unsigned posts;
		if (attach(c[i].type, c[i].mode, c[i].ticket, &res, &posts, &err))
			fail_msg("%s %s: %s", attach_type_name(c[i].type), c[i].mode, err.msg);
		assert_int_equal(res.readback, c[i].readback);
		assert_int_equal(posts, 1);
	}
}

static void test_trackers_refuse_before_anything_is_sent(void **state)
{
	static const struct {
		enum attach_type type;
		const char *mode, *ticket, *said;
		int code;
	} c[] = {
		{ ATTACH_JIRA, "good", "INC-8", "no ticket INC-8", -ERR_ABSENT },
		{ ATTACH_REDMINE, "good", "8", "no ticket 8", -ERR_ABSENT },
		{ ATTACH_RT, "good", "8", "no ticket 8", -ERR_ABSENT },
		{ ATTACH_RT, "good", "INC-7", "not a ticket", -ERR_USAGE },
		{ ATTACH_JIRA, "good", "INC-7/../../x", "not a ticket", -ERR_USAGE },
		{ ATTACH_JIRA, "good", NULL, "--ticket", -ERR_USAGE },
		{ ATTACH_JIRA, "small", "INC-7", "at most 1000", -ERR_LIMIT },
		{ ATTACH_JIRA, "no-attachments", "INC-7", "no attachments", -ERR_DENIED },
	};

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_upload_result_ struct upload_result res = { 0 };
		struct err err = { 0 };
		unsigned posts;
		int r = attach(c[i].type, c[i].mode, c[i].ticket, &res, &posts, &err);
		if (r != c[i].code || !strstr(err.msg, c[i].said))
			fail_msg("%s: %d %s", c[i].said, r, err.msg);
		assert_int_equal(posts, 0);
	}
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct err err = { 0 };
	unsigned posts;
	assert_int_equal(attach(ATTACH_REDMINE, "422", "7", &res, &posts, &err), -ERR_LIMIT);
	assert_int_equal(attach(ATTACH_RT, "drops", "7", &res, &posts, &err), -ERR_TRUST);
}

static int to_s3(const char *mode, const char *secret, size_t size, struct upload_result *res, unsigned *puts, struct err *err)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	struct upload_options opt = fast("INC-7");
	uint64_t n;

	file_make(&f);
	assert_int_equal(truncate(f.path, (off_t)size), 0);
	assert_int_equal(hands_hash(f.path, f.sha, &n, NULL), 0);
	server_mode(mode);
	p = profile(ATTACH_S3);
	p.auth = ATTACH_AUTH_KEYS;
	p.user = mem_strdup("S3RVER");
	p.bucket = mem_strdup("evidence");
	p.region = mem_strdup("eu-central-1");
	p.prefix = mem_strdup("cases/{ticket}");
	int r = upload_file(&p, secret, f.path, "b c~é.tar.zst", f.sha, &opt, res, err);
	*puts = server_saw("PUT", NULL, NULL);
	return r;
}

static void test_s3_signs_each_request_and_sends_large_files_in_parts(void **state)
{
	static const struct {
		const char *mode;
		size_t size;
		unsigned puts;
	} c[] = { { "s3", PART, 1 }, { "s3", 5 * PART / 2, 3 }, { "s3-part", 5 * PART / 2, 4 } };

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_upload_result_ struct upload_result res = { 0 };
		struct err err = { 0 };
		unsigned puts;
		if (to_s3(c[i].mode, "S3SECRET", c[i].size, &res, &puts, &err))
			fail_msg("%s %zu: %s", c[i].mode, c[i].size, err.msg);
		assert_int_equal(puts, c[i].puts);
		assert_int_equal(res.readback, READBACK_HASH);
		assert_non_null(strstr(res.where, "/evidence/cases/INC-7/b%20c~%C3%A9.tar.zst"));
	}
}

/* Two runs of one upload, the first of which the server leaves in the lurch; `between` is what happens in between. */
static unsigned s3_twice(const char *between, struct upload_result *res)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	struct upload_options opt = fast("INC-7");
	struct err err = { 0 };
	uint64_t n;

	file_make(&f);
	_cleanup_free_ char *state = mem_printf("%s.attach.json", f.path);
	assert_int_equal(truncate(f.path, 5 * PART / 2), 0);
	assert_int_equal(hands_hash(f.path, f.sha, &n, NULL), 0);
	server_mode("s3-dies");
	p = profile(ATTACH_S3);
	p.auth = ATTACH_AUTH_KEYS;
	p.user = mem_strdup("S3RVER");
	p.bucket = mem_strdup("evidence");
	p.region = mem_strdup("eu-central-1");
	p.retries = 0;
	assert_int_equal(upload_file(&p, "S3SECRET", f.path, "b", f.sha, &opt, res, &err), -ERR_IO);
	assert_non_null(strstr(err.msg, "262144 of 655360 bytes are kept there, the same command goes on"));
	assert_int_equal(access(state, F_OK), 0);
	p.retries = 1;
	if (text_eq(between, "cleared away"))
		server_mode("s3");
	if (text_eq(between, "nonsense"))
		scratch_write(f.dir, "b.tar.zst.attach.json", "{\"uploadId\":\"<x>\"}", 18);
	if (upload_file(&p, "S3SECRET", f.path, "b", f.sha, &opt, res, &err))
		fail_msg("%s: %s", between, err.msg);
	assert_int_equal(res->readback, READBACK_HASH);
	assert_int_not_equal(access(state, F_OK), 0);
	return server_saw("PUT", NULL, NULL);
}

static void test_s3_goes_on_where_an_earlier_run_came_to(void **state)
{
	static const struct {
		const char *between;
		uint64_t resumed;
		unsigned puts;
	} c[] = { { "nothing", PART, 5 }, { "cleared away", 0, 4 }, { "nonsense", 0, 6 } };

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_upload_result_ struct upload_result res = { 0 };
		assert_int_equal(s3_twice(c[i].between, &res), c[i].puts);
		assert_int_equal(res.resumed_from, c[i].resumed);
	}
}

static void test_s3_refusals(void **state)
{
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct err err = { 0 };
	unsigned puts;

	assert_int_equal(to_s3("s3", "wrong", PART, &res, &puts, &err), -ERR_DENIED);
	assert_int_equal(to_s3("s3", "wrong", 2 * PART, &res, &puts, &err), -ERR_DENIED);
	assert_int_equal(puts, 0);
	assert_int_equal(to_s3("s3-incomplete", "S3SECRET", 2 * PART, &res, &puts, &err), -ERR_IO);
	assert_non_null(strstr(err.msg, "could not be completed"));
}

/* TLS: the right authority and name, then each of them wrong. Nothing reaches the server then. */
static void test_certificates_are_checked(void **state)
{
	static const char make[] =
		"cd '%s' && q='openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2' && "
		"$q -subj /CN=here -addext subjectAltName=IP:127.0.0.1 -keyout here.key -out here.pem && "
		"$q -subj /CN=other -addext subjectAltName=DNS:other.example -keyout other.key -out other.pem";
	_cleanup_file_ struct file f = { 0 };
	struct upload_options opt = fast(NULL);

	if (shell("command -v openssl >/dev/null"))
		skip();
	file_make(&f);
	char cmd[2048];
	snprintf(cmd, sizeof(cmd), make, f.dir);
	assert_int_equal(shell("(%s) >/dev/null 2>&1", cmd), 0);
	static const struct {
		const char *served, *trusted;
		int code;
	} c[] = { { "here", "here", 0 }, { "here", NULL, -ERR_TRUST }, { "here", "other", -ERR_TRUST }, { "other", "other", -ERR_TRUST },
		{ "here", "missing", -ERR_USAGE } };
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_server_ struct server s = { 0 };
		_cleanup_upload_result_ struct upload_result res = { 0 };
		_cleanup_free_ char *cert = mem_printf("%s/%s.pem", f.dir, c[i].served), *key = mem_printf("%s/%s.key", f.dir, c[i].served);
		struct err err = { 0 };
		server_spawn(&s, cert, key);
		_cleanup_attach_profile_ struct attach_profile p = { .url = mem_printf("https://127.0.0.1:%u/in/", s.port), .stall_s = 30,
			.ca_file = c[i].trusted ? mem_printf("%s/%s.pem", f.dir, c[i].trusted) : NULL };
		int r = upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err);
		if (r != c[i].code)
			fail_msg("%s, trusting %s: %d %s", c[i].served, c[i].trusted, r, err.msg);
		assert_int_equal(server_turn(&s, "good", "PUT", NULL, NULL), r ? 0 : 1);
	}
}

static void test_a_port_that_nobody_answers_on(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct attach_profile p = { .url = mem_strdup("http://127.0.0.1:1/in/"), .retries = 1, .stall_s = 5 };
	struct upload_options opt = fast(NULL);
	struct err err = { 0 };

	file_make(&f);
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), -ERR_IO);
	attach_profile_free(&p);
}

static int count_progress(void *ctx, uint64_t sent, uint64_t total)
{
	uint64_t *seen = ctx;

	assert_int_equal(total, SIZE);
	assert_true(sent >= *seen);
	*seen = sent;
	return 0;
}

static void test_progress_reaches_the_end(void **state)
{
	_cleanup_file_ struct file f = { 0 };
	_cleanup_upload_result_ struct upload_result res = { 0 };
	struct err err = { 0 };
	uint64_t seen = 0;
	struct upload_options opt = { .backoff_ms = 1, .progress = count_progress, .ctx = &seen };

	file_make(&f);
	server_mode("good");
	_cleanup_attach_profile_ struct attach_profile p = profile(ATTACH_PUT);
	assert_int_equal(upload_file(&p, NULL, f.path, "b", f.sha, &opt, &res, &err), 0);
	assert_int_equal(seen, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_reads_back_size_and_hash),
		cmocka_unit_test(test_dies_midway_and_is_retried),
		cmocka_unit_test(test_resumes_where_the_server_can),
		cmocka_unit_test(test_a_lost_answer_does_not_send_twice),
		cmocka_unit_test(test_busy_server_is_retried),
		cmocka_unit_test(test_put_only_place_is_not_read_back),
		cmocka_unit_test(test_refusals_are_named_and_not_retried),
		cmocka_unit_test(test_an_echoed_secret_is_blotted),
		cmocka_unit_test(test_nothing_is_sent_that_changed_or_is_too_large),
		cmocka_unit_test(test_what_is_there_is_not_sent_again_nor_replaced),
		cmocka_unit_test(test_webdav_makes_its_folders),
		cmocka_unit_test(test_trackers_attach_and_read_back),
		cmocka_unit_test(test_trackers_refuse_before_anything_is_sent),
		cmocka_unit_test(test_s3_signs_each_request_and_sends_large_files_in_parts),
		cmocka_unit_test(test_s3_goes_on_where_an_earlier_run_came_to),
		cmocka_unit_test(test_s3_refusals),
		cmocka_unit_test(test_certificates_are_checked),
		cmocka_unit_test(test_a_port_that_nobody_answers_on),
		cmocka_unit_test(test_progress_reaches_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, server_teardown);
}
