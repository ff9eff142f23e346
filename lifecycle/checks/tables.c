/* SPDX-License-Identifier: MIT */
#include "lifecycle/checks/tables.h"

const struct check *const check_tables[] = { checks_host, checks_podman, checks_image, checks_auth, checks_container, checks_layers, checks_installed,
	checks_service, checks_restart, checks_logs, checks_persistence, checks_nix, checks_launchd, NULL };
