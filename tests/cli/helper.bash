# SPDX-License-Identifier: MIT
# For bats files in this folder: the program under test, run by whoever runs the tests, with a home and declarations of the test's own.
bats_require_minimum_version 1.5.0
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=${AGENT_BIN:-$TOP/build/sourceos-agent}

# run_agent ARG…: with the environment of nobody in particular
run_agent() { env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$BATS_TEST_TMPDIR" SOURCEOS_AGENTS_PATH="$BATS_TEST_TMPDIR/agents.d" "$BIN" "$@"; }
# not COMMAND…: `! COMMAND` fails no test, unless it is its last line
not() { ! "$@"; }
# declare NAME <JSON
declare_agent() { mkdir -p "$BATS_TEST_TMPDIR/agents.d" && cat >"$BATS_TEST_TMPDIR/agents.d/$1.json"; }
