/* SPDX-License-Identifier: MIT */
#include "lifecycle/logfollow.h"

#include <string.h>

/* So many lines tell where one stood: fewer could stand in many places of a log that repeats itself, and all that were printed
 * need not be there any more. */
#define ANCHOR 64

struct lines_of {
	const struct log_line **v;
	size_t n;
};

static struct lines_of stream_lines(const struct log_lines *l, size_t stream)
{
	struct lines_of s = { .v = mem_array(NULL, l->n + 1, sizeof(*s.v)) };

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].stream == stream)
			s.v[s.n++] = &l->v[i];
	return s;
}

static bool same_line(const struct log_line *a, const struct log_line *b)
{
	return (!a->entry_us || !b->entry_us || a->entry_us == b->entry_us) && strcmp(a->text, b->text) == 0;
}

/* The first n of `now` end as `before` does, as far as both go. */
static bool ends_alike(const struct lines_of *before, const struct lines_of *now, size_t n)
{
	for (size_t i = 1; i <= ANCHOR && i <= before->n && i <= n; i++)
		if (!same_line(before->v[before->n - i], now->v[n - i]))
			return false;
	return true;
}

/* It is shorter, or it grew by more than we look at: nothing in it can have been seen. */
static bool all_new(const struct log_stream *was, const struct log_stream *is, const struct lines_of *now)
{
	return is->size < was->size || (now->n && is->size - was->size > now->v[0]->left);
}

/* How many of `now` stand up to the last line of `before`; 0: it is not there. Where a log repeats itself there are several
 * such places: it is the last one behind which there is room for the bytes by which the file grew. */
static size_t place_of_last(const struct lines_of *before, const struct lines_of *now, uint64_t grown)
{
	size_t last = 0;

	for (size_t n = now->n; n > 0; n--) {
		if (!ends_alike(before, now, n))
			continue;
		if ((n < now->n ? now->v[n]->left : 0) >= grown)
			return n;
		last = last ? last : n;
	}
	return last;
}

static size_t find_stream(const struct log_lines *l, const char *name)
{
	size_t i = 0;

	while (i < l->n_streams && strcmp(l->streams[i].name, name) != 0)
		i++;
	return i;
}

size_t log_follow_known(const struct log_lines *before, const struct log_lines *now, size_t stream, bool *ret_gap)
{
	const struct log_stream *is = &now->streams[stream];
	size_t old = find_stream(before, is->name);

	*ret_gap = false;
	if (old == before->n_streams)
		return 0;
	const struct log_stream *was = &before->streams[old];
	struct lines_of b = stream_lines(before, old), l = stream_lines(now, stream);
	/* a line that had no end yet may have become longer */
	const struct log_line *half = was->open && b.n ? b.v[--b.n] : NULL;
	bool anew = all_new(was, is, &l);
	size_t known = b.n && !anew ? place_of_last(&b, &l, is->size - was->size) : 0;
	*ret_gap = b.n && l.n && !known;
	if (half && !anew && known < l.n && same_line(half, l.v[known]))
		known++;
	free(b.v);
	free(l.v);
	return known;
}

void log_follow_carry(struct log_lines *before, struct log_lines *now)
{
	for (size_t s = 0; s < before->n_streams; s++) {
		struct log_stream *from = &before->streams[s];
		if (find_stream(now, from->name) < now->n_streams)
			continue;
		struct log_stream *to = log_lines_stream(now, from->name);
		free(to->name);
		*to = *from;
		from->name = mem_strdup("");
		for (size_t i = 0; i < before->n; i++)
			if (before->v[i].stream == s) {
				log_lines_put(now, before->v[i]);
				before->v[i].text = NULL;
			}
	}
}
