/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/podman.h"
#include "tests/unit/sample.h"

static void image_inspect_of_both_versions_and_ways(void **state)
{
	static const char *const samples[] = { "podman/cli-image-inspect-4.3.1.json", "podman/cli-image-inspect-5.4.2.json",
		"podman/api-libpod-image-inspect-4.3.1.json", "podman/api-libpod-image-inspect-5.4.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		_cleanup_podman_image_ struct podman_image *im = NULL;
		sample_read(samples[i], &text);
		assert_int_equal(podman_image_parse("image", buf_str(&text), text.len, &im, NULL), 0);
		assert_string_equal(im->id, "2fd071eb5414bce25f8b9ddfba3f9b40141774380f054614a85eaebcc6a5418b");
		assert_true(strv_has(im->repo_tags, "localhost/bb:1"));
		assert_non_null(im->digest);
		assert_non_null(im->repo_digests);
		assert_non_null(im->names_history);
		assert_int_equal(im->created_us, 1795475222417982);
		assert_string_equal(im->arch, "amd64");
		assert_string_equal(im->os, "linux");
		assert_int_equal(im->n_layers, 1);
		assert_true(im->size > 1000000);
	}
}

static void image_lists_are_searched_by_tag_digest_and_id(void **state)
{
	static const char *const samples[] = { "podman/cli-images-4.3.1.json", "podman/api-libpod-images-json-4.3.1.json",
		"podman/api-libpod-images-json-5.4.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		struct podman_image *v = NULL;
		size_t n = 0;
		sample_read(samples[i], &text);
		assert_int_equal(podman_images_parse("images", buf_str(&text), text.len, &v, &n, NULL), 0);
		assert_int_equal(n, 1);
		assert_ptr_equal(podman_images_find(v, n, "localhost/bb:1"), v);
		assert_ptr_equal(podman_images_find(v, n, "2fd071eb5414"), v);
		assert_ptr_equal(podman_images_find(v, n, v->repo_digests[0]), v);
		assert_null(podman_images_find(v, n, "localhost/bb"));
		assert_null(podman_images_find(v, n, "localhost/bb:2"));
		assert_null(podman_images_find(v, n, ""));
		podman_images_free(v, n);
	}
	static const char latest[] = "[{\"Id\":\"sha256:abcdef012345\",\"Names\":[\"localhost/x:latest\"]}]";
	struct podman_image *v = NULL;
	size_t n = 0;
	assert_int_equal(podman_images_parse("images", latest, strlen(latest), &v, &n, NULL), 0);
	assert_string_equal(v->id, "abcdef012345");
	assert_ptr_equal(podman_images_find(v, n, "localhost/x"), v);
	podman_images_free(v, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_inspect_of_both_versions_and_ways),
		cmocka_unit_test(image_lists_are_searched_by_tag_digest_and_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
