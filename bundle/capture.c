/* SPDX-License-Identifier: MIT */
#include "bundle/capture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"

void capture_close(struct capture *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_records; i++) {
		struct captured *r = &c->records[i];
		free(r->key);
		free(r->name);
		free(r->reason);
		free(r->files[STREAM_OUT].path);
		free(r->files[STREAM_ERR].path);
		json_decref(r->line);
	}
	free(c->records);
	for (size_t i = 0; i < c->n_documents; i++) {
		free(c->documents[i].file.path);
		free(c->documents[i].absent);
		json_decref(c->documents[i].redactions);
	}
	free(c->documents);
	strv_free(c->used);
	strv_free(c->unsynced);
	buf_free(&c->pending);
	if (c->redactor)
		redactor_free(c->redactor);
	hasher_free(c->hasher);
	int fds[] = { c->recordsfd, c->custodyfd, c->privatefd, c->dirfd, c->parentfd };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fd_closep(&fds[i]);
	free(c->dir);
	free(c->base);
	free(c->id);
	free(c);
}

void capture_closep(struct capture **c)
{
	capture_close(*c);
	*c = NULL;
}

struct redactor *capture_redactor(struct capture *c)
{
	return c->redactor;
}

const char *capture_dir(const struct capture *c)
{
	return c->dir;
}

int capture_private_fd(const struct capture *c)
{
	return c->privatefd;
}

/* Opens the directory, making it, and holds it against others. */
static int open_directory(struct capture *c, struct err *err)
{
	const char *slash = strrchr(c->dir, '/');
	_cleanup_free_ char *parent = slash ? mem_strndup(c->dir, slash == c->dir ? 1 : (size_t)(slash - c->dir)) : mem_strdup(".");
	struct stat st;

	c->base = mem_strdup(slash ? slash + 1 : c->dir);
	if (!manifest_path_ok(c->base))
		return err_set(err, ERR_USAGE, "%s: an evidence directory is named with letters, digits and ._@+=:,~#- only", c->dir);
	c->parentfd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->parentfd < 0)
		return err_errno(err, errno, "cannot open %s, where evidence is to go", parent);
	c->dirfd = dir_open_make(c->parentfd, c->base, false);
	if (c->dirfd < 0 || fstat(c->dirfd, &st))
		return err_errno(err, errno, "cannot make the evidence directory %s", c->dir);
	if (st.st_uid != geteuid() || st.st_mode & 022)
		return err_set(err, ERR_TRUST, "%s belongs to uid %u with mode %04o: others could change the evidence", c->dir,
			(unsigned)st.st_uid, (unsigned)st.st_mode & 07777);
	if (flock(c->dirfd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? err_set(err, ERR_BUSY, "%s is in use by another process", c->dir)
					    : err_errno(err, errno, "cannot lock %s", c->dir);
	c->privatefd = dir_open_make(c->dirfd, "private", false);
	if (c->privatefd < 0)
		return err_errno(err, errno, "cannot make %s/private", c->dir);
	if (fsync(c->dirfd) || fsync(c->parentfd))
		return err_errno(err, errno, "cannot write %s to disk", c->dir);
	return 0;
}

/* The key makes this bundle's tokens; kept, so that an interrupted capture goes on with the same ones. */
static int open_redactor(struct capture *c, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	uint8_t key[REDACT_KEY_BYTES], hash[32];
	char hex[9];
	int r;

	buf_reserve(&b, REDACT_KEY_BYTES + 1);
	r = file_read(c->privatefd, "redaction.key", REDACT_KEY_BYTES, &b, err);
	if (r == -ERR_ABSENT) {
		randombytes_buf(key, sizeof(key));
		r = durable_write(c->privatefd, "redaction.key", 0600, key, sizeof(key), DURABLE_NEW, err);
	} else if (!r && b.len != sizeof(key)) {
		r = err_set(err, ERR_SYNTAX, "%s/private/redaction.key is damaged", c->dir);
	} else if (!r) {
		memcpy(key, b.data, sizeof(key));
		sodium_memzero(b.data, b.cap);
	}
	if (!r && !(c->redactor = redactor_new(key, err)))
		r = -ERR_IO;
	/* eight digits that nobody can guess or turn back, so that two captures in one second have two ids */
	sha256_of(hash, key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	text_hex(hex, hash, 4);
	c->id = mem_printf("urn:srcos:diag-bundle:%s-%s", c->base, hex);
	return r;
}

static int open_log(struct capture *c, const char *name, int *fd, struct err *err)
{
	*fd = openat(c->dirfd, name, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, ARTIFACT_MODE);
	return *fd < 0 ? err_errno(err, errno, "cannot open %s/%s", c->dir, name) : 0;
}

int capture_open(const char *dir, struct capture **ret, struct err *err)
{
	static const char *const ours[] = { MANIFEST_NAME, MANIFEST_SUMS, RECORDS_NAME, CUSTODY_NAME, JOURNAL_NAME, REDACTIONS_NAME, PAGE_NAME,
		DIAGBUNDLE_NAME, EMPTY_NAME, "private", "probes" };
	_cleanup_capture_ struct capture *c = mem_alloc(sizeof(*c));
	size_t n = strlen(dir);
	int r;

	c->hasher = hasher_new();
	c->parentfd = c->dirfd = c->privatefd = c->recordsfd = c->custodyfd = -1;
	while (n > 1 && dir[n - 1] == '/')
		n--;
	c->dir = mem_strndup(dir, n);
	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "no random numbers on this host");
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		c->used = strv_add(c->used, ours[i]);
	r = open_directory(c, err);
	if (!r)
		r = open_redactor(c, err);
	if (!r)
		r = open_log(c, RECORDS_NAME, &c->recordsfd, err);
	if (!r)
		r = open_log(c, CUSTODY_NAME, &c->custodyfd, err);
	if (!r)
		r = capture_reopen(c, err);
	if (r)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

bool capture_path_used(const struct capture *c, const char *path)
{
	for (char **u = c->used; u && *u; u++)
		if (strcasecmp(*u, path) == 0)
			return true;
	return false;
}

char *capture_take_path(struct capture *c, const char *wish, size_t n)
{
	_cleanup_free_ char *path = n > 1 ? mem_printf("%s#%zu", wish, n) : mem_strdup(wish);

	while (capture_path_used(c, path)) {
		free(path);
		path = mem_printf("%s#%zu", wish, ++n);
	}
	c->used = strv_add(c->used, path);
	return TAKE_PTR(path);
}

void captured_file_copy(struct captured_file *to, const struct captured_file *from)
{
	*to = *from;
	to->path = mem_strdup(from->path);
}

int capture_empty(struct capture *c, struct captured_file *ret, struct err *err)
{
	struct stat st;

	if (fstatat(c->dirfd, EMPTY_NAME, &st, AT_SYMLINK_NOFOLLOW)) {
		int r = durable_write(c->dirfd, EMPTY_NAME, ARTIFACT_MODE, "", 0, DURABLE_NOSYNC, err);
		if (r)
			return r;
		c->unsynced = strv_add(c->unsynced, EMPTY_NAME);
	}
	*ret = (struct captured_file){ .path = mem_strdup(EMPTY_NAME) };
	sha256_of(ret->sha256, "", 0);
	return 0;
}

json_t *captured_file_json(const struct captured_file *f)
{
	json_t *j = json_object();
	char hex[65];

	text_hex(hex, f->sha256, 32);
	json_object_set_new(j, "path", json_string(f->path));
	json_object_set_new(j, "bytes", json_integer((json_int_t)f->bytes));
	json_object_set_new(j, "sha256", json_string(hex));
	return j;
}

int captured_file_parse(const json_t *j, struct captured_file *ret)
{
	const char *path = json_string_value(json_object_get(j, "path"));
	const char *sha = json_string_value(json_object_get(j, "sha256"));
	struct captured_file f = { .bytes = (uint64_t)json_integer_value(json_object_get(j, "bytes")) };

	if (!path || !sha || !manifest_path_ok(path) || text_unhex(f.sha256, 32, sha))
		return -1;
	f.path = mem_strdup(path);
	*ret = f;
	return 0;
}

void capture_add_line(struct buf *b, const json_t *j)
{
	char *line = json_dumps(j, JSON_COMPACT);

	if (!line)
		abort(); /* out of memory: see mem.h */
	buf_adds(b, line);
	buf_addc(b, '\n');
	free(line);
}

void capture_push(struct capture *c, struct captured *r)
{
	size_t n = 1;

	for (size_t i = 0; i < c->n_records; i++)
		n += strcmp(c->records[i].key, r->key) == 0;
	r->name = n > 1 ? mem_printf("%s#%zu", r->key, n) : mem_strdup(r->key);
	r->withheld = json_is_true(json_object_get(r->line, "withheld"));
	r->needed = json_is_true(json_object_get(r->line, "critical")) || json_is_true(json_object_get(r->line, "volatile"));
	r->named = json_is_true(json_object_get(r->line, "named"));
	r->unsuccessful = json_is_true(json_object_get(r->line, "unsuccessful"));
	c->records = mem_array(c->records, c->n_records + 1, sizeof(*c->records));
	c->records[c->n_records++] = *r;
}

void capture_lose(struct capture *c, const char *path, const char *reason)
{
	for (size_t i = 0; i < c->n_records; i++) {
		struct captured *r = &c->records[i];
		bool lost = false;
		for (int s = 0; s < STREAMS; s++) {
			struct captured_file empty;
			if (strcmp(r->files[s].path, path) != 0 || capture_empty(c, &empty, NULL))
				continue;
			free(r->files[s].path);
			r->files[s] = empty;
			json_object_set_new(r->line, s == STREAM_OUT ? "stdout" : "stderr", captured_file_json(&empty));
			lost = true;
		}
		if (!lost)
			continue;
		r->outcome = OUTCOME_FAILED;
		r->withheld = true;
		mem_set(&r->reason, reason);
		json_object_set_new(r->line, "outcome", json_string(outcome_name(r->outcome)));
		json_object_set_new(r->line, "reason", json_string(reason));
		json_object_set_new(r->line, "withheld", json_true());
	}
}

const struct captured *capture_find(const struct capture *c, const char *key)
{
	const struct captured *first = NULL;

	for (size_t i = 0; i < c->n_records; i++) {
		const struct captured *r = &c->records[i];
		if (strcmp(r->key, key) != 0)
			continue;
		if (r->outcome == OUTCOME_OK || r->outcome == OUTCOME_CUT)
			return r;
		if (!first)
			first = r;
	}
	return first;
}

int capture_sync(struct capture *c, struct err *err)
{
	if (c->error.code)
		return err_set(err, (enum err_code)c->error.code, "%s", c->error.msg);
	int r = durable_sync(c->dirfd, c->unsynced, err);
	if (r)
		return r;
	if (c->pending.len && (write_all(c->recordsfd, c->pending.data, c->pending.len) || fsync(c->recordsfd))) {
		r = err_errno(&c->error, errno, "cannot write %s/" RECORDS_NAME, c->dir);
		err_set(err, (enum err_code)c->error.code, "%s", c->error.msg);
		return r;
	}
	strv_free(c->unsynced);
	c->unsynced = NULL;
	buf_clear(&c->pending);
	return 0;
}
