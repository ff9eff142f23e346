/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/podman.h"
#include "tests/unit/sample.h"

static struct podman_container *container(const char *sample)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct podman_container *c = NULL;
	struct err err = { 0 };

	sample_read(sample, &text);
	if (podman_container_parse(sample, buf_str(&text), text.len, &c, &err))
		fail_msg("%s", err.msg);
	return c;
}

static void RC12_a_stopping_container_is_told(void **state)
{
	_cleanup_podman_container_ struct podman_container *c = container("podman/cli-inspect-stopping-4.3.1.json");

	assert_int_equal(c->state, CONTAINER_STOPPING);
	assert_string_equal(c->status, "stopping");
	assert_false(c->running);
	assert_int_equal(c->pid, 24585);
	assert_int_equal(c->conmon_pid, 24583);
	assert_string_equal(c->name, "rs-st");
	assert_string_equal(c->image_name, "localhost/bb:1");
	assert_string_equal(c->image_digest, "sha256:9a34a7bd21df00d13f169faa644424aa256befb2f8c8fea5f3ed91d377c4cbef");
	assert_int_equal(c->started_us, 1795476823679130);
	assert_int_equal(c->finished_us, 0);
	assert_string_equal(c->stop_signal, "15");
	assert_int_equal(c->stop_timeout_sec, 10);
	assert_string_equal(c->log_driver, "k8s-file");
	assert_non_null(strstr(c->log_path, "/ctr.log"));
	assert_null(c->entrypoint);
	assert_int_equal(strv_len(c->create_command), 14);
	assert_string_equal(c->create_command[1], "run");
	assert_int_equal(strv_len(c->env), 4);
	assert_false(c->auto_remove);
	assert_null(c->restart_policy);
	assert_null(c->health);
	assert_null(podman_label(c, "x"));
}

static void the_four_shapes_of_inspect_agree(void **state)
{
	static const char *const samples[] = { "podman/cli-inspect-running-4.3.1.json", "podman/api-libpod-container-inspect-running-4.3.1.json",
		"podman/api-libpod-container-inspect-running-5.4.2.json", "podman/api-libpod-container-inspect-running-v5prefix-5.4.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_podman_container_ struct podman_container *c = container(samples[i]);
		assert_string_equal(c->name, "rs-run");
		assert_int_equal(c->state, CONTAINER_RUNNING);
		assert_true(c->running);
		assert_true(c->pid > 0 && c->conmon_pid > 0);
		assert_string_equal(c->image_name, "localhost/bb:1");
		assert_string_equal(c->image_id, "2fd071eb5414bce25f8b9ddfba3f9b40141774380f054614a85eaebcc6a5418b");
		assert_string_equal(c->path, "/bin/busybox");
		assert_string_equal(c->args[0], "sleep");
		assert_true(c->created_us > 0);
		assert_non_null(c->stop_signal);
	}
	_cleanup_podman_container_ struct podman_container *exited = container("podman/api-libpod-container-inspect-exited-4.3.1.json");
	assert_int_equal(exited->state, CONTAINER_EXITED);
	assert_int_equal(exited->exit_code, 3);
	assert_true(exited->finished_us > exited->created_us);
	_cleanup_podman_container_ struct podman_container *created = container("podman/api-libpod-container-inspect-created-4.3.1.json");
	assert_int_equal(created->state, CONTAINER_CREATED);
	assert_int_equal(created->started_us, 0);
}

static void lists_of_the_cli_and_the_api_agree(void **state)
{
	static const char *const samples[] = { "podman/cli-ps-a-4.3.1.json", "podman/api-libpod-containers-json-all-4.3.1.json",
		"podman/api-libpod-containers-json-all-5.4.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		struct podman_ps *v = NULL;
		size_t n = 0;
		sample_read(samples[i], &text);
		assert_int_equal(podman_ps_parse("ps", buf_str(&text), text.len, &v, &n, NULL), 0);
		assert_int_equal(n, 3);
		const struct podman_ps *exited = podman_ps_find(v, n, "rs-exit3");
		assert_int_equal(exited->state, CONTAINER_EXITED);
		assert_int_equal(exited->exit_code, 3);
		assert_true(exited->exited_us > 0 && exited->created_us > 0);
		assert_ptr_equal(podman_ps_find(v, n, exited->id), exited);
		char head[13] = "";
		memcpy(head, exited->id, 12);
		assert_ptr_equal(podman_ps_find(v, n, head), exited);
		head[11] = '\0';
		assert_null(podman_ps_find(v, n, head));
		const struct podman_ps *running = podman_ps_find(v, n, "rs-run");
		assert_int_equal(running->state, CONTAINER_RUNNING);
		assert_int_equal(running->exited_us, 0);
		assert_int_equal(podman_ps_find(v, n, "rs-created")->started_us, 0);
		podman_ps_free(v, n);
	}
}

/* A container is the same in the list and by itself. */
static void an_inspected_one_makes_a_row(void **state)
{
	_cleanup_podman_container_ struct podman_container *c = container("podman/cli-inspect-running-4.3.1.json");
	_cleanup_buf_ struct buf text = { 0 };
	struct podman_ps *v = NULL, *row = podman_ps_of(c);
	size_t n = 0;

	sample_read("podman/cli-ps-a-4.3.1.json", &text);
	assert_int_equal(podman_ps_parse("ps", buf_str(&text), text.len, &v, &n, NULL), 0);
	const struct podman_ps *listed = podman_ps_find(v, n, c->name);
	assert_string_equal(row->id, listed->id);
	assert_string_equal(row->names[0], listed->names[0]);
	assert_string_equal(row->image, listed->image);
	assert_string_equal(row->image_id, listed->image_id);
	assert_int_equal(row->state, listed->state);
	assert_int_equal(row->pid, listed->pid);
	assert_int_equal(row->exited, listed->exited);
	assert_int_equal(row->n_labels, listed->n_labels);
	podman_ps_free(row, 1);
	podman_ps_free(v, n);
}

static void nothing_and_nonsense(void **state)
{
	struct podman_container *c = NULL;
	struct podman_ps *v = NULL;
	struct err err = { 0 };
	size_t n = 7;

	assert_int_equal(podman_container_parse("inspect x", "[]", 2, &c, &err), -ERR_ABSENT);
	assert_non_null(strstr(err.msg, "inspect x"));
	assert_int_equal(podman_container_parse("x", "[{}]", 4, &c, &err), -ERR_SYNTAX);
	assert_int_equal(podman_container_parse("x", "[3]", 3, &c, &err), -ERR_SYNTAX);
	assert_int_equal(podman_container_parse("x", "Error: no", 9, &c, &err), -ERR_SYNTAX);
	assert_null(c);
	/* types of tomorrow cost a field, not the report */
	static const char odd[] = "{\"Id\":\"a\",\"Name\":[1],\"State\":\"running\",\"Config\":{\"Env\":{},\"StopSignal\":{}},\"Mounts\":[1,{\"Type\":\"bind\"}]}";
	assert_int_equal(podman_container_parse("x", odd, strlen(odd), &c, &err), 0);
	assert_int_equal(c->state, CONTAINER_UNKNOWN);
	assert_int_equal(c->n_mounts, 2);
	podman_container_free(c);
	podman_container_free(NULL);
	assert_int_equal(podman_ps_parse("ps", "null\n", 5, &v, &n, &err), 0);
	assert_int_equal(n, 0);
	podman_ps_free(v, n);
}

static void states_have_names(void **state)
{
	for (int i = 0; i <= CONTAINER_STOPPING; i++)
		assert_int_equal(container_state_parse(container_state_name((enum container_state)i)), i);
	assert_int_equal(container_state_parse("hibernating"), CONTAINER_UNKNOWN);
	assert_int_equal(container_state_parse(NULL), CONTAINER_UNKNOWN);
	assert_int_equal(container_state_parse("configured"), CONTAINER_CREATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RC12_a_stopping_container_is_told),
		cmocka_unit_test(the_four_shapes_of_inspect_agree),
		cmocka_unit_test(lists_of_the_cli_and_the_api_agree),
		cmocka_unit_test(an_inspected_one_makes_a_row),
		cmocka_unit_test(nothing_and_nonsense),
		cmocka_unit_test(states_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
