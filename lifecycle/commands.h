/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_COMMANDS_H
#define LIFECYCLE_COMMANDS_H

#include "lifecycle/verb.h"

/* What the rows of verbs.c run, each in lifecycle/cmd_<verb>.c. All return an exit code, or a
 * negative error code with err set, which main() prints and maps to an exit code. */
int cmd_help(struct cli *cli, struct err *err);
void print_man_page(void); /* help --man */
int cmd_version(struct cli *cli, struct err *err);
int cmd_list(struct cli *cli, struct err *err);
int cmd_collect(struct cli *cli, struct err *err);
int cmd_preflight(struct cli *cli, struct err *err);
int cmd_doctor(struct cli *cli, struct err *err);
int cmd_status(struct cli *cli, struct err *err);
int cmd_logs(struct cli *cli, struct err *err);
int cmd_scan(struct cli *cli, struct err *err);
int cmd_explain(struct cli *cli, struct err *err);
int cmd_quarantine(struct cli *cli, struct err *err);
int cmd_restore(struct cli *cli, struct err *err);
int cmd_stage(struct cli *cli, struct err *err);
int cmd_install(struct cli *cli, struct err *err);
int cmd_start(struct cli *cli, struct err *err);
int cmd_stop(struct cli *cli, struct err *err);
int cmd_restart(struct cli *cli, struct err *err);
int cmd_uninstall(struct cli *cli, struct err *err);
int cmd_history(struct cli *cli, struct err *err);
int cmd_image_import(struct cli *cli, struct err *err);
int cmd_machine_start(struct cli *cli, struct err *err);
int cmd_exec(struct cli *cli, struct err *err);
int cmd_bundle_verify(struct cli *cli, struct err *err);
int cmd_bundle_list(struct cli *cli, struct err *err);
int cmd_bundle_show(struct cli *cli, struct err *err);
int cmd_bundle_extract(struct cli *cli, struct err *err);
int cmd_redact(struct cli *cli, struct err *err);
int cmd_reveal(struct cli *cli, struct err *err);
int cmd_translate(struct cli *cli, struct err *err);
int cmd_key_show(struct cli *cli, struct err *err);
int cmd_key_generate(struct cli *cli, struct err *err);
int cmd_key_trust(struct cli *cli, struct err *err);
int cmd_bundle_seal(struct cli *cli, struct err *err);
int cmd_bundle_open(struct cli *cli, struct err *err);
int cmd_bundle_custody(struct cli *cli, struct err *err);
int cmd_bundle_attach(struct cli *cli, struct err *err);
int cmd_bundle_summary(struct cli *cli, struct err *err);
int cmd_bundle_report(struct cli *cli, struct err *err);
int cmd_bundle_diff(struct cli *cli, struct err *err);
int cmd_bundle_index(struct cli *cli, struct err *err);
int cmd_key_untrust(struct cli *cli, struct err *err);
int cmd_key_mark(struct cli *cli, struct err *err);
int cmd_key_rotate(struct cli *cli, struct err *err);

#endif
