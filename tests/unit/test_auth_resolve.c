/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/authfile.h"

/* The rows of tests/samples/podman/auth-matrix.txt: what was seen to be executed is what must be told. */
#define HELPERS "{\"credHelpers\":{\"127.0.0.1:5999\":\"gcloud\",\"us-docker.pkg.dev\":\"gcloud\"}}"
#define TARGET "127.0.0.1:5999/bb:1"

enum { NONE = 0, ONE = 1, EVERY = 2 }; /* helpers run: none, for the target, for each key */

struct scene {
	const char *name;
	unsigned major, minor;
	enum podman_client client;
	enum podman_command command;
	const char *pull;
	bool local;
	/* contents; NULL: the place does not exist, "": it is named and the file is not there */
	const char *authfile, *registry_env, *docker_env, *containers_home, *docker_home;
	bool creds;
	size_t runs;
	bool fails;
};

static const struct scene matrix[] = {
	{ "pull", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .docker_home = HELPERS, .runs = ONE },
	{ "pull --authfile {}", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .authfile = "{\"auths\":{}}", .docker_home = HELPERS, .runs = ONE },
	{ "REGISTRY_AUTH_FILE={} pull", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .registry_env = "{\"auths\":{}}", .docker_home = HELPERS, .runs = ONE },
	{ "DOCKER_CONFIG={} pull", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .docker_env = "{\"auths\":{}}", .docker_home = HELPERS, .runs = NONE },
	{ "--authfile entry", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .authfile = "{\"auths\":{\"127.0.0.1:5999\":{\"auth\":\"eDp5\"}}}",
		.docker_home = HELPERS, .runs = NONE },
	{ "--authfile empty entry", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .authfile = "{\"auths\":{\"127.0.0.1:5999\":{}}}", .docker_home = HELPERS,
		.runs = ONE },
	{ "--creds", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .docker_home = HELPERS, .creds = true, .runs = NONE },
	{ "run missing, local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, NULL, true, .docker_home = HELPERS, .runs = NONE },
	{ "run never, local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, "never", true, .docker_home = HELPERS, .runs = NONE },
	{ "run never, not local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, "never", false, .docker_home = HELPERS, .runs = NONE },
	{ "run missing, not local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, NULL, false, .docker_home = HELPERS, .runs = ONE },
	{ "run newer, local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, "newer", true, .docker_home = HELPERS, .runs = ONE },
	{ "run always, local", 4, 3, PODMAN_LOCAL, PODMAN_RUN, "always", true, .docker_home = HELPERS, .runs = ONE },
	{ "credsStore only", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .docker_home = "{\"credsStore\":\"gcloud\"}", .runs = NONE },
	{ "~/.config/containers", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .containers_home = HELPERS, .runs = ONE },
	{ "~/.config/containers beside DOCKER_CONFIG", 4, 3, PODMAN_LOCAL, PODMAN_PULL, .containers_home = HELPERS, .docker_env = "{\"auths\":{}}",
		.runs = ONE },
	{ "image exists", 4, 3, PODMAN_LOCAL, PODMAN_OTHER, .docker_home = HELPERS, .runs = NONE },
	{ "remote run never, local image", 4, 3, PODMAN_REMOTE, PODMAN_RUN, "never", true, .docker_home = HELPERS, .runs = EVERY },
	{ "remote pull", 4, 3, PODMAN_REMOTE, PODMAN_PULL, .docker_home = HELPERS, .runs = EVERY },
	{ "remote run --authfile {}", 4, 3, PODMAN_REMOTE, PODMAN_RUN, "never", true, .authfile = "{\"auths\":{}}", .docker_home = HELPERS,
		.runs = EVERY },
	{ "remote DOCKER_CONFIG={}", 4, 3, PODMAN_REMOTE, PODMAN_RUN, "never", true, .docker_env = "{\"auths\":{}}", .docker_home = HELPERS,
		.runs = NONE },
	{ "remote ps", 4, 3, PODMAN_REMOTE, PODMAN_OTHER, .docker_home = HELPERS, .runs = NONE },
	{ "4.9 remote run", 4, 9, PODMAN_REMOTE, PODMAN_RUN, "never", true, .docker_home = HELPERS, .runs = EVERY },
	{ "5.8 remote run", 5, 8, PODMAN_REMOTE, PODMAN_RUN, NULL, true, .docker_home = HELPERS, .runs = EVERY },
	{ "4.9 remote --authfile {}", 4, 9, PODMAN_REMOTE, PODMAN_RUN, NULL, true, .authfile = "{\"auths\":{}}", .docker_home = HELPERS, .runs = NONE },
	{ "5.8 remote REGISTRY_AUTH_FILE=/nonexist", 5, 8, PODMAN_REMOTE, PODMAN_RUN, NULL, true, .registry_env = "", .docker_home = HELPERS,
		.runs = NONE },
	{ "5.8 remote start", 5, 8, PODMAN_REMOTE, PODMAN_START, .docker_home = HELPERS, .runs = NONE },
	{ "5.8 remote credsStore only", 5, 8, PODMAN_REMOTE, PODMAN_RUN, .docker_home = "{\"credsStore\":\"gcloud\"}", .runs = NONE },
	{ "5.4 pull", 5, 4, PODMAN_LOCAL, PODMAN_PULL, .docker_home = HELPERS, .runs = ONE },
	{ "5.4 pull --authfile {}", 5, 4, PODMAN_LOCAL, PODMAN_PULL, .authfile = "{\"auths\":{}}", .docker_home = HELPERS, .runs = NONE },
	{ "5.4 pull REGISTRY_AUTH_FILE=/nonexist", 5, 4, PODMAN_LOCAL, PODMAN_PULL, .registry_env = "", .docker_home = HELPERS, .runs = NONE },
	{ "5.4 run missing, local", 5, 4, PODMAN_LOCAL, PODMAN_RUN, "missing", true, .docker_home = HELPERS, .runs = NONE },
	{ "5.4 run newer, local", 5, 4, PODMAN_LOCAL, PODMAN_RUN, "newer", true, .docker_home = HELPERS, .runs = ONE },
	{ "5.4 run newer --authfile {}", 5, 4, PODMAN_LOCAL, PODMAN_RUN, "newer", true, .authfile = "{\"auths\":{}}", .docker_home = HELPERS,
		.runs = NONE },
	{ "--authfile /nonexist", 5, 8, PODMAN_LOCAL, PODMAN_RUN, NULL, true, .authfile = "", .docker_home = HELPERS, .runs = NONE, .fails = true },
	{ "--authfile /dev/null", 5, 8, PODMAN_REMOTE, PODMAN_RUN, NULL, true, .authfile = "\n", .docker_home = HELPERS, .runs = NONE, .fails = true },
	/* not measured: of a version that is not known the worst is assumed */
	{ "unknown version, --authfile {}", 0, 0, PODMAN_REMOTE, PODMAN_RUN, NULL, true, .authfile = "{\"auths\":{}}", .docker_home = HELPERS,
		.runs = EVERY },
};

struct world {
	struct auth_source v[7];
	struct authfile *files[7];
	size_t n;
};

static void place(struct world *w, enum auth_place p, const char *text)
{
	if (!text)
		return;
	struct auth_source *s = &w->v[w->n];
	*s = (struct auth_source){ .place = p };
	if (*text && authfile_parse("x", text, strlen(text), &w->files[w->n], NULL))
		s->broken = true;
	s->file = w->files[w->n++];
}

static void world_make(struct world *w, const struct scene *s)
{
	*w = (struct world){ 0 };
	/* in an order that is not Podman's: that one is the resolver's to know */
	place(w, AUTH_PLACE_DOCKER_HOME, s->docker_home);
	place(w, AUTH_PLACE_CONTAINERS_HOME, s->containers_home);
	place(w, AUTH_PLACE_DOCKER_ENV, s->docker_env);
	place(w, AUTH_PLACE_REGISTRY_ENV, s->registry_env);
	place(w, AUTH_PLACE_AUTHFILE, s->authfile);
}

static void world_free(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		authfile_free(w->files[i]);
}

static void AC2_RC07_RC08_the_measured_matrix(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(matrix); i++) {
		const struct scene *s = &matrix[i];
		struct auth_question q = { .image = TARGET, .client = s->client, .command = s->command, .pull = s->pull, .image_is_local = s->local,
			.creds = s->creds, .podman = { .major = s->major, .minor = s->minor } };
		struct auth_answer a;
		struct world w;
		world_make(&w, s);
		auth_resolve(&q, w.v, w.n, &a);
		if (a.n_runs != s->runs || a.fails != s->fails)
			fail_msg("%s (%u.%u): %zu runs, fails %d: %s", s->name, s->major, s->minor, a.n_runs, a.fails, a.why);
		assert_int_equal(a.n_steps, w.n);
		for (size_t k = 0; k < a.n_steps; k++)
			assert_non_null(a.steps[k].why);
		for (size_t k = 0; k < a.n_runs; k++)
			assert_true(a.runs[k].interactive);
		assert_non_null(a.why);
		auth_answer_free(&a);
		world_free(&w);
	}
}

static void steps_are_in_podmans_order_and_say_who_decides(void **state)
{
	static const struct scene s = { .docker_home = HELPERS, .containers_home = "{\"auths\":{\"127.0.0.1:5999/bb\":{\"auth\":\"x\"}}}", .authfile = "{}" };
	struct auth_question q = { .image = TARGET, .command = PODMAN_PULL, .podman = { .major = 4, .minor = 3 } };
	struct auth_answer a;
	struct world w;

	world_make(&w, &s);
	auth_resolve(&q, w.v, w.n, &a);
	assert_int_equal(w.v[a.steps[0].source].place, AUTH_PLACE_AUTHFILE);
	assert_int_equal(w.v[a.steps[1].source].place, AUTH_PLACE_CONTAINERS_HOME);
	assert_true(a.steps[0].consulted && !a.steps[0].decides);
	assert_true(a.steps[1].consulted && a.steps[1].decides);
	assert_false(a.steps[2].consulted);
	assert_string_equal(a.steps[1].why, "it holds a credential for 127.0.0.1:5999/bb");
	assert_int_equal(a.n_runs, 0);
	auth_answer_free(&a);
	world_free(&w);
}

static void an_unreadable_file_makes_the_answer_a_lower_bound(void **state)
{
	struct auth_source v[] = { { .place = AUTH_PLACE_CONTAINERS_HOME, .unreadable = true }, { .place = AUTH_PLACE_DOCKER_HOME } };
	struct auth_question q = { .image = TARGET, .command = PODMAN_PULL, .podman = { .major = 5 } };
	struct auth_answer a;

	auth_resolve(&q, v, ARRAY_LEN(v), &a);
	assert_true(a.unknown);
	assert_false(a.fails);
	auth_answer_free(&a);
	/* a short name asks registries that are not known here */
	q.image = "busybox";
	auth_resolve(&q, v + 1, 1, &a);
	assert_true(a.unknown);
	auth_answer_free(&a);
	auth_resolve(&q, NULL, 0, &a);
	assert_int_equal(a.n_steps, 0);
	auth_answer_free(&a);
}

static void docker_hub_has_many_names(void **state)
{
	static const struct scene s = { .docker_home = "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"x\"}}}" };
	struct auth_question q = { .image = "docker.io/library/busybox", .command = PODMAN_PULL, .podman = { .major = 5 } };
	struct auth_answer a;
	struct world w;

	world_make(&w, &s);
	auth_resolve(&q, w.v, w.n, &a);
	assert_true(a.steps[0].decides);
	auth_answer_free(&a);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(AC2_RC07_RC08_the_measured_matrix),
		cmocka_unit_test(steps_are_in_podmans_order_and_say_who_decides),
		cmocka_unit_test(an_unreadable_file_makes_the_answer_a_lower_bound),
		cmocka_unit_test(docker_hub_has_many_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
