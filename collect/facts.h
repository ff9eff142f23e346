/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_FACTS_H
#define COLLECT_FACTS_H

#include "collect/hostfs.h"
#include "collect/job.h"

/* FACT probes, answered at once; the names and their JSON are in source.h. An unknown name is FAILED. */
void facts_answer(struct job *job, struct hostfs *fs);

/* "host-" and 12 hex digits of a keyed hash of the machine's id: says "the same machine" without
 * giving the id away, which other programs use as a secret-ish name. Caller frees; NULL for NULL. */
char *facts_machine_tag(const char *machine_id);

/* Adds id, version, name and build to j as far as the file tells: os-release(5), or SystemVersion.plist. */
void facts_os_release(const char *text, json_t *j);
void facts_system_version(const char *text, json_t *j);

#endif
