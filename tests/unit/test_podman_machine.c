/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/podman.h"
#include "tests/unit/sample.h"

static struct podman_machine *machines(const char *sample, size_t *n)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct podman_machine *v = NULL;
	struct err err = { 0 };

	sample_read(sample, &text);
	if (podman_machines_parse(sample, buf_str(&text), text.len, &v, n, &err))
		fail_msg("%s", err.msg);
	return v;
}

static void RC02_machine_lists_of_all_versions(void **state)
{
	static const struct {
		const char *sample;
		uint64_t disk;
		uint64_t last_up;
		bool running;
	} rows[] = {
		{ "podman/agent-machine-list-4.3.1.json", 107374182400, 1795475878514985, false },
		{ "podman/machine-list-4.9.5.json", 107374182400, 1795475878514985, false },
		{ "podman/machine-list-5.8.2.json", 128849018880, 0, false },
		{ "podman/machine-list-macos-applehv-running-5.0-from-issue-22053.json", 107374182400, 1710100533856750, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n;
		struct podman_machine *v = machines(rows[i].sample, &n);
		assert_int_equal(n, 1);
		assert_string_equal(v->name, "podman-machine-default");
		assert_true(v->is_default);
		assert_int_equal(v->running, rows[i].running);
		assert_string_equal(v->state, rows[i].running ? "running" : "stopped");
		assert_int_equal(v->memory_bytes, 2147483648);
		assert_int_equal(v->disk_bytes, rows[i].disk);
		assert_int_equal(v->last_up_us, rows[i].last_up);
		assert_non_null(v->vm_type);
		assert_ptr_equal(podman_machine_default(v, n), v);
		assert_ptr_equal(podman_machine_find(v, n, "podman-machine-default"), v);
		assert_null(podman_machine_find(v, n, "other"));
		podman_machines_free(v, n);
	}
}

static void machine_inspect_has_the_socket_and_the_state(void **state)
{
	size_t n;
	struct podman_machine *v = machines("podman/agent-machine-inspect-4.3.1.json", &n);

	assert_string_equal(v->socket, "/home/agent/.local/share/containers/podman/machine/podman-machine-default/podman.sock");
	assert_null(v->state);
	assert_false(v->running);
	assert_int_equal(v->memory_bytes, 2147483648);
	assert_int_equal(v->disk_bytes, 107374182400);
	assert_non_null(strstr(v->config_path, "podman-machine-default.json"));
	assert_non_null(v->image_path);
	podman_machines_free(v, n);
	v = machines("podman/machine-inspect-macos-applehv-5.x-constructed.json", &n);
	assert_string_equal(v->state, "running");
	assert_true(v->running);
	assert_string_equal(v->socket, "/var/folders/r4/q1fqknzx7_zbb05205s93bnc0000gp/T/podman/podman-machine-default-api.sock");
	assert_string_equal(v->config_path, "/Users/user/.config/containers/podman/machine/applehv");
	assert_int_equal(v->port, 53057);
	podman_machines_free(v, n);
	v = machines("podman/machine-inspect-4.9.5.json", &n);
	assert_string_equal(v->socket, "/tmp/agent5/.local/share/containers/podman/machine/qemu/podman.sock");
	podman_machines_free(v, n);
}

static void RC01_no_machine_is_an_empty_list(void **state)
{
	struct podman_machine *v = NULL;
	size_t n = 9;

	assert_int_equal(podman_machines_parse("list", "[]\n", 3, &v, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_null(podman_machine_default(v, n));
	podman_machines_free(v, n);
	podman_machines_free(NULL, 0);
	assert_int_equal(podman_machines_parse("list", "", 0, &v, &n, NULL), -ERR_SYNTAX);
	static const char star[] = "[{\"Name\":\"m*\"},{\"Name\":\"o\"}]";
	assert_int_equal(podman_machines_parse("list", star, strlen(star), &v, &n, NULL), 0);
	assert_string_equal(v[0].name, "m");
	assert_null(podman_machine_default(v, n));
	podman_machines_free(v, n);
}

static void connections(void **state)
{
	static const char *const samples[] = { "podman/agent-connection-list-4.3.1.json", "podman/connection-list-4.9.5.json",
		"podman/connection-list-5.8.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		struct podman_connection *v = NULL;
		size_t n = 0;
		sample_read(samples[i], &text);
		assert_int_equal(podman_connections_parse("c", buf_str(&text), text.len, &v, &n, NULL), 0);
		assert_int_equal(n, 2);
		assert_ptr_equal(podman_connection_default(v, n), v);
		assert_true(v->is_machine);
		const struct podman_connection *root = podman_connection_find(v, n, "podman-machine-default-root");
		assert_non_null(strstr(root->uri, "ssh://root@"));
		assert_null(podman_connection_find(v, n, "x"));
		podman_connections_free(v, n);
	}
	struct podman_connection *v = NULL;
	size_t n = 1;
	assert_int_equal(podman_connections_parse("c", "[]\n", 3, &v, &n, NULL), 0);
	assert_null(podman_connection_default(v, n));
	podman_connections_free(v, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RC02_machine_lists_of_all_versions),
		cmocka_unit_test(machine_inspect_has_the_socket_and_the_state),
		cmocka_unit_test(RC01_no_machine_is_an_empty_list),
		cmocka_unit_test(connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
