/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_VAULT_H
#define LIFECYCLE_VAULT_H

#include "formats/err.h"
#include "formats/probe.h"

/*
 * The vault is the directory private/originals of an evidence directory: the exact bytes of what a
 * quarantine took away, each with a JSON beside it that says path, kind, mode, owner, times and SHA-256.
 * It stays on the host and is never in a bundle. At every instant each file is whole at its own
 * path, or in the vault, or both.
 */

/* Takes the regular file or symbolic link at path away into the vault under `name`: copied, synced,
 * compared, and only then removed. Taking again what is in the vault already only finishes the removal. ERR_CHANGE
 * when the file changed meanwhile; nothing is lost then. as: see place.h. */
int vault_take(const char *vault, const char *name, const char *path, const struct identity *as, struct err *err);

/* The same, but for the removal: what is at the path stays there, and a copy is in the vault. 1: it was gone from the path
 * already, and the vault holds it. */
int vault_keep(const char *vault, const char *name, const char *path, const struct identity *as, struct err *err);

/* Puts it back: bytes, mode, owner, modification time. 0 also when it is there already; ERR_CHANGE
 * when something else stands at the path, which stays untouched. */
int vault_return(const char *vault, const char *name, const struct identity *as, struct err *err);

/* 1 when `name` is whole in the vault, 0 when not. */
int vault_has(const char *vault, const char *name);

/* What vault_return would write to, for messages; NULL when it is not in the vault. Caller frees. */
char *vault_path_of(const char *vault, const char *name);

#endif
