/* SPDX-License-Identifier: MIT */
/*
 * showdirect [--user] [--direct] [--limit=BYTES] unit UNIT… | … units UNIT… (in one question) | showdirect [--direct] [--events] [--limit=BYTES] journal LINES MATCH…
 * What a live source answers to `systemctl show` of a unit after the other, or to `journalctl`: through libsystemd, or (without --direct)
 * through the command, so that a test can compare both. Exits with 3 when libsystemd was to tell, and the command did.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect/source.h"
#include "formats/journal.h"
#include "formats/sdshow.h"
#include "formats/text.h"

static uint64_t limit = 64u << 20;

static int show(struct source *live, const char *what, char **argv, const struct identity *as, bool direct)
{
	_cleanup_probe_ struct probe *p = probe_cmd("show", argv, as, PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 };
	struct err err;
	int r = 0;

	p->flags = direct ? PROBE_LIBSYSTEMD : 0;
	p->limits.max_bytes = limit;
	if (source_get(live, p, &a, &err))
		return 1;
	if (direct && a.rec.via == VIA_COMMAND) {
		fprintf(stderr, "%s: through the command: %s\n", what, a.rec.reason ? a.rec.reason : "");
		r = 3;
	}
	printf("---- %s %s %d\n", what, outcome_name(a.rec.outcome), a.rec.status);
	fwrite(a.out.data, 1, a.out.len, stdout);
	return r;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	_cleanup_source_ struct source *live = source_live(NULL, &err);
	_cleanup_free_ char *dir = mem_printf("/run/user/%u", (unsigned)getuid());
	_cleanup_free_ char *name = mem_strdup("me"), *home = mem_strdup("/");
	struct identity me = { .name = name, .uid = getuid(), .gid = getgid(), .home = home, .runtime_dir = dir };
	bool user = false, direct = false, events = false;
	int i = 1, r = 0;

	for (; i < argc && argv[i][0] == '-'; i++) {
		user |= strcmp(argv[i], "--user") == 0;
		direct |= strcmp(argv[i], "--direct") == 0;
		events |= strcmp(argv[i], "--events") == 0;
		if (strncmp(argv[i], "--limit=", 8) == 0 && text_to_u64(argv[i] + 8, UINT32_MAX, &limit))
			return 2;
	}
	if (i + 1 >= argc || !live)
		return 2;
	const struct identity *as = user ? &me : NULL;
	if (strcmp(argv[i], "unit") == 0) {
		for (int k = i + 1; k < argc; k++) {
			_cleanup_strv_ char **v = strv_add(sdshow_argv(user), argv[k]);
			int s = show(live, argv[k], v, as, direct);
			r = s ? s : r;
		}
		return r;
	}
	if (strcmp(argv[i], "units") == 0) {
		_cleanup_strv_ char **v = sdshow_argv(user);
		for (int k = i + 1; k < argc; k++)
			v = strv_add(v, argv[k]);
		return show(live, "units", v, as, direct);
	}
	uint64_t lines;
	if (text_to_u64(argv[i + 1], UINT32_MAX, &lines))
		return 2;
	_cleanup_strv_ char **v = journal_argv(events ? JOURNAL_EVENTS : JOURNAL_WHOLE, (unsigned)lines);
	for (int k = i + 2; k < argc; k++)
		v = strv_add(v, argv[k]);
	return show(live, "journal", v, NULL, direct);
}
