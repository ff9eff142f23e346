/* SPDX-License-Identifier: MIT */
/* The structural redactors on one file of each format, clean records, the gate, what operators add. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <plist/plist.h>
#include <string.h>

#include <sodium.h>

#include "redact/redact.h"
#include "redact/value.h"

static struct redactor *r;

static int setup(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 6 };

	r = redactor_new(key, NULL);
	return r ? 0 : -1;
}

static int teardown(void **state)
{
	redactor_free(r);
	return 0;
}

/* want is in, with T for each token. */
static void assert_clean(enum payload_class class, const char *in, const char *want)
{
	_cleanup_buf_ struct buf out = { 0 }, again = { 0 }, shape = { 0 };

	redact_bytes(r, class, in, strlen(in), &out);
	for (size_t i = 0; i < out.len;) {
		size_t k = value_token(out.data + i, out.len - i);
		buf_addc(&shape, k ? 'T' : out.data[i]);
		i += k ? k : 1;
	}
	if (strcmp(buf_str(&shape), want) != 0)
		print_message("in:   %s\nout:  %s\nwant: %s\n", in, buf_str(&out), want);
	assert_string_equal(buf_str(&shape), want);
	redact_bytes(r, class, out.data, out.len, &again);
	assert_string_equal(buf_str(&out), buf_str(&again));
}

static void auth_files_by_structure_q09(void **state)
{
	assert_clean(PAYLOAD_AUTH, "{\"auths\":{\"gcr.io\":{\"auth\":\"dXNlcjpwYXNz\"},\"q\":{\"identityToken\":\"abc\",\"email\":\"a@b.c\"}},\"credHelpers\":{\"gcr.io\":\"gcloud\"}}",
		"{\"auths\":{\"gcr.io\":{\"auth\":\"T\"},\"q\":{\"identityToken\":\"T\",\"email\":\"a@b.c\"}},\"credHelpers\":{\"gcr.io\":\"gcloud\"}}");
	assert_clean(PAYLOAD_AUTH, "{\"https://index.docker.io/v1/\":{\"auth\":\"eA==\"}}", "{\"https://index.docker.io/v1/\":{\"auth\":\"T\"}}");
	assert_clean(PAYLOAD_AUTH, "{\"auths\":{},\"HttpHeaders\":{\"X-Meta\":\"foo\"},\"plugins\":{\"p\":{\"k\":\"v\"}},\"credsStore\":\"desktop\"}",
		"{\"auths\":{},\"HttpHeaders\":{\"X-Meta\":\"T\"},\"plugins\":{\"p\":{\"k\":\"T\"}},\"credsStore\":\"desktop\"}");
	assert_clean(PAYLOAD_AUTH, "{\"auths\": {}}\n", "{\"auths\": {}}\n");
}

static void auth_that_does_not_parse_is_withheld_q09(void **state)
{
	_cleanup_buf_ struct buf out = { 0 };
	static const char broken[] = "{\"auths\":{\"gcr.io\":{\"auth\":\"dXNlcjpwYXNz\"";

	redact_bytes(r, PAYLOAD_AUTH, broken, strlen(broken), &out);
	assert_null(memmem(out.data, out.len, "dXNl", 4));
	assert_null(memmem(out.data, out.len, "gcr.io", 6));
	assert_int_equal(value_token(out.data, out.len) + 1, out.len);
}

static void podman_inspect_q07(void **state)
{
	assert_clean(PAYLOAD_PODMAN,
		"[{\"Config\":{\"Env\":[\"PATH=/bin\",\"DB_PASSWORD=hunter2\",\"U=https://a:b@c/\",\"GPG_KEY=E3FF\"],\"Labels\":{\"x.secret\":\"q1\",\"y\":\"z\"},"
		"\"CreateCommand\":[\"podman\",\"run\",\"-e\",\"PASS=xyzzy\",\"--password\",\"s3\",\"--secret\",\"db\",\"img\"],\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"curl -u bob:pw1 http://x\"]}},"
		"\"Args\":[\"--token\",\"efgh\"],\"RestartCount\":3}]",
		"[{\"Config\":{\"Env\":[\"PATH=/bin\",\"DB_PASSWORD=T\",\"U=https://a:T@c/\",\"GPG_KEY=E3FF\"],\"Labels\":{\"x.secret\":\"T\",\"y\":\"z\"},"
		"\"CreateCommand\":[\"podman\",\"run\",\"-e\",\"PASS=T\",\"--password\",\"T\",\"--secret\",\"db\",\"img\"],\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"curl -u bob:T http://x\"]}},"
		"\"Args\":[\"--token\",\"T\"],\"RestartCount\":3}]");
}

static void json_keeps_its_types(void **state)
{
	assert_clean(PAYLOAD_JSON, "{\"password\":12345678,\"n\":1.50e3,\"msg\":\"{\\\"token\\\":\\\"abcdef12\\\"}\"}",
		"{\"password\":\"T\",\"n\":1.50e3,\"msg\":\"{\\\"token\\\":\\\"T\\\"}\"}");
	assert_clean(PAYLOAD_JSON, "[[\"Authorization\",\"Bearer abc\"],{\"value\":\"v1x\",\"name\":\"API_TOKEN\"}]",
		"[[\"Authorization\",\"Bearer T\"],{\"value\":\"T\",\"name\":\"API_TOKEN\"}]");
	assert_clean(PAYLOAD_JSON, "{\"kind\":\"Secret\",\"data\":{\"a\":\"Yg==\"},\"metadata\":{\"name\":\"x\"}}",
		"{\"kind\":\"Secret\",\"data\":{\"a\":\"T\"},\"metadata\":{\"name\":\"x\"}}");
}

static void units_and_show(void **state)
{
	assert_clean(PAYLOAD_UNIT,
		"[Service]\nEnvironment=A=b DB_PASSWORD=hunter2 \"API_TOKEN=a b\"\nLoadCredential=k:/etc/k\nSetCredential=k:s3cret\n"
		"ExecStart=/usr/bin/podman run -e PASS=xyzzy \\\n  --password hunter2 -p 8080:80 img\nRestart=always\n",
		"[Service]\nEnvironment=A=b DB_PASSWORD=T \"API_TOKEN=T\"\nLoadCredential=k:/etc/k\nSetCredential=k:T\n"
		"ExecStart=/usr/bin/podman run -e PASS=T \\\n  --password T -p 8080:80 img\nRestart=always\n");
	assert_clean(PAYLOAD_SHOW, "Id=x\nEnvironment=A=b TOKEN=abcdefgh\nExecStart={ path=/a ; argv[]=/a --token abcdefgh ; pid=0 }\nNRestarts=3\n",
		"Id=x\nEnvironment=A=b TOKEN=T\nExecStart={ path=/a ; argv[]=/a --token T ; pid=0 }\nNRestarts=3\n");
}

static void environment_files_scripts_launchctl(void **state)
{
	assert_clean(PAYLOAD_ENV, "# c\nA=b\nDB_PASSWORD=\"hun ter2\"\nexport KEY_FILE=/etc/k\nX_SECRET='l1\nl2'\n",
		"# c\nA=b\nDB_PASSWORD=\"T\"\nexport KEY_FILE=/etc/k\nX_SECRET='T'\n");
	assert_clean(PAYLOAD_SCRIPT, "#!/bin/sh\nexport DB_PASSWORD=hunter2\nsshpass -p 'x y' ssh a; mysql -uroot -ppw1 db\n",
		"#!/bin/sh\nexport DB_PASSWORD=T\nsshpass -p 'T' ssh a; mysql -uroot -pT db\n");
	assert_clean(PAYLOAD_LAUNCHCTL, "x = {\n\tenvironment = {\n\t\tDB_PASSWORD => hunter2\n\t\tA => b\n\t}\n\targuments = {\n\t\t/a\n\t\t--token\n\t\tabcd1234\n\t}\n\truns = 9\n}\n",
		"x = {\n\tenvironment = {\n\t\tDB_PASSWORD => T\n\t\tA => b\n\t}\n\targuments = {\n\t\t/a\n\t\t--token\n\t\tT\n\t}\n\truns = 9\n}\n");
}

static void plists_also_binary_ones(void **state)
{
	static const char xml[] = "<plist version=\"1.0\"><dict><key>EnvironmentVariables</key><dict><key>DB_PASSWORD</key><string>a&amp;b</string></dict>"
				  "<key>ProgramArguments</key><array><string>/x</string><string>--token</string><string>abcd1234</string></array></dict></plist>";
	plist_t root = NULL;
	char *bin = NULL;
	uint32_t n = 0;
	_cleanup_buf_ struct buf out = { 0 };

	assert_clean(PAYLOAD_PLIST, xml,
		"<plist version=\"1.0\"><dict><key>EnvironmentVariables</key><dict><key>DB_PASSWORD</key><string>T</string></dict>"
		"<key>ProgramArguments</key><array><string>/x</string><string>--token</string><string>T</string></array></dict></plist>");
	plist_from_xml(xml, sizeof(xml) - 1, &root);
	plist_to_bin(root, &bin, &n);
	plist_free(root);
	redact_bytes(r, PAYLOAD_PLIST, bin, n, &out);
	free(bin);
	assert_non_null(strstr(buf_str(&out), "<?xml"));
	assert_non_null(strstr(buf_str(&out), "--token"));
	assert_null(strstr(buf_str(&out), "abcd1234"));
}

static const char *token_in(struct buf *b, enum payload_class class, const char *in)
{
	buf_clear(b);
	redact_bytes(r, class, in, strlen(in), b);
	for (size_t i = 0; i < b->len; i++) {
		size_t k = value_token(b->data + i, b->len - i);
		if (k) {
			b->data[i + k] = '\0';
			return b->data + i;
		}
	}
	return "none";
}

static void one_secret_has_one_token_wherever_it_is(void **state)
{
	_cleanup_buf_ struct buf a = { 0 }, b = { 0 };
	const char *want = token_in(&a, PAYLOAD_ENV, "DB_PASSWORD=p@ss/w0rd\n");

	assert_string_equal(want, token_in(&b, PAYLOAD_TEXT, "x password=p@ss/w0rd y\n"));
	assert_string_equal(want, token_in(&b, PAYLOAD_JSON, "{\"password\":\"p@ss\\/w0rd\"}"));
	assert_string_equal(want, token_in(&b, PAYLOAD_UNIT, "Environment=U=postgres://u:p%%40ss%%2Fw0rd@h/d\n"));
	assert_string_equal(want, token_in(&b, PAYLOAD_TEXT, "postgres://u:p%40ss%2Fw0rd@h/d"));
	assert_string_equal(want, token_in(&b, PAYLOAD_TEXT, "run --password 'p@ss/w0rd'"));
	assert_string_not_equal(want, token_in(&b, PAYLOAD_TEXT, "run --password 'p@ss/w0rd2'"));
	/* another key, another token */
	static const uint8_t key[REDACT_KEY_BYTES] = { 7 };
	struct redactor *other = redactor_new(key, NULL);
	buf_clear(&b);
	redact_bytes(other, PAYLOAD_ENV, "DB_PASSWORD=p@ss/w0rd\n", 22, &b);
	assert_null(strstr(b.data, want));
	redactor_free(other);
}

static void the_gate_finds_every_form(void **state)
{
	static const char *const forms[] = { "Zk3\"LmN0/pQr", "Zk3\\\"LmN0/pQr", "Zk3%22LmN0%2FpQr", "WmszIkxtTjAvcFFy" /* base64 */,
		"eHhaazMiTG1OMC9wUXJ5" /* of xxZk3"LmN0/pQry */, "eFprMyJMbU4wL3BRcnl5" /* of xZk3… */ };
	static const uint8_t key[REDACT_KEY_BYTES] = { 8 };
	struct redactor *own = redactor_new(key, NULL);
	struct redact_gate *g = redact_gate_new(own);
	_cleanup_buf_ struct buf out = { 0 };
	const char *class;
	uint64_t offset;

	assert_int_equal(redact_gate_feed(g, "Zk3\"LmN0/pQr", 12, &class, &offset), 0);
	redact_bytes(own, PAYLOAD_JSON, "{\"password\":\"Zk3\\\"LmN0/pQr\"}", 29, &out);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		/* in two pieces, after a megabyte */
		_cleanup_buf_ struct buf file = { 0 };
		for (int k = 0; k < 100000; k++)
			buf_adds(&file, "0123456789");
		buf_adds(&file, forms[i]);
		buf_adds(&file, " and more");
		redact_gate_reset(g);
		int hit = redact_gate_feed(g, file.data, 1000004, &class, &offset);
		hit += redact_gate_feed(g, file.data + 1000004, file.len - 1000004, &class, &offset);
		if (!hit)
			print_message("not found: %s\n", forms[i]);
		assert_int_equal(hit, 1);
		assert_in_range(offset, 1000000, 1000003);
		assert_string_equal(class, "keyed");
		/* and can take it out */
		buf_clear(&out);
		redact_gate_reset(g);
		redact_gate_scrub(g, file.data, 1000004, false, &out);
		redact_gate_scrub(g, file.data + 1000004, file.len - 1000004, true, &out);
		assert_null(strstr(out.data, forms[i]));
		assert_non_null(strstr(out.data, "REDACTED_secret_"));
		assert_non_null(strstr(out.data, "ore"));
	}
	redact_gate_free(g);
	redactor_free(own);
}

static void the_gate_knows_both_alphabets_of_base64(void **state)
{
	static const int variants[] = { sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	static const uint8_t key[REDACT_KEY_BYTES] = { 10 };
	static const char secret[] = "Zk3~~?Zk>>?0";
	struct redactor *own = redactor_new(key, NULL);
	struct redact_gate *g = redact_gate_new(own);
	_cleanup_buf_ struct buf out = { 0 };
	const char *class;
	uint64_t offset;

	redact_bytes(own, PAYLOAD_ENV, "DB_PASSWORD=Zk3~~?Zk>>?0\n", 25, &out);
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		char text[32];
		sodium_bin2base64(text, sizeof(text), (const unsigned char *)secret, strlen(secret), variants[i]);
		assert_non_null(strpbrk(text, i ? "-_" : "+/"));
		redact_gate_reset(g);
		assert_int_equal(redact_gate_feed(g, text, strlen(text), &class, &offset), 1);
	}
	redact_gate_free(g);
	redactor_free(own);
}

/* Wherever the pieces end, however small they are, and however short another secret is, the same place is found. */
static void the_gate_does_not_mind_the_pieces(void **state)
{
	static const char *const others[] = { "Qw3rT1", "Qw3rT1x", "Qw3rT1xY", "Qw3rT1xYz", "Qw3rT1xYzAbCdEf" };
	static const uint8_t key[REDACT_KEY_BYTES] = { 9 };
	static const char before[] = "2026-11-24T06:50:03Z INFO hu hunter hunter- ", secret[] = "hunter-Zk3LmN0pQr", after[] = " hunter\n";
	_cleanup_buf_ struct buf file = { 0 };
	const char *class;
	uint64_t offset;

	buf_adds(&file, before);
	buf_adds(&file, secret);
	buf_adds(&file, after);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct redactor *own = redactor_new(key, NULL);
		struct redact_gate *g = redact_gate_new(own);
		_cleanup_buf_ struct buf out = { 0 }, env = { 0 };
		buf_addf(&env, "DB_PASSWORD=%s\nA_PASSWORD=%s\n", secret, others[i]);
		redact_bytes(own, PAYLOAD_ENV, env.data, env.len, &out);
		assert_null(strstr(out.data, others[i]));
		for (size_t first = 0; first <= file.len; first++)
			for (size_t step = 1; step <= 40; step += 3) {
				size_t at = first;
				redact_gate_reset(g);
				offset = 0;
				int hit = redact_gate_feed(g, file.data, first, &class, &offset);
				for (size_t n; !hit && at < file.len; at += n) {
					n = file.len - at < step ? file.len - at : step;
					hit = redact_gate_feed(g, file.data + at, n, &class, &offset);
				}
				assert_int_equal(hit, 1);
				assert_int_equal(offset, strlen(before));
			}
		/* the short one is found as well, at any place */
		for (size_t pad = 0; pad < 9; pad++) {
			buf_clear(&env);
			buf_add(&env, "012345678", pad);
			buf_adds(&env, others[i]);
			redact_gate_reset(g);
			assert_int_equal(redact_gate_feed(g, env.data, env.len, &class, &offset), 1);
			assert_int_equal(offset, pad);
		}
		redact_gate_free(g);
		redactor_free(own);
	}
}

static bool gate_hits(struct redactor *of, const char *text)
{
	struct redact_gate *g = redact_gate_new(of);
	const char *class;
	uint64_t offset;
	int hit = redact_gate_feed(g, text, strlen(text), &class, &offset);

	redact_gate_free(g);
	return hit != 0;
}

static void what_was_seen_is_known_to_a_later_run(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 8 }, seal[REDACT_KEY_BYTES] = { 1 }, wrong[REDACT_KEY_BYTES] = { 2 };
	struct redactor *before = redactor_new(key, NULL), *after = redactor_new(key, NULL);
	_cleanup_buf_ struct buf out = { 0 }, sealed = { 0 };
	struct err err = { 0 };

	redact_bytes(before, PAYLOAD_ENV, "DB_PASSWORD=zq8Wt4kLmR2vXy7P\n", 30, &out);
	redactor_seal_seen(before, seal, &sealed);
	assert_null(memmem(sealed.data, sealed.len, "zq8Wt4kL", 8));
	assert_false(gate_hits(after, "x zq8Wt4kLmR2vXy7P y"));
	assert_int_equal(redactor_open_seen(after, wrong, sealed.data, sealed.len, &err), -ERR_TRUST);
	assert_int_equal(redactor_open_seen(after, seal, "junk", 4, &err), -ERR_SYNTAX);
	assert_false(gate_hits(after, "x zq8Wt4kLmR2vXy7P y"));
	assert_int_equal(redactor_open_seen(after, seal, sealed.data, sealed.len, &err), 0);
	assert_true(gate_hits(after, "x zq8Wt4kLmR2vXy7P y"));
	assert_true(gate_hits(after, "x enE4V3Q0a0xtUjJ2WHk3UA y"));
	/* a bit that fell over is no list at all */
	sealed.data[sealed.len - 1] ^= 1;
	assert_int_equal(redactor_open_seen(after, seal, sealed.data, sealed.len, &err), -ERR_TRUST);
	redactor_free(before);
	redactor_free(after);
}

static void what_was_withheld_stays_so(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 8 };
	struct redactor *own = redactor_new(key, NULL);
	_cleanup_buf_ struct buf once = { 0 }, twice = { 0 };

	redact_bytes(own, PAYLOAD_AUTH, "not json at all", 15, &once);
	redact_bytes(own, PAYLOAD_AUTH, once.data, once.len, &twice);
	assert_string_equal(once.data, twice.data);
	redactor_free(own);
}

static void operators_add_rules_and_words(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 9 };
	struct redactor *own = redactor_new(key, NULL);
	struct err err = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	static const char rules[] = "{\"rules\":[{\"class\":\"acme\",\"pattern\":\"acme_[a-z0-9]{8,}\",\"matches\":[\"x acme_12345678\"],\"misses\":[\"acme_1\"]},"
				    "{\"class\":\"acme\",\"key\":\"ACME_PIN\"}]}";
	static const char bad[] = "{\"rules\":[{\"class\":\"acme\",\"pattern\":\"a(\"}]}", wrong[] = "{\"rules\":[{\"class\":\"acme\",\"pattern\":\"abc\",\"misses\":[\"abc\"]}]}";

	assert_int_equal(redactor_add_rules(own, "x.json", rules, strlen(rules), &err), 0);
	assert_true(redactor_add_rules(own, "bad.json", bad, strlen(bad), &err) < 0);
	assert_non_null(strstr(err.msg, "bad.json"));
	assert_true(redactor_add_rules(own, "wrong.json", wrong, strlen(wrong), &err) < 0);
	static const char words[] = "# ours\nProject Nightjar\n";
	assert_int_equal(redactor_add_words(own, "words", words, strlen(words), &err), 0);
	static const char in[] = "id acme_12345678abc ACME_PIN=4711 project nightjar begins";
	redact_bytes(own, PAYLOAD_TEXT, in, strlen(in), &out);
	assert_null(strstr(out.data, "12345678"));
	assert_null(strstr(out.data, "4711"));
	assert_null(strstr(out.data, "nightjar"));
	assert_non_null(strstr(out.data, "REDACTED_acme_"));
	assert_non_null(strstr(out.data, " begins"));
	redactor_free(own);
}

static void remember(void *context, const char *token, const char *class, const void *value, size_t n)
{
	buf_addf(context, "%s %s %.*s\n", token, class, (int)n, (const char *)value);
}

static void pseudonyms_are_consistent_and_reversible(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 10 };
	struct redactor *own = redactor_new(key, NULL);
	_cleanup_buf_ struct buf out = { 0 }, map = { 0 };
	char *hosts[] = { (char[]){ "build7" }, NULL }, *users[] = { (char[]){ "alice" }, (char[]){ "root" }, NULL };
	static const char in[] = "alice@build7 from 192.0.2.7 mac 02:00:5e:10:00:01 v6 2001:db8::17 root 127.0.0.1 4.3.1 /home/alice";

	assert_int_equal(redactor_pseudonymize(own, hosts, users, NULL), 0);
	redactor_watch(own, remember, &map);
	redact_bytes(own, PAYLOAD_TEXT, in, strlen(in), &out);
	assert_null(strstr(out.data, "alice"));
	assert_null(strstr(out.data, "build7"));
	assert_null(strstr(out.data, "192.0.2.7"));
	assert_null(strstr(out.data, "5e:10"));
	assert_null(strstr(out.data, "db8"));
	assert_non_null(strstr(out.data, " root 127.0.0.1 4.3.1 /home/REDACTED_user_"));
	assert_non_null(strstr(map.data, " userName alice\n"));
	assert_non_null(strstr(map.data, " address 192.0.2.7\n"));
	redactor_free(own);
}

struct null_spool {
	struct spool spool;
	struct buf out;
	int fail;
};

static void *null_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return s;
}

static int null_write(struct spool *s, void *handle, const void *p, size_t n)
{
	buf_add(&((struct null_spool *)s)->out, p, n);
	return ((struct null_spool *)s)->fail;
}

static int null_close(struct spool *s, void *handle, struct err *err)
{
	return 0;
}

static void clean_records_hold_no_secret(void **state)
{
	char *argv[] = { (char[]){ "podman" }, (char[]){ "login" }, (char[]){ "-u" }, (char[]){ "bob" }, (char[]){ "-p" }, (char[]){ "Zk3LmN0p" },
		(char[]){ "quay.io" }, NULL };
	_cleanup_probe_ struct probe *p = probe_cmd("podman/login", argv, NULL, PAYLOAD_TEXT);
	struct null_spool s = { .spool = { null_open, null_write, null_close } };
	struct record rec = { .key = p->key, .outcome = OUTCOME_FAILED, .reason = (char[]){ "dial https://a:s3cr3tpw@b: refused" } };
	size_t n;

	p->env = strv_add(p->env, "DB_PASSWORD=Zk3LmN0p");
	struct redact_job *j = redact_begin(r, p, &s.spool);
	redact_chunk(j, STREAM_OUT, "token=Zk3LmN", 12);
	redact_chunk(j, STREAM_OUT, "0p ok\n", 6);
	redact_chunk(j, STREAM_ERR, "password=Zk3LmN0p\n", 18);
	struct clean_record *c = redact_end(j, &rec);
	assert_string_equal(clean_probe(c)->argv[3], "bob");
	assert_int_equal(value_token(clean_probe(c)->argv[5], strlen(clean_probe(c)->argv[5])), strlen(clean_probe(c)->argv[5]));
	assert_null(strstr(clean_probe(c)->env[0], "Zk3"));
	assert_null(strstr(clean_rec(c)->reason, "s3cr3tpw"));
	assert_non_null(strstr(clean_rec(c)->reason, "@b: refused"));
	assert_string_equal(clean_probe(c)->key, "podman/login");
	assert_null(strstr(s.out.data, "Zk3"));
	assert_false(clean_withheld(c));
	const struct redact_count *counts = clean_counts(c, &n);
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += counts[i].count;
	assert_int_equal(sum, 5);
	clean_record_free(c);
	buf_free(&s.out);
}

static void what_is_too_large_to_judge_is_withheld(void **state)
{
	_cleanup_probe_ struct probe *p = probe_file("/x.json", PAYLOAD_JSON);
	struct null_spool s = { .spool = { null_open, null_write, null_close } };
	struct record rec = { .key = p->key };
	struct redact_job *j = redact_begin(r, p, &s.spool);
	static char block[1 << 20];

	memset(block, 'a', sizeof(block));
	for (int i = 0; i < 17; i++)
		redact_chunk(j, STREAM_OUT, block, sizeof(block));
	struct clean_record *c = redact_end(j, &rec);
	assert_true(clean_withheld(c));
	assert_in_range(s.out.len, 10, 80);
	clean_record_free(c);
	buf_free(&s.out);
}

static void a_failing_spool_fails_the_record(void **state)
{
	_cleanup_probe_ struct probe *p = probe_file("/x", PAYLOAD_TEXT);
	struct null_spool s = { .spool = { null_open, null_write, null_close }, .fail = -1 };
	struct record rec = { .key = p->key, .outcome = OUTCOME_OK };
	struct redact_job *j = redact_begin(r, p, &s.spool);

	redact_chunk(j, STREAM_OUT, "abc", 3);
	struct clean_record *c = redact_end(j, &rec);
	assert_int_equal(clean_rec(c)->outcome, OUTCOME_FAILED);
	clean_record_free(c);
	buf_free(&s.out);
}

static void names_and_first_bytes_tell_the_class(void **state)
{
	static const struct {
		const char *name, *head;
		enum payload_class class;
	} v[] = { { "/home/a/.docker/config.json", "x", PAYLOAD_AUTH }, { "x.service", "", PAYLOAD_UNIT }, { "a/b.service.d/10-x.conf", "", PAYLOAD_UNIT },
		{ "prod.env", "", PAYLOAD_ENV }, { "x", "{\"auths\": {}}", PAYLOAD_AUTH }, { "x", "{\"a\":1}\n{\"a\":2}\n", PAYLOAD_JSONL }, { "x", "{\"a\":1}\n", PAYLOAD_JSON },
		{ "x", "bplist00", PAYLOAD_PLIST }, { "x", "#!/bin/sh\n", PAYLOAD_SCRIPT }, { "x.log", "hello", PAYLOAD_TEXT }, { NULL, "", PAYLOAD_TEXT } };

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_int_equal(redact_sniff(v[i].name, v[i].head, strlen(v[i].head)), v[i].class);
}

/* printf 'a b\npassword=hunter2hunter2\n' | gzip -n */
static void packed_text_is_cleaned_inside(void **state)
{
	static const unsigned char gz[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0x54, 0x48, 0xe2, 0x2a, 0x48, 0x2c, 0x2e, 0x2e, 0xcf, 0x2f, 0x4a, 0xb1, 0xcd, 0x28, 0xcd, 0x2b, 0x49, 0x2d, 0x32, 0x82, 0x52, 0x5c, 0x00, 0x88, 0x97, 0xe2, 0x3a, 0x1c, 0x00, 0x00, 0x00 };
	_cleanup_buf_ struct buf out = { 0 }, again = { 0 };
	size_t n, before = 0, after = 0;
	const struct redact_count *t = redactor_totals(r, &n);

	for (size_t i = 0; i < n; i++)
		before += t[i].count;
	redact_bytes(r, PAYLOAD_TEXT, gz, sizeof(gz), &out);
	t = redactor_totals(r, &n);
	for (size_t i = 0; i < n; i++)
		after += t[i].count;
	assert_int_equal(after, before + 1);
	assert_memory_equal(out.data, "\x1f\x8b", 2);
	/* clean now: it comes through as it is */
	redact_bytes(r, PAYLOAD_TEXT, out.data, out.len, &again);
	assert_int_equal(out.len, again.len);
	assert_memory_equal(out.data, again.data, out.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auth_files_by_structure_q09),
		cmocka_unit_test(auth_that_does_not_parse_is_withheld_q09),
		cmocka_unit_test(podman_inspect_q07),
		cmocka_unit_test(json_keeps_its_types),
		cmocka_unit_test(units_and_show),
		cmocka_unit_test(environment_files_scripts_launchctl),
		cmocka_unit_test(plists_also_binary_ones),
		cmocka_unit_test(one_secret_has_one_token_wherever_it_is),
		cmocka_unit_test(the_gate_finds_every_form),
		cmocka_unit_test(the_gate_does_not_mind_the_pieces),
		cmocka_unit_test(what_was_seen_is_known_to_a_later_run),
		cmocka_unit_test(what_was_withheld_stays_so),
		cmocka_unit_test(the_gate_knows_both_alphabets_of_base64),
		cmocka_unit_test(operators_add_rules_and_words),
		cmocka_unit_test(pseudonyms_are_consistent_and_reversible),
		cmocka_unit_test(clean_records_hold_no_secret),
		cmocka_unit_test(what_is_too_large_to_judge_is_withheld),
		cmocka_unit_test(a_failing_spool_fails_the_record),
		cmocka_unit_test(names_and_first_bytes_tell_the_class),
		cmocka_unit_test(packed_text_is_cleaned_inside),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
