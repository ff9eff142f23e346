/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct probe *file(const char *path, uint64_t max, unsigned flags)
{
	struct probe *p = probe_file(path, PAYLOAD_TEXT);

	p->limits.max_bytes = max;
	p->flags |= flags;
	return p;
}

static void reads_bytes_owner_and_mode(void **state)
{
	_cleanup_free_ char *path = scratch_write("plain.log", "a\0b\n", 4);

	assert_int_equal(chmod(path, 0640), 0);
	_cleanup_answer_ struct answer a = ask(file(path, 100, 0));
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.out.len, 4);
	assert_memory_equal(a.out.data, "a\0b\n", 4);
	assert_true(a.rec.stat.known);
	assert_int_equal(a.rec.stat.mode, S_IFREG | 0640);
	assert_int_equal(a.rec.stat.size, 4);
	assert_int_equal(a.rec.stat.uid, geteuid());
	if (geteuid() == 0)
		assert_string_equal(a.rec.stat.owner, "root");
	assert_null(a.rec.stat.link);
	assert_true(a.rec.stat.mtime_us > 1000000000ll * 1000000);
}

static void empty_file_is_an_answer(void **state)
{
	_cleanup_free_ char *path = scratch_write("empty", "", 0);
	_cleanup_answer_ struct answer a = ask(file(path, 100, PROBE_TAIL));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.out.len, 0);
}

static void missing_file_is_absent(void **state)
{
	_cleanup_free_ char *path = scratch("none");
	_cleanup_answer_ struct answer a = ask(file(path, 100, 0));

	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(a.rec.status, ENOENT);
	assert_false(a.rec.stat.known);
}

static void relative_path_is_not_guessed_at(void **state)
{
	struct probe *p = file("/x", 100, 0);

	mem_set(&p->path, "etc/passwd");
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
}

static void unreadable_file_is_denied_and_still_described(void **state)
{
	_cleanup_free_ char *path = scratch_write("secret", "x\n", 2);

	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(scratch_dir, 0711), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	_cleanup_answer_ struct answer a = ask(file(path, 100, 0));
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(a.rec.outcome, OUTCOME_DENIED);
	assert_int_equal(a.rec.status, EACCES);
	assert_true(a.rec.stat.known);
	assert_int_equal(a.rec.stat.mode, S_IFREG);
}

static void fifo_directory_socket_and_device_are_refused_by_name(void **state)
{
	_cleanup_free_ char *fifo = scratch("log.fifo");
	_cleanup_free_ char *sock = scratch("log.sock");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(mkfifo(fifo, 0644), 0);
	assert_true(strlen(sock) < sizeof(sa.sun_path));
	memcpy(sa.sun_path, sock, strlen(sock) + 1);
	assert_int_equal(bind(s, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(s);
	const struct {
		const char *path, *what;
	} cases[] = {
		{ fifo, "a FIFO" }, { scratch_dir, "a directory" }, { sock, "a socket" }, { "/dev/zero", "a character device" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_answer_ struct answer a = ask(file(cases[i].path, 100, PROBE_FOLLOW));
		assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
		assert_non_null(strstr(a.rec.reason, cases[i].what));
		assert_int_equal(a.out.len, 0);
		assert_true(a.rec.stat.known);
	}
}

static void symbolic_link_is_refused_and_its_target_named(void **state)
{
	_cleanup_free_ char *link = scratch("log.link");

	assert_int_equal(symlink("/etc/passwd", link), 0);
	_cleanup_answer_ struct answer a = ask(file(link, 1 << 20, 0));
	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(a.rec.status, ELOOP);
	assert_string_equal(a.rec.stat.link, "/etc/passwd");
	assert_int_equal(a.out.len, 0);

	_cleanup_answer_ struct answer b = ask(file(link, 1 << 20, PROBE_FOLLOW));
	assert_int_equal(b.rec.outcome, OUTCOME_OK);
	assert_string_equal(b.rec.stat.link, "/etc/passwd");
	assert_true(S_ISREG(b.rec.stat.mode));
	assert_non_null(strstr(buf_str(&b.out), "root:"));
}

static void dangling_link_is_absent_and_its_target_named(void **state)
{
	_cleanup_free_ char *link = scratch("dangling");

	assert_int_equal(symlink("/nix/store/collected", link), 0);
	_cleanup_answer_ struct answer a = ask(file(link, 100, PROBE_FOLLOW));
	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
	assert_string_equal(a.rec.stat.link, "/nix/store/collected");
}

static void root_does_not_lend_its_eyes(void **state)
{
	char name[] = "nobody", home[] = "/";
	const struct identity id = { .name = name, .uid = 65534, .gid = 65534, .home = home };
	_cleanup_free_ char *secret = scratch_write("shadow", "secret\n", 7);
	_cleanup_free_ char *theirs = scratch("theirs.link");
	_cleanup_free_ char *ours = scratch("ours.link");

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(secret, 0600), 0);
	assert_int_equal(symlink(secret, theirs), 0);
	assert_int_equal(lchown(theirs, 65534, 65534), 0);
	assert_int_equal(symlink(secret, ours), 0);
	const struct {
		const char *path;
		bool as;
		mode_t mode;
		uid_t owner;
		gid_t group;
		enum outcome want;
	} cases[] = {
		{ theirs, false, 0600, 0, 0, OUTCOME_DENIED },	/* their link to what they may not read */
		{ theirs, false, 0644, 0, 0, OUTCOME_OK },
		{ theirs, false, 0400, 65534, 0, OUTCOME_OK },
		{ theirs, false, 0640, 0, 65534, OUTCOME_OK },
		{ theirs, false, 0604, 0, 65534, OUTCOME_DENIED }, /* the group's bits say no, whatever the others' say */
		{ ours, false, 0600, 0, 0, OUTCOME_OK },
		{ ours, true, 0600, 0, 0, OUTCOME_DENIED },
		{ secret, true, 0600, 0, 0, OUTCOME_DENIED },
		{ secret, true, 0600, 65534, 0, OUTCOME_OK },
		{ secret, false, 0600, 65534, 0, OUTCOME_OK },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct probe *p = file(cases[i].path, 100, PROBE_FOLLOW);
		p->as = cases[i].as ? identity_copy(&id) : NULL;
		assert_int_equal(chown(secret, cases[i].owner, cases[i].group), 0);
		assert_int_equal(chmod(secret, cases[i].mode), 0);
		_cleanup_answer_ struct answer a = ask(p);
		if (a.rec.outcome != cases[i].want)
			fail_msg("case %zu: %s", i, outcome_name(a.rec.outcome));
		assert_int_equal(a.out.len, cases[i].want == OUTCOME_OK ? 7 : 0);
	}
}

static void beyond_the_cap_the_head_is_kept(void **state)
{
	_cleanup_free_ char *path = scratch_write("head", "0123456789", 10);
	_cleanup_answer_ struct answer a = ask(file(path, 4, 0));

	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_string_equal(buf_str(&a.out), "0123");
	assert_int_equal(a.rec.cut_bytes, 6);
	assert_int_equal(a.rec.status, 0);
}

static void file_of_exactly_the_cap_is_whole(void **state)
{
	_cleanup_free_ char *path = scratch_write("exact", "0123\n", 5);
	_cleanup_answer_ struct answer a = ask(file(path, 5, PROBE_TAIL));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_string_equal(buf_str(&a.out), "0123\n");
}

/* 1000 lines of 8 bytes: "0000000\n" … */
static char *numbered_lines(void)
{
	struct buf b = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%07d\n", i);
	char *path = scratch_write("numbered", b.data, b.len);
	buf_free(&b);
	return path;
}

static void tail_keeps_whole_lines_of_head_and_tail_and_names_the_cut(void **state)
{
	_cleanup_free_ char *path = numbered_lines();
	/* a quarter of 402 is 100: 12 lines and a half; three quarters are 302: 37 lines and 6 bytes */
	_cleanup_answer_ struct answer a = ask(file(path, 402, PROBE_TAIL));
	struct buf want = { 0 };

	for (int i = 0; i < 12; i++)
		buf_addf(&want, "%07d\n", i);
	buf_adds(&want, "[... 7608 bytes cut ...]\n");
	for (int i = 1000 - 37; i < 1000; i++)
		buf_addf(&want, "%07d\n", i);
	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_int_equal(a.rec.cut_bytes, 7608);
	assert_string_equal(buf_str(&a.out), buf_str(&want));
	buf_free(&want);
}

static void tail_keeps_a_line_that_begins_just_at_its_border(void **state)
{
	_cleanup_free_ char *path = numbered_lines();
	_cleanup_answer_ struct answer a = ask(file(path, 64, PROBE_TAIL)); /* 16 and 48: 2 lines and 6 */

	assert_string_equal(buf_str(&a.out), "0000000\n0000001\n[... 7936 bytes cut ...]\n"
					     "0000994\n0000995\n0000996\n0000997\n0000998\n0000999\n");
}

static void end_keeps_whole_lines_of_the_end_alone(void **state)
{
	_cleanup_free_ char *path = numbered_lines();
	_cleanup_answer_ struct answer a = ask(file(path, 20, PROBE_END)), whole = ask(file(path, 8000, PROBE_END));

	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_int_equal(a.rec.cut_bytes, 7984);
	assert_string_equal(buf_str(&a.out), "0000998\n0000999\n");
	assert_int_equal(whole.rec.outcome, OUTCOME_OK);
	assert_int_equal(whole.out.len, 8000);
}

static void half_lines_are_never_shown(void **state)
{
	struct buf b = { 0 };

	/* a line longer than the cap on either side of the cut: half of it could be half a secret */
	buf_adds(&b, "first\n");
	buf_adds(&b, "token=");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, 's');
	_cleanup_free_ char *path = scratch_write("long", b.data, b.len);
	_cleanup_answer_ struct answer a = ask(file(path, 50000, PROBE_TAIL));
	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_string_equal(buf_str(&a.out), "first\n[... 100006 bytes cut ...]\n");
	buf_free(&b);
}

/* Appends to the file whenever a piece of it arrives: a log that is being written. */
struct grower {
	struct sink sink;
	int fd;
	uint64_t bytes;
	struct record rec;
};

static void grow(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct grower *g = (struct grower *)s;
	char more[4096] = { 0 };

	g->bytes += n;
	for (int i = 0; i < 64; i++)
		assert_int_equal(write(g->fd, more, sizeof(more)), sizeof(more));
}

static void grown(struct sink *s, const struct probe *p, const struct record *r)
{
	record_copy(&((struct grower *)s)->rec, r);
}

static void growing_file_is_bounded_by_its_size_at_the_start(void **state)
{
	_cleanup_free_ char *path = scratch_write("growing", "x", 1);
	struct grower g = { .sink = { grow, grown } };
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_probe_ struct probe *p = file(path, 1ull << 30, 0);

	assert_int_equal(truncate(path, 1 << 20), 0);
	g.fd = open(path, O_WRONLY | O_APPEND);
	source_ask(s, p, &g.sink);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(g.rec.outcome, OUTCOME_OK);
	assert_int_equal(g.bytes, 1 << 20);
	close(g.fd);
	record_free(&g.rec);
}

static void shrink(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct grower *g = (struct grower *)s;

	g->bytes += n;
	assert_int_equal(ftruncate(g->fd, 0), 0);
}

static void file_that_shrinks_is_cut_with_the_reason(void **state)
{
	_cleanup_free_ char *path = scratch_write("shrinking", "x", 1);
	struct grower g = { .sink = { shrink, grown } };
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_probe_ struct probe *p = file(path, 1ull << 30, 0);

	assert_int_equal(truncate(path, 1 << 20), 0);
	g.fd = open(path, O_WRONLY);
	source_ask(s, p, &g.sink);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(g.rec.outcome, OUTCOME_CUT);
	assert_int_equal(g.bytes + g.rec.cut_bytes, 1 << 20);
	assert_non_null(strstr(g.rec.reason, "shrank"));
	close(g.fd);
	record_free(&g.rec);
}

static void files_that_claim_to_be_empty_are_read(void **state)
{
	_cleanup_answer_ struct answer a = ask(file("/proc/self/status", 1 << 20, 0));
	_cleanup_answer_ struct answer b = ask(file("/proc/self/status", 10, 0));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_non_null(strstr(buf_str(&a.out), "Pid:"));
	assert_int_equal(b.rec.outcome, OUTCOME_CUT);
	assert_int_equal(b.out.len, 10);
}

static void count(struct sink *s, enum stream stream, const void *p, size_t n)
{
	((struct grower *)s)->bytes += n;
}

static void large_file_needs_little_memory(void **state)
{
	_cleanup_free_ char *path = scratch_write("sparse", "", 0);
	struct grower g = { .sink = { count, grown } };
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_probe_ struct probe *p = file(path, 1ull << 30, PROBE_STREAM);
	struct rusage before, after;

	assert_int_equal(truncate(path, 300 << 20), 0);
	getrusage(RUSAGE_SELF, &before);
	source_ask(s, p, &g.sink);
	assert_int_equal(source_run(s, NULL), 0);
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(g.rec.outcome, OUTCOME_OK);
	assert_int_equal(g.bytes, 300 << 20);
	assert_true(after.ru_maxrss - before.ru_maxrss < 4096); /* KiB */
	record_free(&g.rec);
}

static void directory_is_a_sorted_line_per_entry(void **state)
{
	_cleanup_free_ char *dir = scratch("units");

	assert_int_equal(mkdir(dir, 0755), 0);
	free(scratch_write("units/b.service", "xyz", 3));
	free(scratch_write("units/\xff\n", "", 0));
	free(scratch_write("units/c\"\\\xc3\xa9", "", 0));
	_cleanup_free_ char *link = scratch("units/a.service");
	assert_int_equal(symlink("b.service", link), 0);
	_cleanup_answer_ struct answer a = ask(probe_dir(dir));
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_true(S_ISDIR(a.rec.stat.mode));
	char *line[5];
	char *rest = a.out.data;
	for (int i = 0; i < 5; i++)
		line[i] = strsep(&rest, "\n");
	assert_null(rest);
	assert_string_equal(line[4], "");
	const char *names[] = { "a.service", "b.service", "c\"\\\xc3\xa9", "\\xff\\x0a" };
	const char *types[] = { "l", "f", "f", "f" };
	for (int i = 0; i < 4; i++) {
		json_t *j = json_loads(line[i], 0, NULL);
		assert_string_equal(json_string_value(json_object_get(j, "name")), names[i]);
		assert_string_equal(json_string_value(json_object_get(j, "type")), types[i]);
		assert_int_equal(json_integer_value(json_object_get(j, "uid")), geteuid());
		if (i == 0)
			assert_string_equal(json_string_value(json_object_get(j, "link")), "b.service");
		if (i == 1) {
			assert_int_equal(json_integer_value(json_object_get(j, "size")), 3);
			assert_int_equal(json_integer_value(json_object_get(j, "mode")), 0644);
		}
		json_decref(j);
	}
}

static void scopes_are_left_out_when_they_are_not_wanted(void **state)
{
	_cleanup_free_ char *dir = scratch("transient");
	struct probe *p;

	assert_int_equal(mkdir(dir, 0755), 0);
	free(scratch_write("transient/podman-1.scope", "", 0));
	free(scratch_write("transient/run-u2.service", "", 0));
	_cleanup_answer_ struct answer all = ask(probe_dir(dir));
	p = probe_dir(dir);
	p->flags |= PROBE_NO_SCOPES;
	_cleanup_answer_ struct answer some = ask(p);
	assert_non_null(strstr(buf_str(&all.out), "podman-1.scope"));
	assert_null(strstr(buf_str(&some.out), "podman-1.scope"));
	assert_non_null(strstr(buf_str(&some.out), "run-u2.service"));
	assert_int_equal(some.rec.outcome, OUTCOME_OK);
}

static void directory_list_is_cut_by_whole_lines(void **state)
{
	_cleanup_free_ char *dir = scratch("many");
	struct probe *p;

	assert_int_equal(mkdir(dir, 0755), 0);
	for (int i = 0; i < 50; i++) {
		_cleanup_free_ char *name = mem_printf("many/%02d", i);
		free(scratch_write(name, "", 0));
	}
	p = probe_dir(dir);
	p->limits.max_bytes = 1000;
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_true(a.out.len <= 1000 && a.out.len > 800);
	assert_int_equal(a.out.data[a.out.len - 1], '\n');
	assert_true(a.rec.cut_bytes > 0);
}

static void what_is_no_directory_is_refused(void **state)
{
	_cleanup_free_ char *path = scratch_write("nodir", "", 0);
	_cleanup_free_ char *link = scratch("dirlink");
	_cleanup_free_ char *none = scratch("nothing-here");
	struct probe *follow = probe_dir(link);

	assert_int_equal(symlink("/etc", link), 0);
	follow->flags |= PROBE_FOLLOW;
	_cleanup_answer_ struct answer a = ask(probe_dir(path));
	_cleanup_answer_ struct answer b = ask(probe_dir(link));
	_cleanup_answer_ struct answer c = ask(follow);
	_cleanup_answer_ struct answer d = ask(probe_dir(none));
	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(b.rec.outcome, OUTCOME_REFUSED);
	assert_string_equal(b.rec.stat.link, "/etc");
	assert_int_equal(c.rec.outcome, OUTCOME_OK);
	assert_string_equal(c.rec.stat.link, "/etc");
	assert_non_null(strstr(buf_str(&c.out), "\"passwd\""));
	assert_int_equal(d.rec.outcome, OUTCOME_ABSENT);
}

static void link_tells_what_is_there(void **state)
{
	_cleanup_free_ char *link = scratch("enabled.service");
	_cleanup_free_ char *file_path = scratch_write("real.service", "x", 1);
	_cleanup_free_ char *none = scratch("no.service");

	assert_int_equal(symlink("../real.service", link), 0);
	_cleanup_answer_ struct answer a = ask(probe_link(link));
	_cleanup_answer_ struct answer b = ask(probe_link(file_path));
	_cleanup_answer_ struct answer c = ask(probe_link(none));
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_true(S_ISLNK(a.rec.stat.mode));
	assert_string_equal(a.rec.stat.link, "../real.service");
	assert_int_equal(a.out.len, 0);
	assert_int_equal(b.rec.outcome, OUTCOME_OK);
	assert_true(S_ISREG(b.rec.stat.mode));
	assert_null(b.rec.stat.link);
	assert_int_equal(c.rec.outcome, OUTCOME_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_bytes_owner_and_mode),
		cmocka_unit_test(empty_file_is_an_answer),
		cmocka_unit_test(missing_file_is_absent),
		cmocka_unit_test(relative_path_is_not_guessed_at),
		cmocka_unit_test(unreadable_file_is_denied_and_still_described),
		cmocka_unit_test(fifo_directory_socket_and_device_are_refused_by_name),
		cmocka_unit_test(symbolic_link_is_refused_and_its_target_named),
		cmocka_unit_test(dangling_link_is_absent_and_its_target_named),
		cmocka_unit_test(root_does_not_lend_its_eyes),
		cmocka_unit_test(beyond_the_cap_the_head_is_kept),
		cmocka_unit_test(file_of_exactly_the_cap_is_whole),
		cmocka_unit_test(tail_keeps_whole_lines_of_head_and_tail_and_names_the_cut),
		cmocka_unit_test(tail_keeps_a_line_that_begins_just_at_its_border),
		cmocka_unit_test(end_keeps_whole_lines_of_the_end_alone),
		cmocka_unit_test(half_lines_are_never_shown),
		cmocka_unit_test(growing_file_is_bounded_by_its_size_at_the_start),
		cmocka_unit_test(file_that_shrinks_is_cut_with_the_reason),
		cmocka_unit_test(files_that_claim_to_be_empty_are_read),
		cmocka_unit_test(large_file_needs_little_memory),
		cmocka_unit_test(directory_is_a_sorted_line_per_entry),
		cmocka_unit_test(scopes_are_left_out_when_they_are_not_wanted),
		cmocka_unit_test(directory_list_is_cut_by_whole_lines),
		cmocka_unit_test(what_is_no_directory_is_refused),
		cmocka_unit_test(link_tells_what_is_there),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
