/* SPDX-License-Identifier: MIT */
#include "formats/plist.h"

#include <string.h>

#include "formats/launchctl_lines.h"
#include "formats/plist_gate.h"

int plist_load(const void *p, size_t n, plist_t *ret, struct err *err)
{
	struct plist_gate gate;
	plist_t root = NULL;
	int rc = plist_gate_check(p, n, &gate, err);

	if (rc < 0)
		return rc;
	if (gate.binary)
		plist_from_bin(p, (uint32_t)n, &root);
	else
		plist_from_xml(p, (uint32_t)n, &root);
	if (!root)
		return err_set(err, ERR_SYNTAX, "%s property list that libplist does not read", gate.binary ? "binary" : "XML");
	*ret = root;
	return 0;
}

void plist_add_xml(struct buf *out, plist_t node)
{
	char *xml = NULL;
	uint32_t n = 0;

	plist_to_xml(node, &xml, &n);
	if (xml)
		buf_add(out, xml, n);
	plist_to_xml_free(xml);
}

/* label → true; before 10.10 label → {Disabled: true}. */
static int read_override(plist_t value, bool *ret)
{
	uint8_t set = 0;

	if (plist_get_node_type(value) == PLIST_DICT)
		value = plist_dict_get_item(value, "Disabled");
	if (!value || plist_get_node_type(value) != PLIST_BOOLEAN)
		return -1;
	plist_get_bool_val(value, &set);
	*ret = set;
	return 0;
}

int launchd_overrides_parse(const void *p, size_t n, struct launchctl_overrides *ret, struct err *err)
{
	_cleanup_plist_ plist_t root = NULL;
	struct launchctl_overrides o = { 0 };
	plist_dict_iter it = NULL;
	int rc = plist_load(p, n, &root, err);

	if (rc < 0)
		return rc;
	if (plist_get_node_type(root) != PLIST_DICT)
		return err_set(err, ERR_SYNTAX, "not a database of disabled overrides: its root is not a dictionary");
	plist_dict_new_iter(root, &it);
	for (;;) {
		char *key = NULL;
		plist_t value = NULL;
		struct launchctl_override one = { 0 };

		plist_dict_next_item(root, it, &key, &value);
		if (!value) {
			free(key);
			break;
		}
		if (read_override(value, &one.disabled) == 0) {
			one.label = key;
			o.v = mem_array(o.v, o.n + 1, sizeof(*o.v));
			o.v[o.n++] = one;
		} else {
			lc_unknown(&o.unknown, &o.unknown_lines, &(struct lc_line){ .s = key, .n = strlen(key) });
			free(key);
		}
	}
	free(it);
	*ret = o;
	return 0;
}
