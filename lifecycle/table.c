/* SPDX-License-Identifier: MIT */
#include "lifecycle/table.h"

#include <stdio.h>
#include <string.h>

#include "formats/text.h"

#define GAP 2	      /* blanks between columns */
#define NARROWEST 6u /* less of a cell tells nothing */
#define ELLIPSIS "…"

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !continues(*s);
	return n;
}

/* s from its nth character on. */
static const char *behind(const char *s, size_t n)
{
	while (*s && (n || continues(*s)))
		n -= !continues(*s++) && n;
	return s;
}

char *table_fit(const char *text, size_t width, enum table_cut cut)
{
	size_t n = characters(text);

	if (n <= width || !width)
		return mem_strdup(text);
	if (cut == TABLE_CUT_BEGIN)
		return mem_printf(ELLIPSIS "%s", behind(text, n - width + 1));
	return mem_printf("%.*s" ELLIPSIS, (int)(behind(text, width - 1) - text), text);
}

void table_add(struct table *t, const char *text, char style)
{
	t->cells = mem_array(t->cells, t->n + 1, sizeof(*t->cells));
	t->cells[t->n++] = (struct table_cell){ text_safe(text ? text : "-"), style };
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].text);
	free(t->cells);
	t->cells = NULL;
	t->n = 0;
}

static void measure(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = characters(t->columns[c].title);
	for (size_t i = 0; i < t->n; i++) {
		size_t n = characters(t->cells[i].text), c = i % t->n_columns;
		widths[c] = n > widths[c] ? n : widths[c];
	}
}

/* The widest of the columns that are cut first, or, `late`, last; NULL when there is none. */
static size_t *widest_column(const struct table *t, size_t *widths, bool late)
{
	size_t *widest = NULL;

	for (size_t c = 0; c < t->n_columns; c++) {
		enum table_cut cut = t->columns[c].cut;
		if (cut != TABLE_WHOLE && (cut == TABLE_CUT_LAST) == late && widths[c] > NARROWEST && (!widest || widths[c] > *widest))
			widest = &widths[c];
	}
	return widest;
}

static void shrink(const struct table *t, size_t *widths, size_t width)
{
	size_t sum = GAP * (t->n_columns - 1);

	for (size_t c = 0; c < t->n_columns; c++)
		sum += widths[c];
	for (; sum > width; sum--) {
		size_t *widest = widest_column(t, widths, false);
		if (!widest && !(widest = widest_column(t, widths, true)))
			return;
		--*widest;
	}
}

static void print_cell(const struct cli *cli, const char *text, char style, size_t width, bool last)
{
	size_t n = characters(text);

	printf("%s%s%s", cli_style(cli, style), text, cli_style(cli, '0'));
	if (!last)
		printf("%*s", (int)(width - n + GAP), "");
}

void table_print(const struct table *t, const struct cli *cli, size_t width)
{
	size_t *widths = mem_alloc(t->n_columns * sizeof(*widths)), last = t->n_columns - 1;

	measure(t, widths);
	shrink(t, widths, width);
	for (size_t c = 0; c < t->n_columns; c++) {
		_cleanup_free_ char *title = table_fit(t->columns[c].title, widths[c], TABLE_CUT_END);
		print_cell(cli, title, 'b', widths[c], c == last);
	}
	putchar('\n');
	for (size_t i = 0; i < t->n; i++) {
		size_t c = i % t->n_columns;
		_cleanup_free_ char *text = table_fit(t->cells[i].text, widths[c], t->columns[c].cut);
		print_cell(cli, text, t->cells[i].style, widths[c], c == last);
		if (c == last)
			putchar('\n');
	}
	free(widths);
}
