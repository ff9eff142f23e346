/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_COLLECTION_PAGE_H
#define LIFECYCLE_COLLECTION_PAGE_H

#include "formats/casefile.h"
#include "lifecycle/collection.h"

/* report.html of a bundle in the making: the collection's evidence, judged, as the page that goes in. */
struct collection_page {
	struct casefile file;
	struct findings findings;
};
/* Everything foreign in it goes through the collection's redactor, before it becomes HTML: in there a secret with a
 * quote or an ampersand would be spelled otherwise, and no search for it would find it. */
void collection_page_make(const struct collection *c, struct collection_page *ret);
void collection_page_render(void *page, const struct manifest *m, struct buf *out); /* for capture_meta.page */
void collection_page_free(struct collection_page *p);
#define _cleanup_collection_page_ CLEANUP(collection_page_free)

#endif
