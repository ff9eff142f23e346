/* SPDX-License-Identifier: MIT */
#include "collect_test.h"
#include "collect/live.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* A server of one kind in a child process, on a socket in the scratch directory. */
struct server {
	char *path;
	pid_t pid;
};

static int socket_at(const char *path, bool listening)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(sa.sun_path));
	memcpy(sa.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	if (listening)
		assert_int_equal(listen(fd, 64), 0);
	return fd;
}

/* Reads one request's head into req; false at the end of the connection. */
static bool read_request(int fd, struct buf *req)
{
	char c;

	buf_clear(req);
	while (read(fd, &c, 1) == 1) {
		buf_addc(req, c);
		if (text_ends(req->data, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void send_all(int fd, const void *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done <= 0)
			return;
		p = (const char *)p + done;
		n -= (size_t)done;
	}
}

static void send_text(int fd, const char *s)
{
	send_all(fd, s, strlen(s));
}

static void serve_podman(int fd)
{
	struct buf req = { 0 };
	int served = 0;

	while (read_request(fd, &req)) {
		char body[32];
		if (strstr(req.data, "GET /missing ")) {
			send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnope\n");
			continue;
		}
		if (strstr(req.data, "GET /elsewhere ")) {
			send_text(fd, "HTTP/1.1 302 Found\r\nLocation: http://d/_ping\r\nContent-Length: 0\r\n\r\n");
			continue;
		}
		if (strstr(req.data, "GET /request ")) {
			char head[64];
			snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", req.len);
			send_text(fd, head);
			send_all(fd, req.data, req.len);
			continue;
		}
		/* which request of its connection it was: tells whether connections are used again */
		snprintf(body, sizeof(body), "%d\n", ++served);
		send_text(fd, "HTTP/1.1 200 OK\r\nLibpod-API-Version: 4.3.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n");
		send_text(fd, body);
		send_text(fd, "\r\n0\r\n\r\n");
	}
	buf_free(&req);
}

static void serve_silence(int fd)
{
	pause();
}

static void serve_drip(int fd)
{
	struct buf req = { 0 };

	read_request(fd, &req);
	buf_free(&req);
	send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
	for (;;) {
		send_text(fd, "x");
		usleep(20000);
	}
}

static void serve_flood(int fd)
{
	struct buf req = { 0 };
	char zeros[4096] = { 0 };

	read_request(fd, &req);
	buf_free(&req);
	send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (;;)
		if (write(fd, zeros, sizeof(zeros)) < 0)
			return;
}

static void serve_garbage(int fd)
{
	struct buf req = { 0 };

	/* after the request: one that closes before it is read may as well not have listened */
	read_request(fd, &req);
	buf_free(&req);
	send_text(fd, "220 mail.example.org ESMTP ready\r\n");
}

static void serve_short(int fd)
{
	struct buf req = { 0 };

	read_request(fd, &req);
	buf_free(&req);
	send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

static void serve_broken_chunk(int fd)
{
	struct buf req = { 0 };

	read_request(fd, &req);
	buf_free(&req);
	send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
}

static void serve_nothing(int fd)
{
	struct buf req = { 0 };

	read_request(fd, &req);
	buf_free(&req);
}

static struct server server_start(const char *name, void (*serve)(int fd))
{
	struct server s = { .path = scratch(name) };
	int listener = socket_at(s.path, true);

	s.pid = fork();
	if (s.pid) {
		close(listener);
		return s;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	setpgid(0, 0);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fork() == 0) {
			serve(fd);
			_exit(0);
		}
		close(fd);
	}
}

static void server_stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	kill(-s->pid, SIGKILL); /* the ones that still serve */
	waitpid(s->pid, NULL, 0);
	unlink(s->path);
	free(s->path);
}

static struct probe *get(const char *socket, const char *target)
{
	struct probe *p = probe_http("test/http", socket, target, NULL, PAYLOAD_TEXT);

	p->limits.timeout_ms = 60000;
	return p;
}

static struct answer ask_server(const char *name, void (*serve)(int fd), const char *target, uint32_t timeout_ms, uint64_t max)
{
	struct server s = server_start(name, serve);
	struct probe *p = get(s.path, target);

	p->limits.timeout_ms = timeout_ms;
	p->limits.max_bytes = max;
	struct answer a = ask(p);
	server_stop(&s);
	return a;
}

static void answer_has_body_head_and_status(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("ok", serve_podman, "/_ping", 60000, 100);

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 200);
	assert_string_equal(buf_str(&a.out), "1\n");
	assert_non_null(strstr(buf_str(&a.err), "Libpod-API-Version: 4.3.1\r\n"));
}

static void not_found_is_an_answer(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("404", serve_podman, "/missing", 60000, 100);

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 404);
	assert_string_equal(buf_str(&a.out), "nope\n");
}

static void redirect_is_not_followed(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("302", serve_podman, "/elsewhere", 60000, 100);

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 302);
}

static void request_goes_past_any_proxy_and_says_what_it_should(void **state)
{
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	_cleanup_answer_ struct answer a = ask_server("request", serve_podman, "/request", 60000, 4096);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_true(text_starts(buf_str(&a.out), "GET /request HTTP/1.1\r\nHost: d\r\n"));
	assert_null(strstr(buf_str(&a.out), "Authorization"));
}

static void silent_server_times_out(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("silent", serve_silence, "/", 200, 100);

	assert_int_equal(a.rec.outcome, OUTCOME_TIMEOUT);
	assert_non_null(strstr(a.rec.reason, "200 ms"));
}

static void dripping_server_times_out_and_what_came_is_kept(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("drip", serve_drip, "/", 2000, 1 << 20);

	assert_int_equal(a.rec.outcome, OUTCOME_TIMEOUT);
	assert_true(a.out.len > 0 && a.out.len < 1000);
}

static void oversized_answer_is_cut(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("flood", serve_flood, "/", 60000, 1000);

	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_int_equal(a.rec.status, 200);
	assert_int_equal(a.out.len, 1000);
	assert_true(a.rec.cut_bytes > 0);
}

static void what_is_not_http_fails(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("smtp", serve_garbage, "/", 60000, 1000);
	_cleanup_answer_ struct answer b = ask_server("short", serve_short, "/", 60000, 1000);
	_cleanup_answer_ struct answer c = ask_server("nothing", serve_nothing, "/", 60000, 1000);

	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(a.out.len, 0);
	assert_int_equal(b.rec.outcome, OUTCOME_FAILED);
	assert_string_equal(buf_str(&b.out), "only this");
	assert_int_equal(c.rec.outcome, OUTCOME_FAILED);
}

static void socket_that_nobody_listens_on_is_refused(void **state)
{
	_cleanup_free_ char *path = scratch("dead");

	close(socket_at(path, false));
	_cleanup_answer_ struct answer a = ask(get(path, "/"));
	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(a.rec.status, ECONNREFUSED);
}

/* A service that hangs while clients pile up: its queue is full, and the kernel says "try again" at once. */
static void socket_with_a_full_queue_is_refused(void **state)
{
	_cleanup_free_ char *path = scratch("full");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int listener = socket_at(path, false);
	int clients[16], n = 0;

	assert_int_equal(listen(listener, 0), 0);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	do {
		assert_true(n < (int)ARRAY_LEN(clients));
		clients[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(clients[n++], (struct sockaddr *)&sa, sizeof(sa)) == 0);
	assert_int_equal(errno, EAGAIN);
	_cleanup_answer_ struct answer a = ask(get(path, "/"));
	while (n)
		close(clients[--n]);
	close(listener);
	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(a.rec.status, EAGAIN);
}

static void missing_socket_is_absent(void **state)
{
	_cleanup_free_ char *path = scratch("gone");
	_cleanup_answer_ struct answer a = ask(get(path, "/"));

	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(a.rec.status, ENOENT);
}

static void what_is_no_socket_is_refused(void **state)
{
	_cleanup_free_ char *path = scratch_write("file", "", 0);
	_cleanup_answer_ struct answer a = ask(get(path, "/"));

	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(a.rec.status, ENOTSOCK);
}

static void socket_of_somebody_else_is_denied(void **state)
{
	struct server s = server_start("theirs", serve_podman);

	assert_int_equal(chmod(s.path, 0), 0);
	assert_int_equal(chmod(scratch_dir, 0711), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	_cleanup_answer_ struct answer a = ask(get(s.path, "/"));
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	server_stop(&s);
	assert_int_equal(a.rec.outcome, OUTCOME_DENIED);
	assert_int_equal(a.rec.status, EACCES);
}

/* Root could, and asks for somebody who may not. */
static void socket_that_only_root_may_open_is_denied_to_whom_root_asks_for(void **state)
{
	struct identity nobody = { .name = (char[]){ "nobody" }, .uid = 65534, .gid = 65534 };
	static const struct {
		mode_t mode;
		enum outcome outcome;
	} cases[] = { { 0600, OUTCOME_DENIED }, { 0660, OUTCOME_OK }, { 0666, OUTCOME_OK } };

	if (geteuid() != 0)
		skip();
	struct server s = server_start("roots", serve_podman);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(chmod(s.path, cases[i].mode), 0);
		struct probe *p = get(s.path, "/_ping");
		p->as = identity_copy(&nobody);
		_cleanup_answer_ struct answer a = ask(p);
		assert_int_equal(a.rec.outcome, cases[i].outcome);
	}
	server_stop(&s);
}

static void overlong_path_and_smuggled_request_are_refused(void **state)
{
	char path[300] = "/";

	memset(path + 1, 'x', sizeof(path) - 2);
	_cleanup_answer_ struct answer a = ask(get(path, "/"));
	_cleanup_answer_ struct answer b = ask(get("/run/x.sock", "/ HTTP/1.1\r\nX: y"));
	_cleanup_answer_ struct answer c = ask(get("/run/x.sock", "http://evil"));
	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(a.rec.status, ENAMETOOLONG);
	assert_int_equal(b.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(b.rec.status, EINVAL);
	assert_int_equal(c.rec.status, EINVAL);
}

static void body_that_breaks_off_fails_and_what_came_is_kept(void **state)
{
	_cleanup_answer_ struct answer a = ask_server("broken", serve_broken_chunk, "/", 60000, 1000);

	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(a.rec.status, 200);
	assert_string_equal(buf_str(&a.out), "abc");
	assert_non_null(strstr(a.rec.reason, "middle"));
}

struct count {
	struct sink sink;
	size_t bytes, ok;
};

static void count_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	((struct count *)s)->bytes += stream == STREAM_OUT ? n : 0;
}

static void count_end(struct sink *s, const struct probe *p, const struct record *r)
{
	((struct count *)s)->ok += r->outcome == OUTCOME_OK && r->status == 200;
}

static void more_than_may_be_open_at_once_are_all_answered(void **state)
{
	enum { N = LIVE_REQUESTS * 2 + 1 };
	struct server server = server_start("many", serve_podman);
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	struct count count = { .sink = { .chunk = count_chunk, .end = count_end } };

	for (int i = 0; i < N; i++) {
		_cleanup_probe_ struct probe *p = get(server.path, "/_ping");
		source_ask(s, p, &count.sink);
	}
	assert_int_equal(source_run(s, NULL), 0);
	server_stop(&server);
	assert_int_equal(count.ok, N);
	assert_int_equal(count.bytes, 2 * N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_has_body_head_and_status),
		cmocka_unit_test(not_found_is_an_answer),
		cmocka_unit_test(redirect_is_not_followed),
		cmocka_unit_test(request_goes_past_any_proxy_and_says_what_it_should),
		cmocka_unit_test(silent_server_times_out),
		cmocka_unit_test(dripping_server_times_out_and_what_came_is_kept),
		cmocka_unit_test(oversized_answer_is_cut),
		cmocka_unit_test(what_is_not_http_fails),
		cmocka_unit_test(socket_that_nobody_listens_on_is_refused),
		cmocka_unit_test(socket_with_a_full_queue_is_refused),
		cmocka_unit_test(missing_socket_is_absent),
		cmocka_unit_test(what_is_no_socket_is_refused),
		cmocka_unit_test(socket_of_somebody_else_is_denied),
		cmocka_unit_test(socket_that_only_root_may_open_is_denied_to_whom_root_asks_for),
		cmocka_unit_test(overlong_path_and_smuggled_request_are_refused),
		cmocka_unit_test(body_that_breaks_off_fails_and_what_came_is_kept),
		cmocka_unit_test(more_than_may_be_open_at_once_are_all_answered),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
