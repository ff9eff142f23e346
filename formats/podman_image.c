/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/imageref.h"
#include "formats/podman_json.h"
#include "formats/text.h"

static char **names_of(const json_t *j)
{
	char **tags = json_strv(j, "RepoTags");

	/* 4.3's list says RepoTags null and has the names in Names */
	return tags ? tags : json_strv(j, "Names");
}

static void read_image(const json_t *j, struct podman_image *i)
{
	const json_t *config = json_object_get(j, "Config");

	i->id = json_dup(j, "Id");
	if (i->id && text_starts(i->id, "sha256:"))
		memmove(i->id, i->id + 7, strlen(i->id + 7) + 1);
	i->digest = json_dup(j, "Digest");
	i->repo_tags = names_of(j);
	i->repo_digests = json_strv(j, "RepoDigests");
	i->names_history = json_strv(j, "NamesHistory");
	if (!i->names_history && !config)
		i->names_history = json_strv(j, "History"); /* in lists; in inspect that key is the layers' */
	i->created_us = json_time(j, "Created");
	i->size = podman_count(j, "Size");
	i->arch = json_dup(j, "Architecture");
	if (!i->arch)
		i->arch = json_dup(j, "Arch");
	i->os = json_dup(j, "Os");
	i->author = json_dup(j, "Author");
	i->comment = json_dup(j, "Comment");
	i->user = json_dup(j, "User");
	i->entrypoint = json_strv(config, "Entrypoint");
	i->cmd = json_strv(config, "Cmd");
	i->manifest_type = json_dup(j, "ManifestType");
	podman_pairs(j, "Labels", &i->labels, &i->n_labels);
	podman_pairs(j, "Annotations", &i->annotations, &i->n_annotations);
	i->n_layers = json_array_size(json_object_get(json_object_get(j, "RootFS"), "Layers"));
}

int podman_image_parse(const char *what, const char *text, size_t n, struct podman_image **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	int r;

	if ((r = podman_one(what, text, n, &top, &j, err)))
		return r;
	if (!json_get(j, "Id"))
		return err_set(err, ERR_SYNTAX, "%s: an image without an Id", what);
	*ret = mem_alloc(sizeof(**ret));
	read_image(j, *ret);
	return 0;
}

int podman_images_parse(const char *what, const char *text, size_t n, struct podman_image **ret, size_t *ret_n, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	size_t i, used = 0;
	int r;

	if ((r = podman_list(what, text, n, &top, err)))
		return r;
	struct podman_image *v = mem_alloc((json_array_size(top) + 1) * sizeof(*v));
	json_array_foreach(top, i, j)
		if (json_get(j, "Id"))
			read_image(j, &v[used++]);
	*ret = v;
	*ret_n = used;
	return 0;
}

static void image_clear(struct podman_image *i)
{
	free(i->id);
	free(i->digest);
	strv_free(i->repo_tags);
	strv_free(i->repo_digests);
	strv_free(i->names_history);
	free(i->arch);
	free(i->os);
	free(i->author);
	free(i->comment);
	free(i->user);
	strv_free(i->entrypoint);
	strv_free(i->cmd);
	free(i->manifest_type);
	string_pairs_free(i->labels, i->n_labels);
	string_pairs_free(i->annotations, i->n_annotations);
}

void podman_image_free(struct podman_image *i)
{
	if (i)
		image_clear(i);
	free(i);
}

void podman_image_freep(struct podman_image **i)
{
	podman_image_free(*i);
	*i = NULL;
}

void podman_images_free(struct podman_image *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		image_clear(&v[i]);
	free(v);
}

/* True when the image has ref, tagged "latest" when it has neither tag nor digest, among its names. */
static bool image_is(const struct podman_image *i, const char *ref, const char *latest)
{
	return strv_has(i->repo_tags, ref) || strv_has(i->repo_digests, ref) || (latest && strv_has(i->repo_tags, latest));
}

const struct podman_image *podman_images_find(const struct podman_image *v, size_t n, const char *ref)
{
	_cleanup_imageref_ struct imageref r = { 0 };
	_cleanup_free_ char *latest = NULL;

	if (imageref_parse(ref, &r, NULL) == 0 && !r.tag && !r.digest)
		latest = mem_printf("%s:latest", ref);
	for (size_t i = 0; i < n; i++)
		if (image_is(&v[i], ref, latest))
			return &v[i];
	const char *hex = text_starts(ref, "sha256:") ? ref + 7 : ref;
	for (size_t i = 0; imageref_is_id(ref) && i < n; i++)
		if (v[i].id && text_starts(v[i].id, hex))
			return &v[i];
	return NULL;
}
