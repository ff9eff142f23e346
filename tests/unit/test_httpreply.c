/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/buf.h"
#include "formats/httpreply.h"

struct got {
	struct buf head, body;
};

static void put_head(void *arg, const char *p, size_t n)
{
	buf_add(&((struct got *)arg)->head, p, n);
}

static void put_body(void *arg, const char *p, size_t n)
{
	buf_add(&((struct got *)arg)->body, p, n);
}

/* Feeds it `step` bytes at a time; 0, or the error. */
static int decode(const char *text, size_t step, struct httpreply *h, struct got *g, struct err *err)
{
	const struct httpreply_sink sink = { put_head, put_body, g };
	size_t n = strlen(text);

	*h = (struct httpreply){ 0 };
	for (size_t i = 0; i < n; i += step) {
		int r = httpreply_feed(h, text + i, n - i < step ? n - i : step, &sink, err);
		if (r)
			return r;
	}
	return httpreply_end(h, err);
}

static void got_free(struct got *g)
{
	buf_free(&g->head);
	buf_free(&g->body);
	*g = (struct got){ 0 };
}

static void is_body(const char *text, int status, const char *body)
{
	for (size_t step = 1; step <= strlen(text); step++) {
		struct httpreply h;
		struct got g = { 0 };
		assert_int_equal(decode(text, step, &h, &g, NULL), 0);
		assert_true(h.complete);
		assert_int_equal(h.status, status);
		assert_string_equal(buf_str(&g.body), body);
		got_free(&g);
	}
}

static void is_error(const char *text, const char *words)
{
	for (size_t step = 1; step <= strlen(text) + 1; step++) {
		struct httpreply h;
		struct got g = { 0 };
		struct err err;
		assert_int_not_equal(decode(text, step, &h, &g, &err), 0);
		assert_non_null(strstr(err.msg, words));
		got_free(&g);
	}
}

static void each_way_to_end_a_body(void **state)
{
	is_body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcREST", 200, "abc");
	is_body("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nREST", 200,
		"abc0123456789");
	is_body("HTTP/1.0 200 OK\n\nto the end", 200, "to the end");
	is_body("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "");
	is_body("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
	is_body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok");
}

static void head_is_handed_on_as_it_came(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 0\r\n\r\n";
	struct httpreply h;
	struct got g = { 0 };

	assert_int_equal(decode(text, 7, &h, &g, NULL), 0);
	assert_string_equal(buf_str(&g.head), text);
	got_free(&g);
}

static void what_is_no_http_is_refused(void **state)
{
	is_error("220 smtp ready\r\n", "does not speak HTTP");
	is_error("HTTP/2 200\r\n\r\n", "does not speak HTTP");
	is_error("HTTP/1.1 OK\r\n\r\n", "does not speak HTTP");
	is_error("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "no number");
	is_error("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "no number");
	is_error("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "differ");
	is_error("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "other than chunked");
	is_error("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "without a size");
	is_error("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "longer than it says");
}

static void body_that_breaks_off_is_an_error(void **state)
{
	is_error("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", "middle");
	is_error("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "middle");
	is_error("HTTP/1.1 200 OK\r\nTransfer-Enc", "middle");
	is_error("HTTP/1.1 20", "before an answer");
}

static void endless_head_is_refused(void **state)
{
	struct buf b = { 0 };
	struct httpreply h;
	struct got g = { 0 };
	struct err err;

	buf_adds(&b, "HTTP/1.1 200 OK\r\n");
	while (b.len <= HTTPREPLY_HEAD_MAX)
		buf_adds(&b, "X: 0123456789012345678901234567890123456789\r\n");
	assert_int_equal(decode(buf_str(&b), b.len, &h, &g, &err), -ERR_LIMIT);
	buf_free(&b);
	got_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_end_a_body),
		cmocka_unit_test(head_is_handed_on_as_it_came),
		cmocka_unit_test(what_is_no_http_is_refused),
		cmocka_unit_test(body_that_breaks_off_is_an_error),
		cmocka_unit_test(endless_head_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
