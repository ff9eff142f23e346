/* SPDX-License-Identifier: MIT */
#include "formats/minisign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/base64.h"
#include "formats/text.h"

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

enum { PUB_BYTES = 2 + MINISIGN_ID_BYTES + MINISIGN_PK_BYTES, SIG_BYTES = 2 + MINISIGN_ID_BYTES + MINISIGN_SIG_BYTES };

/* The secret key: algorithm, kdf, checksum algorithm, salt 32, opslimit 8, memlimit 8, id, key, checksum 32. */
enum { SEC_ID = 2 + 2 + 2 + 32 + 8 + 8, SEC_SK = SEC_ID + MINISIGN_ID_BYTES, SEC_CHK = SEC_SK + MINISIGN_SK_BYTES, SEC_BYTES = SEC_CHK + 32 };

struct line {
	const char *p;
	size_t n;
};

/* Cuts the next line off p[0..n); false at the end. A NUL or any control character but tab is not of this format. */
static bool line_next(const char **p, size_t *n, struct line *ret)
{
	if (!*n)
		return false;
	const char *nl = memchr(*p, '\n', *n);
	size_t len = nl ? (size_t)(nl - *p) : *n;
	size_t step = nl ? len + 1 : len;

	*ret = (struct line){ *p, len };
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	*p += step;
	*n -= step;
	for (size_t i = 0; i < ret->n; i++)
		if (text_is_control((unsigned char)ret->p[i]) && ret->p[i] != '\t')
			return false;
	return true;
}

static bool line_starts(const struct line *l, const char *prefix)
{
	size_t n = strlen(prefix);

	return l->n >= n && memcmp(l->p, prefix, n) == 0;
}

static bool line_bytes(const struct line *l, uint8_t *out, size_t want)
{
	size_t n;

	return base64_decode(l->p, l->n, out, want, &n) == 0 && n == want;
}

static int file_size(size_t n, struct err *err)
{
	if (n > MINISIGN_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes are too many for a minisign file", n);
	return 0;
}

static int pub_from_line(const struct line *l, struct minisign_pub *ret, struct err *err)
{
	uint8_t b[PUB_BYTES];

	if (!line_bytes(l, b, sizeof(b)) || b[0] != 'E' || b[1] != 'd')
		return err_set(err, ERR_SYNTAX, "not a minisign public key: expected 56 characters of base64 beginning with RW");
	memcpy(ret->id, b + 2, sizeof(ret->id));
	memcpy(ret->pk, b + 2 + MINISIGN_ID_BYTES, sizeof(ret->pk));
	return 0;
}

int minisign_parse_pub_text(const char *s, struct minisign_pub *ret, struct err *err)
{
	return pub_from_line(&(struct line){ s, strlen(s) }, ret, err);
}

int minisign_parse_pub(const char *p, size_t n, struct minisign_pub *ret, struct err *err)
{
	struct line comment, key;

	int r = file_size(n, err);
	if (r)
		return r;
	if (!line_next(&p, &n, &comment) || !line_starts(&comment, "untrusted comment:") || !line_next(&p, &n, &key) || n)
		return err_set(err, ERR_SYNTAX, "not a minisign public key: expected an \"untrusted comment:\" line and a key line");
	return pub_from_line(&key, ret, err);
}

int minisign_parse_sec(const char *p, size_t n, struct minisign_sec *ret, struct err *err)
{
	struct line comment, key;
	uint8_t b[SEC_BYTES];
	int r = file_size(n, err);

	if (r)
		return r;
	if (!line_next(&p, &n, &comment) || !line_starts(&comment, "untrusted comment:") || !line_next(&p, &n, &key) || n ||
		!line_bytes(&key, b, sizeof(b)) || b[0] != 'E' || b[1] != 'd') {
		r = err_set(err, ERR_SYNTAX, "not a minisign secret key");
	} else if (b[2] == 'S' && b[3] == 'c') {
		r = err_set(err, ERR_USAGE,
			"the secret key has a password, which nobody can type in an incident; remove it with minisign -C -W, or use another key");
	} else if (b[2] || b[3]) {
		r = err_set(err, ERR_SYNTAX, "the secret key is protected in a way that we do not know");
	} else {
		memcpy(ret->id, b + SEC_ID, sizeof(ret->id));
		memcpy(ret->sk, b + SEC_SK, sizeof(ret->sk));
	}
	mem_wipe(b, sizeof(b));
	return r;
}

int minisign_parse_sig(const char *p, size_t n, struct minisign_sig *ret, struct err *err)
{
	struct line untrusted, sig, trusted, global;
	uint8_t b[SIG_BYTES];
	struct minisign_sig s = { 0 };
	int r = file_size(n, err);

	if (r)
		return r;
	if (!line_next(&p, &n, &untrusted) || !line_starts(&untrusted, "untrusted comment:") || !line_next(&p, &n, &sig) ||
		!line_next(&p, &n, &trusted) || !line_starts(&trusted, TRUSTED) || !line_next(&p, &n, &global) || n)
		return err_set(err, ERR_SYNTAX, "not a minisign signature: expected its four lines");
	if (trusted.n - strlen(TRUSTED) > MINISIGN_COMMENT_MAX)
		return err_set(err, ERR_LIMIT, "the trusted comment is longer than %u bytes", MINISIGN_COMMENT_MAX);
	if (!line_bytes(&sig, b, sizeof(b)) || !line_bytes(&global, s.global, sizeof(s.global)))
		return err_set(err, ERR_SYNTAX, "not a minisign signature: damaged base64");
	if (b[0] != 'E' || (b[1] != 'D' && b[1] != 'd'))
		return err_set(err, ERR_SYNTAX, "the signature is of an algorithm that minisign does not have");
	s.prehashed = b[1] == 'D';
	memcpy(s.id, b + 2, sizeof(s.id));
	memcpy(s.sig, b + 2 + MINISIGN_ID_BYTES, sizeof(s.sig));
	s.comment = mem_strndup(trusted.p + strlen(TRUSTED), trusted.n - strlen(TRUSTED));
	*ret = s;
	return 0;
}

void minisign_sig_free(struct minisign_sig *s)
{
	free(s->comment);
	*s = (struct minisign_sig){ 0 };
}

static void add_comment(struct buf *b, const char *prefix, const char *text)
{
	buf_adds(b, prefix);
	for (size_t i = 0; text[i] && i < MINISIGN_COMMENT_MAX && (text[i] == '\t' || !text_is_control((unsigned char)text[i])); i++)
		buf_addc(b, text[i]);
	buf_addc(b, '\n');
}

void minisign_id_text(char out[17], const uint8_t id[MINISIGN_ID_BYTES])
{
	uint64_t v = 0;

	for (int i = MINISIGN_ID_BYTES - 1; i >= 0; i--)
		v = v << 8 | id[i];
	snprintf(out, 17, "%" PRIX64, v);
}

void minisign_add_pub_text(struct buf *b, const struct minisign_pub *k)
{
	uint8_t d[PUB_BYTES] = { 'E', 'd' };

	memcpy(d + 2, k->id, sizeof(k->id));
	memcpy(d + 2 + MINISIGN_ID_BYTES, k->pk, sizeof(k->pk));
	base64_add(b, d, sizeof(d));
}

void minisign_add_pub(struct buf *b, const struct minisign_pub *k)
{
	char id[17];

	minisign_id_text(id, k->id);
	buf_addf(b, UNTRUSTED "minisign public key %s\n", id);
	minisign_add_pub_text(b, k);
	buf_addc(b, '\n');
}

void minisign_add_sec(struct buf *b, const struct minisign_sec *k)
{
	/* As minisign -W writes it: no kdf, salt, limits and checksum zero; the title is minisign's own, encrypted or not. */
	uint8_t d[SEC_BYTES] = { 'E', 'd', 0, 0, 'B', '2' };

	memcpy(d + SEC_ID, k->id, sizeof(k->id));
	memcpy(d + SEC_SK, k->sk, sizeof(k->sk));
	buf_adds(b, UNTRUSTED "minisign encrypted secret key\n");
	base64_add(b, d, sizeof(d));
	buf_addc(b, '\n');
	mem_wipe(d, sizeof(d));
}

void minisign_add_sig(struct buf *b, const struct minisign_sig *s, const char *untrusted)
{
	uint8_t d[SIG_BYTES] = { 'E', s->prehashed ? 'D' : 'd' };

	memcpy(d + 2, s->id, sizeof(s->id));
	memcpy(d + 2 + MINISIGN_ID_BYTES, s->sig, sizeof(s->sig));
	add_comment(b, UNTRUSTED, untrusted);
	base64_add(b, d, sizeof(d));
	buf_addc(b, '\n');
	add_comment(b, TRUSTED, s->comment);
	base64_add(b, s->global, sizeof(s->global));
	buf_addc(b, '\n');
}
