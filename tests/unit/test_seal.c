/* SPDX-License-Identifier: MIT */
#include "bundle/seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bundle/sealkey.h"
#include "formats/bech32.h"

enum { FULL_SPAN = 1024 * 1024 };

static char *dir;

static int setup(void **state)
{
	char template[] = "/tmp/test_seal.XXXXXX";

	dir = mem_strdup(mkdtemp(template));
	return dir && sodium_init() >= 0 ? 0 : -1;
}

static int files_in(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static char *at(const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void put(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

static void slurp(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY);
	ssize_t k;

	assert_true(fd >= 0);
	do {
		buf_reserve(b, 65536);
		k = read(fd, b->data + b->len, 65536);
		b->len += k > 0 ? (size_t)k : 0;
	} while (k > 0);
	close(fd);
}

static int teardown(void **state)
{
	_cleanup_free_ char *rm = mem_printf("rm -rf '%s'", dir);
	int r = system(rm);

	mem_freep(&dir);
	return r;
}

struct pair {
	uint8_t secret[AGE_KEY_BYTES], public[AGE_KEY_BYTES];
};

static struct pair make_pair(void)
{
	struct pair p;

	seal_identity_make(p.secret);
	seal_recipient_of(p.secret, p.public);
	return p;
}

/* Sizes around chunk and span borders: what is sealed opens, and is as long as it says. */
static void test_round_trip_at_every_border(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, FULL_SPAN - 1,
		FULL_SPAN, FULL_SPAN + 1, FULL_SPAN * 7, FULL_SPAN * 13 + 4711 };
	struct pair p = make_pair();
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed"), *opened = at("opened");

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		_cleanup_free_ uint8_t *data = mem_alloc(sizes[i]);
		_cleanup_age_keys_ struct age_keys to = { 0 }, with = { 0 };
		_cleanup_seal_info_ struct seal_info s = { 0 }, o = { 0 };
		_cleanup_buf_ struct buf a = { 0 }, b = { 0 };
		struct err err = { 0 };

		randombytes_buf(data, sizes[i]);
		put(plain, data, sizes[i]);
		age_keys_add(&to, p.public);
		age_keys_add(&with, p.secret);
		if (seal_file(plain, sealed, true, &(struct seal_to){ .recipients = to }, NULL, &s, &err) ||
			seal_open_file(sealed, opened, true, &(struct seal_with){ .identities = with }, NULL, &o, &err))
			fail_msg("%zu: %s", sizes[i], err.msg);
		slurp(sealed, &a);
		slurp(opened, &b);
		assert_int_equal(b.len, sizes[i]);
		assert_memory_equal(buf_str(&b), data, sizes[i]);
		assert_int_equal(s.payload_bytes, sizes[i]);
		assert_int_equal(o.payload_bytes, sizes[i]);
		assert_int_equal(s.sealed_bytes, a.len);
		assert_int_equal(o.sealed_bytes, a.len);
	}
}

static void test_each_of_several_recipients_opens(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	struct seal_info info = { 0 };
	struct pair p[5], stranger = make_pair();
	struct err err = { 0 };

	put(plain, "evidence", 8);
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		p[i] = make_pair();
		age_keys_add(&to, p[i].public);
	}
	assert_int_equal(seal_file(plain, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), 0);
	assert_int_equal(seal_describe(sealed, &info, &err), 0);
	assert_int_equal(info.recipients, ARRAY_LEN(p));
	assert_false(info.passphrase);
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		_cleanup_age_keys_ struct age_keys with = { 0 };
		_cleanup_seal_info_ struct seal_info o = { 0 };
		_cleanup_free_ char *name = age_recipient_string(p[i].public);
		char got[16] = "";
		int fd = -1;

		age_keys_add(&with, stranger.secret);
		age_keys_add(&with, p[i].secret);
		assert_int_equal(
			seal_open_nameless(sealed, dir, &(struct seal_with){ .identities = with }, NULL, &fd, &o, &err), 0);
		assert_string_equal(o.opened_by, name);
		assert_int_equal(read(fd, got, sizeof(got)), 8);
		assert_string_equal(got, "evidence");
		close(fd);
	}
}

static void test_passphrase_stands_alone(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed"), *opened = at("opened");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	_cleanup_seal_info_ struct seal_info info = { 0 };
	struct pair p = make_pair();
	struct err err = { 0 };

	age_keys_add(&to, p.public);
	put(plain, "evidence", 8);
	unlink(sealed);
	unlink(opened);
	int before = files_in(dir);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .recipients = to, .passphrase = "x" }, NULL, NULL, &err),
		-ERR_USAGE);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .passphrase = "" }, NULL, NULL, &err), -ERR_USAGE);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ 0 }, NULL, NULL, &err), -ERR_USAGE);
	assert_int_equal(files_in(dir), before);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .passphrase = "correct horse", .log_n = 10 }, NULL, NULL, &err), 0);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .passphrase = "wrong" }, NULL, NULL, &err), -ERR_DENIED);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ 0 }, NULL, NULL, &err), -ERR_DENIED);
	assert_non_null(strstr(err.msg, "passphrase"));
	assert_int_equal(files_in(dir), before + 1);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .passphrase = "correct horse" }, NULL, &info, &err), 0);
	assert_string_equal(info.opened_by, "passphrase");
	assert_true(info.passphrase);
}

/* Every byte of a sealed file is vouched for: change, cut or lengthen it anywhere and nothing comes out, nor stays. */
static void test_any_change_leaves_nothing(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed"), *opened = at("opened");
	_cleanup_age_keys_ struct age_keys to = { 0 }, with = { 0 };
	_cleanup_free_ uint8_t *data = mem_alloc(3 * AGE_CHUNK_BYTES);
	_cleanup_buf_ struct buf good = { 0 };
	struct pair p = make_pair();
	struct err err = { 0 };
	age_keys_add(&to, p.public);
	age_keys_add(&with, p.secret);
	put(plain, data, 3 * AGE_CHUNK_BYTES);
	assert_int_equal(seal_file(plain, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), 0);
	slurp(sealed, &good);
	unlink(opened);
	int before = files_in(dir);
	/* all of the header, then samples of the payload, borders of chunks among them */
	for (size_t i = 0; i < good.len; i += i > 400 ? 4099 : 1) {
		good.data[i] ^= 1;
		put(sealed, good.data, good.len);
		good.data[i] ^= 1;
		if (!seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err))
			fail_msg("opened in spite of byte %zu", i);
		put(sealed, good.data, i);
		if (!seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err))
			fail_msg("opened, cut to %zu", i);
	}
	size_t chunk = AGE_CHUNK_BYTES + AGE_TAG_BYTES;
	for (size_t i = 1; i <= 3; i++) { /* exactly at a chunk's end: only "last" in the nonce tells */
		put(sealed, good.data, good.len - i * chunk);
		assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err), -ERR_TRUST);
	}
	buf_addc(&good, 0);
	put(sealed, good.data, good.len);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err), -ERR_TRUST);
	assert_int_equal(files_in(dir), before);
}

/* Chunks swapped, and a final chunk that is empty though there were others before. */
static void test_chunks_have_their_place(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed"), *opened = at("opened");
	_cleanup_age_keys_ struct age_keys to = { 0 }, with = { 0 };
	_cleanup_free_ uint8_t *data = mem_alloc(3 * AGE_CHUNK_BYTES);
	_cleanup_buf_ struct buf good = { 0 };
	struct pair p = make_pair();
	struct err err = { 0 };
	size_t chunk = AGE_CHUNK_BYTES + AGE_TAG_BYTES;

	age_keys_add(&to, p.public);
	age_keys_add(&with, p.secret);
	put(plain, data, 3 * AGE_CHUNK_BYTES);
	assert_int_equal(seal_file(plain, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), 0);
	slurp(sealed, &good);
	unlink(opened);
	_cleanup_free_ char *first = mem_alloc(chunk);
	char *a = good.data + good.len - 3 * chunk, *b = a + chunk;
	memcpy(first, a, chunk);
	memcpy(a, b, chunk);
	memcpy(b, first, chunk);
	put(sealed, good.data, good.len);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err), -ERR_TRUST);
}

/* A payload made by hand, as a careless or hostile writer would: keys right, ends in an empty chunk. */
static void test_empty_last_chunk_is_refused(void **state)
{
	_cleanup_free_ char *sealed = at("sealed"), *opened = at("opened");
	_cleanup_age_header_ struct age_header h = { 0 };
	_cleanup_age_keys_ struct age_keys with = { 0 };
	_cleanup_buf_ struct buf f = { 0 };
	struct pair p = make_pair();
	uint8_t file_key[AGE_FILE_KEY_BYTES] = { 1 }, mac[AGE_KEY_BYTES], key[AGE_KEY_BYTES], nonce[AGE_NONCE_BYTES] = { 2 };
	static uint8_t data[AGE_CHUNK_BYTES], out[AGE_CHUNK_BYTES + AGE_TAG_BYTES];
	uint8_t chunk_nonce[12] = { 0 };
	struct err err = { 0 };

	age_keys_add(&with, p.secret);
	assert_int_equal(seal_wrap_x25519(&h, file_key, p.public, &err), 0);
	age_header_add_text(&f, &h);
	seal_header_mac(file_key, f.data, f.len, mac);
	age_header_add_mac(&f, mac);
	buf_add(&f, nonce, sizeof(nonce));
	seal_payload_key(file_key, nonce, key);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, data, sizeof(data), NULL, 0, NULL, chunk_nonce, key);
	buf_add(&f, out, sizeof(out));
	chunk_nonce[10] = chunk_nonce[11] = 1;
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, data, 0, NULL, 0, NULL, chunk_nonce, key);
	buf_add(&f, out, AGE_TAG_BYTES);
	put(sealed, f.data, f.len);
	unlink(opened);
	assert_int_equal(seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with }, NULL, NULL, &err), -ERR_TRUST);
	assert_int_equal(access(opened, F_OK), -1);
}

#define SALT "fCvU2qmZ1Z3M0cVhJZsVYg"
#define BODY "ZmlsZSBrZXkgd3JhcHBlZCBpbiBhIDMyIGJ5dGUgYm8\n"
#define END "--- 3zOLtj6wV9Qp3mkLzqVgl5ZVqcU0Ur2xPDtyV3GVhzA\n0123456789abcdef"
#define ZERO_SHARE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void test_hostile_headers(void **state)
{
	static const struct {
		const char *stanzas;
		int code;
	} c[] = {
		{ "-> scrypt " SALT " 21\n" BODY, -ERR_LIMIT },
		{ "-> scrypt " SALT " 64\n" BODY, -ERR_LIMIT },
		{ "-> scrypt " SALT " 99999999999999999999\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 010\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " +10\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " -1\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 0\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 1a\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT "\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 10 more\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt AAAA 10\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 10\nAAAA\n", -ERR_SYNTAX },
		{ "-> scrypt " SALT " 10\n" BODY "-> scrypt " SALT " 10\n" BODY, -ERR_SYNTAX },
		{ "-> scrypt " SALT " 10\n" BODY "-> X25519 " ZERO_SHARE "\n" BODY, -ERR_SYNTAX },
		{ "-> X25519 " ZERO_SHARE "\n" BODY, -ERR_SYNTAX },
		{ "-> X25519 AAAA\n" BODY, -ERR_SYNTAX },
		{ "-> X25519\n" BODY, -ERR_SYNTAX },
		{ "-> X25519 " ZERO_SHARE " more\n" BODY, -ERR_SYNTAX },
		{ "-> X25519 " ZERO_SHARE "\nAAAA\n", -ERR_SYNTAX },
		{ "-> x25519 " ZERO_SHARE "\n" BODY, -ERR_DENIED },
		{ "-> ssh-ed25519 abcd " ZERO_SHARE "\n" BODY, -ERR_DENIED },
	};
	_cleanup_free_ char *sealed = at("sealed"), *opened = at("opened");
	_cleanup_age_keys_ struct age_keys with = { 0 };
	struct pair p = make_pair();

	age_keys_add(&with, p.secret);
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		_cleanup_free_ char *text = mem_printf("age-encryption.org/v1\n%s" END, c[i].stanzas);
		struct err err = { 0 };
		put(sealed, text, strlen(text));
		unlink(opened);
		int r = seal_open_file(sealed, opened, false, &(struct seal_with){ .identities = with, .passphrase = "x" }, NULL, NULL, &err);
		if (r != c[i].code)
			fail_msg("%s: %d, not %d: %s", c[i].stanzas, r, c[i].code, err.msg);
		assert_int_equal(access(opened, F_OK), -1);
	}
}

static void test_low_order_recipient_is_refused(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("low");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	uint8_t zero[AGE_KEY_BYTES] = { 0 };
	struct err err = { 0 };

	put(plain, "x", 1);
	age_keys_add(&to, zero);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), -ERR_USAGE);
	assert_int_equal(access(sealed, F_OK), -1);
}

static void test_existing_output_stays(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("sealed"), *gone = at("gone"), *fifo = at("fifo");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct pair p = make_pair();
	struct err err = { 0 };
	struct stat st;

	age_keys_add(&to, p.public);
	put(plain, "x", 1);
	put(sealed, "precious", 8);
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), -ERR_USAGE);
	slurp(sealed, &b);
	assert_int_equal(b.len, 8);
	assert_int_equal(seal_file(gone, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), -ERR_ABSENT);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(seal_file(fifo, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), -ERR_USAGE);
	assert_int_equal(seal_file(plain, sealed, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), 0);
	assert_int_equal(stat(sealed, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(fifo);
}

static int stop_at_once(void *ctx, uint64_t bytes, uint64_t total)
{
	*(uint64_t *)ctx = total;
	return 1;
}

static void test_stopping_leaves_nothing(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("stopped");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	struct pair p = make_pair();
	struct err err = { 0 };
	uint64_t total = 0;

	age_keys_add(&to, p.public);
	put(plain, "evidence", 8);
	int before = files_in(dir);
	struct seal_progress stop = { stop_at_once, &total };
	assert_int_equal(seal_file(plain, sealed, false, &(struct seal_to){ .recipients = to }, &stop, NULL, &err), -ERR_IO);
	assert_int_equal(total, 8);
	assert_int_equal(files_in(dir), before);
}

/* A full disk: the write fails in the middle, and there is no output. */
static void test_full_disk_leaves_nothing(void **state)
{
	_cleanup_free_ char *plain = at("plain"), *sealed = at("full");
	_cleanup_age_keys_ struct age_keys to = { 0 };
	_cleanup_free_ uint8_t *data = mem_alloc(FULL_SPAN * 3);
	struct pair p = make_pair();
	struct err err = { 0 };
	struct rlimit was, small;

	age_keys_add(&to, p.public);
	put(plain, data, FULL_SPAN * 3);
	int before = files_in(dir);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){ FULL_SPAN, was.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	int r = seal_file(plain, sealed, false, &(struct seal_to){ .recipients = to }, NULL, NULL, &err);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(r, -ERR_IO);
	assert_int_equal(files_in(dir), before);
}

static bool have_age(void)
{
	return system("age --version >/dev/null 2>&1 && age-keygen --version >/dev/null 2>&1") == 0;
}

static int sh(const char *script)
{
	_cleanup_free_ char *cmd = mem_printf("cd '%s' && { %s; } >log 2>&1", dir, script);
	int r = system(cmd);

	if (r)
		print_message("%s: %d\n", script, r);
	return r;
}

/* The other implementation: its keys, its files, ours. */
static void test_age_opens_ours_and_we_open_its(void **state)
{
	_cleanup_free_ char *key = at("key"), *recipients = at("recipients"), *big = at("big"), *ours = at("ours.age"),
			    *its = at("its.age"), *opened = at("its.opened"), *armored = at("armored.age");
	_cleanup_age_keys_ struct age_keys to = { 0 }, with = { 0 };
	_cleanup_free_ uint8_t *data = mem_alloc(FULL_SPAN * 3);
	struct pair p = make_pair();
	struct err err = { 0 };

	if (!have_age())
		skip();
	randombytes_buf(data, FULL_SPAN * 3);
	put(big, data, FULL_SPAN * 3);
	assert_int_equal(sh("rm -f key; age-keygen -o key && age-keygen -y key >recipients"), 0);
	assert_int_equal(seal_load_recipients(recipients, &to, &err), 0);
	assert_int_equal(seal_load_identities(key, &with, &err), 0);
	uint8_t public[AGE_KEY_BYTES];
	seal_recipient_of(with.v[0], public);
	assert_memory_equal(public, to.v[0], sizeof(public));

	age_keys_add(&to, p.public);
	assert_int_equal(seal_file(big, ours, true, &(struct seal_to){ .recipients = to }, NULL, NULL, &err), 0);
	assert_int_equal(sh("age -d -i key -o ours.opened ours.age && cmp ours.opened big"), 0);

	_cleanup_free_ char *mine = age_recipient_string(p.public);
	_cleanup_free_ char *cmd = mem_printf("age -R recipients -r %s -o its.age big && age -a -R recipients -o armored.age big", mine);
	assert_int_equal(sh(cmd), 0);
	age_keys_free(&with);
	age_keys_add(&with, p.secret);
	assert_int_equal(seal_open_file(its, opened, true, &(struct seal_with){ .identities = with }, NULL, NULL, &err), 0);
	assert_int_equal(sh("cmp its.opened big && : >empty && age -R recipients -o its.age empty"), 0);
	assert_int_equal(seal_open_file(armored, opened, true, &(struct seal_with){ .identities = with }, NULL, NULL, &err), -ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "armored"));
	age_keys_free(&with);
	assert_int_equal(seal_load_identities(key, &with, &err), 0);
	assert_int_equal(seal_open_file(its, opened, true, &(struct seal_with){ .identities = with }, NULL, NULL, &err), 0);
	assert_int_equal(sh("cmp its.opened empty"), 0);
}

/* Against another implementation of RFC 5869. */
static void test_payload_key_is_stable(void **state)
{
	uint8_t file_key[AGE_FILE_KEY_BYTES] = "YELLOW SUBMARINE", nonce[AGE_NONCE_BYTES] = { 0 }, key[AGE_KEY_BYTES], mac[AGE_KEY_BYTES];
	/* python3: hmac/hashlib HKDF-SHA256(ikm, salt=16 zeros, info="payload"), and the HMAC of "age" under info="header" */
	static const uint8_t want_key[] = { 0xae, 0x62, 0x6c, 0xbf, 0x2a, 0xe8, 0x4f, 0xfc, 0xfa, 0x35, 0x2d, 0x9a, 0xe5, 0x9a, 0x1a, 0xa8, 0x27, 0x72, 0x97, 0xd3, 0xae, 0xd9, 0x05, 0xba, 0x49, 0xd2, 0x41, 0x45, 0x45, 0xb7, 0x68, 0x84 };
	static const uint8_t want_mac[] = { 0x2a, 0x56, 0x08, 0xea, 0x34, 0xab, 0x45, 0xc3, 0x8d, 0xdf, 0x7d, 0x1b, 0x0b, 0xe5, 0x14, 0x86, 0x55, 0xb1, 0x4e, 0x16, 0xb5, 0x1a, 0xdc, 0xc0, 0x12, 0xfc, 0x6c, 0x3b, 0x8a, 0x99, 0x7e, 0xd3 };

	seal_payload_key(file_key, nonce, key);
	assert_memory_equal(key, want_key, sizeof(key));
	seal_header_mac(file_key, "age", 3, mac);
	assert_memory_equal(mac, want_mac, sizeof(mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip_at_every_border),
		cmocka_unit_test(test_each_of_several_recipients_opens),
		cmocka_unit_test(test_passphrase_stands_alone),
		cmocka_unit_test(test_any_change_leaves_nothing),
		cmocka_unit_test(test_chunks_have_their_place),
		cmocka_unit_test(test_empty_last_chunk_is_refused),
		cmocka_unit_test(test_hostile_headers),
		cmocka_unit_test(test_low_order_recipient_is_refused),
		cmocka_unit_test(test_existing_output_stays),
		cmocka_unit_test(test_stopping_leaves_nothing),
		cmocka_unit_test(test_full_disk_leaves_nothing),
		cmocka_unit_test(test_age_opens_ours_and_we_open_its),
		cmocka_unit_test(test_payload_key_is_stable),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
