/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PODMAN_JSON_H
#define FORMATS_PODMAN_JSON_H

#include "formats/json.h"
#include "formats/podman.h"

/* What the podman_*.c files share: getters over json.h with Podman's habits. For them only. */

/* Pairs of an object of strings, in the order of the keys; *ret is NULL when there is none. */
void podman_pairs(const json_t *j, const char *key, struct string_pair **ret, size_t *ret_n);
uint64_t podman_count(const json_t *j, const char *key); /* a number, or digits in a string; 0 when neither, or below 0 */
/* Reads a document that is a list; an object counts as a list of one, null as an empty one. */
int podman_list(const char *what, const char *text, size_t n, json_t **ret, struct err *err);
/* A document that is one object, or a list of which the first is meant; an empty list is ERR_ABSENT. `ret_top` owns it. */
int podman_one(const char *what, const char *text, size_t n, json_t **ret_top, const json_t **ret, struct err *err);

#endif
