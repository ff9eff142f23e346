/* SPDX-License-Identifier: MIT */
/* The first byte says which document the rest is. */
#include <stdlib.h>
#include <string.h>

#include "formats/podman.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void add_frame(int stream, const char *text, size_t len, void *ctx)
{
	check(stream >= 0 && stream <= 2);
	*(size_t *)ctx += 8 + len;
}

static void containers(const char *s, size_t n)
{
	_cleanup_podman_container_ struct podman_container *c = NULL;
	struct podman_ps *v = NULL;
	size_t count = 0;

	if (podman_container_parse("x", s, n, &c, NULL) == 0) {
		check(container_state_parse(container_state_name(c->state)) == c->state);
		for (size_t i = 0; i < c->n_labels; i++)
			check(podman_label(c, c->labels[i].key) != NULL);
	}
	if (podman_ps_parse("x", s, n, &v, &count, NULL) == 0)
		for (size_t i = 0; i < count && i < 20; i++)
			check(!v[i].names || podman_ps_find(v, count, v[i].names[0]));
	podman_ps_free(v, count);
}

static void images(const char *s, size_t n)
{
	_cleanup_podman_image_ struct podman_image *i = NULL;
	struct podman_image *v = NULL;
	size_t count = 0;

	podman_image_parse("x", s, n, &i, NULL);
	if (podman_images_parse("x", s, n, &v, &count, NULL) == 0)
		for (size_t k = 0; k < count && k < 20; k++)
			check(!v[k].repo_tags || podman_images_find(v, count, v[k].repo_tags[0]));
	podman_images_free(v, count);
}

static void machines(const char *s, size_t n)
{
	struct podman_connection *c = NULL;
	struct podman_machine *v = NULL;
	size_t count = 0;

	if (podman_machines_parse("x", s, n, &v, &count, NULL) == 0)
		for (size_t k = 0; k < count && k < 20; k++)
			check(!v[k].name || podman_machine_find(v, count, v[k].name));
	podman_machines_free(v, count);
	count = 0;
	if (podman_connections_parse("x", s, n, &c, &count, NULL) == 0)
		for (size_t k = 0; k < count && k < 20; k++)
			check(!c[k].name || podman_connection_find(c, count, c[k].name));
	podman_connections_free(c, count);
}

static void texts(const char *s, size_t n)
{
	struct podman_version *v = NULL;
	struct podman_info *info = NULL;
	struct podman_error e;
	size_t used = 0;

	if (podman_version_parse("x", s, n, &v, NULL) == 0)
		check(v->client.text || v->server.text);
	podman_version_free(v);
	podman_info_parse("x", s, n, &info, NULL);
	podman_info_free(info);
	podman_error_parse(s, n, &e);
	check(e.message && e.response >= 0);
	podman_error_free(&e);
	podman_cause_of(s, n);
	size_t rest = podman_frames(s, n, add_frame, &used);
	check(used + rest == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const documents[])(const char *, size_t) = { containers, images, machines, texts };

	if (size)
		documents[data[0] % 4]((const char *)data + 1, size - 1);
	return 0;
}
