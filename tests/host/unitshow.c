/* SPDX-License-Identifier: MIT */
/*
 * unitshow [--user] [--bus] UNIT…: what a live source answers to `systemctl show`, over the bus or (without --bus) through the command,
 * a unit after the other, so that a test can compare both. Exits with 3 when the bus was to be asked, and the command was.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect/source.h"
#include "formats/sdshow.h"

int main(int argc, char **argv)
{
	struct err err = { 0 };
	_cleanup_source_ struct source *live = source_live(NULL, &err);
	_cleanup_free_ char *dir = mem_printf("/run/user/%u", (unsigned)getuid());
	_cleanup_free_ char *name = mem_strdup("me"), *home = mem_strdup("/");
	struct identity me = { .name = name, .uid = getuid(), .gid = getgid(), .home = home, .runtime_dir = dir };
	bool user = false, bus = false;
	int i = 1, r = 0;

	for (; i < argc && argv[i][0] == '-'; i++) {
		user |= strcmp(argv[i], "--user") == 0;
		bus |= strcmp(argv[i], "--bus") == 0;
	}
	for (; i < argc; i++) {
		_cleanup_strv_ char **v = strv_add(sdshow_argv(user), argv[i]);
		_cleanup_probe_ struct probe *p = probe_cmd("show", v, user ? &me : NULL, PAYLOAD_SHOW);
		_cleanup_answer_ struct answer a = { 0 };
		p->flags = bus ? PROBE_BUS : 0;
		if (source_get(live, p, &a, &err))
			return 1;
		if (bus && !a.rec.over_bus) {
			fprintf(stderr, "%s: not over the bus: %s\n", argv[i], a.rec.reason ? a.rec.reason : "");
			r = 3;
		}
		printf("---- %s %s %d\n", argv[i], outcome_name(a.rec.outcome), a.rec.status);
		fwrite(a.out.data, 1, a.out.len, stdout);
	}
	return r;
}
