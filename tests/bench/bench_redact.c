/* SPDX-License-Identifier: MIT */
/*
 * bench_redact [MIB]: the text stage on logs in memory, beside the raw search of the same bytes and
 * `sed -E` with ten rules on a file of them. One line per measure; ratios are of one run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "redact/scan.h"
#include "redact/text.h"

static uint64_t seed = 88172645463325252ull;

static uint32_t rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *const what[] = { "INFO http request completed method=GET path=/api/v1/users/42 status=200 duration=12ms",
	"systemd[1]: Started node-commander.service - Local agent node-commander.",
	"podman[3321]: container start e5756558f5863d31875f421db53ea86963caeac56bde615f1072fb73d0ce4063 (image=localhost/bb:1, name=rs-run)",
	"WARN retrying connection to 10.88.0.12:5432 attempt=3 backoff=400ms error=\"connection refused\"",
	"kernel: overlayfs: upper fs does not support xattr, falling back to index=off and metacopy=off.",
	"DEBUG cache lookup key=session:42 hit=true age=3s shard=7 size=1024", "node-commander[812]: heartbeat ok uptime=86400 rss=48MiB fds=42",
	"sshd[991]: Accepted publickey for alice from 192.0.2.7 port 52114 ssh2: ED25519 SHA256:3q2-7wEJ1r0m8jVQyQm3mZ5r8Y3oYb7R9w2G7xw6v1c",
	"containerd: level=info msg=\"shim disconnected\" id=5f3e0a526f3b4c0e9a471f2c3d4e5f60 namespace=k8s.io" };
static const struct {
	const char *before, *after;
} secrets[] = { { "DB_PASSWORD=Zk3LmN", "qQ" }, { "Authorization: Bearer mF9B5f41JqM", "abcdEFGH" }, { "postgres://app:pw", "@db:5432/x" },
	{ "using ghp_16C7e42F292c6912E7710c8383", "" }, { "{\"client_secret\":\"s3cr3t", "\"}" } };

static void make_log(char *p, size_t n, size_t every)
{
	char line[512];
	size_t at = 0, next = every;

	while (at < n) {
		int k = snprintf(line, sizeof(line), "2026-11-24T06:%02u:%02u.%06uZ host %s\n", rnd(60), rnd(60), rnd(1000000), what[rnd(ARRAY_LEN(what))]);
		if (every && at >= next) {
			next += every;
			uint32_t i = rnd(ARRAY_LEN(secrets));
			k = snprintf(line, sizeof(line), "%s%08x%s\n", secrets[i].before, rnd(1u << 31), secrets[i].after);
		}
		if ((size_t)k > n - at)
			k = (int)(n - at);
		memcpy(p + at, line, (size_t)k);
		at += (size_t)k;
	}
}

static void discard(void *context, const char *p, size_t n)
{
	*(size_t *)context += n;
}

/* MB/s, the best of three. */
static double bench_text(struct redactor *r, const char *p, size_t n)
{
	double best = 0;

	for (int i = 0; i < 3; i++) {
		size_t out = 0;
		struct tally tally = { 0 };
		double t = now();
		struct text_stage *s = text_stage_new(r, &tally, (struct sink_bytes){ discard, &out });
		for (size_t at = 0; at < n; at += 65536)
			text_stage_feed(s, p + at, n - at < 65536 ? n - at : 65536);
		text_stage_end(s);
		t = (double)n / (now() - t) / 1e6;
		best = t > best ? t : best;
	}
	return best;
}

static double bench_raw(struct scanner *s, const char *p, size_t n)
{
	double best = 0;
	struct hits hits = { 0 };

	for (int i = 0; i < 3; i++) {
		double t = now();
		struct scan_stream *stream = scan_open(s);
		for (size_t at = 0; at < n; at += 262144) {
			hits.n = 0;
			scan_feed(stream, p + at, n - at < 262144 ? n - at : 262144, &hits);
		}
		scan_close(stream);
		t = (double)n / (now() - t) / 1e6;
		best = t > best ? t : best;
	}
	hits_free(&hits);
	return best;
}

static const char sed[] = "sed -E -e 's/gh[pousr]_[A-Za-z0-9]{36,}/X/g' -e 's/(password|passwd|pwd)=[^ ]+/\\1=X/gI' "
			  "-e 's/Bearer [A-Za-z0-9._~+\\/-]+/Bearer X/g' -e 's#://([^:/@ ]+):[^@ ]+@#://\\1:X@#g' -e 's/AKIA[0-9A-Z]{16}/X/g' "
			  "-e 's/xox[bpars]-[A-Za-z0-9-]+/X/g' -e 's/eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+/X/g' "
			  "-e 's/(\"[a-z_]*secret\": *\")[^\"]+/\\1X/g' -e 's/sk_live_[A-Za-z0-9]+/X/g' -e 's/(token|api_key)=[^ ]+/\\1=X/gI' ";

static double bench_sed(const char *p, size_t n)
{
	char path[] = "/tmp/bench_redact.XXXXXX", command[2048];
	int fd = mkstemp(path);

	/* a sixteenth of it: sed is slow */
	n /= 16;
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		return 0;
	close(fd);
	snprintf(command, sizeof(command), "LC_ALL=C %s <%s >/dev/null", sed, path);
	double t = now();
	int rc = system(command);
	t = (double)n / (now() - t) / 1e6;
	unlink(path);
	return rc ? 0 : t;
}

/* The same log as a journal in JSON, some of it at a time: what is measured as memory is the engine's. */
static double bench_journal(struct redactor *r, const char *p, size_t n)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
	double spent = 0;
	size_t bytes = 0;

	for (size_t at = 0; at < n;) {
		const char *nl = memchr(p + at, '\n', n - at);
		size_t end = nl ? (size_t)(nl - p) : n;
		buf_adds(&in, "{\"__CURSOR\":\"s=5f3e0a526f3b4c0e9a471f2c3d4e5f60;i=3a\",\"__REALTIME_TIMESTAMP\":\"1764000000000000\",\"_PID\":\"812\","
			      "\"_SYSTEMD_USER_UNIT\":\"node-commander.service\",\"_CMDLINE\":\"/usr/bin/podman run localhost/bb:1\",\"MESSAGE\":\"");
		for (size_t i = at; i < end; i++) {
			if (p[i] == '"')
				buf_addc(&in, '\\');
			buf_addc(&in, p[i]);
		}
		buf_adds(&in, "\"}\n");
		at = end + 1;
		if (in.len < 65536 && at < n)
			continue;
		double t = now();
		buf_clear(&out);
		redact_bytes(r, PAYLOAD_JSONL, in.data, in.len, &out);
		spent += now() - t;
		bytes += in.len;
		buf_clear(&in);
	}
	return (double)bytes / spent / 1e6;
}

int main(int argc, char **argv)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 7 };
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 256) << 20;
	struct err err = { 0 };
	double t = now();
	struct redactor *r = redactor_new(key, &err);
	struct scanner *scanner = NULL;

	if (!r || scanner_new(&scanner, &err) < 0) {
		fprintf(stderr, "bench_redact: %s\n", err.msg);
		return 1;
	}
	printf("redactor ready in %.2f ms\n", (now() - t) * 500);
	char *p = malloc(n);
	static const struct {
		const char *name;
		size_t every;
	} logs[] = { { "no secret", 0 }, { "one in 64 KiB", 65536 }, { "one in 3 KB", 3000 } };
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		make_log(p, n, logs[i].every);
		double raw = bench_raw(scanner, p, n), text = bench_text(r, p, n);
		printf("%-14s text %5.0f MB/s  raw search %5.0f MB/s  ratio %.2f", logs[i].name, text, raw, text / raw);
		if (i == 1) {
			double s = bench_sed(p, n);
			printf("  sed %4.0f MB/s  ratio %.1f", s, s > 0 ? text / s : 0);
		}
		printf("\n");
		if (i == 1)
			printf("%-14s text %5.0f MB/s\n", "as a journal", bench_journal(r, p, n / 4));
	}
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	printf("peak memory %ld KiB beyond the log\n", u.ru_maxrss - (long)(n >> 10));
	free(p);
	scanner_free(scanner);
	redactor_free(r);
	return 0;
}
