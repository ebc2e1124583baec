#!/bin/sh
# Runs every test: without a browser on SQLite, what touches the database again on PostgreSQL, then the browser.
set -eu
cd "$(dirname "$0")/.."
seed=${SEED:-$(date +%s)}
# Hundreds of processes are started, which would else compile the same modules anew.
unset PYTHONDONTWRITEBYTECODE
pytest="${PYTHON:-.venv/bin/python} -m pytest --quiet --randomly-seed=$seed"
# More processes than cores: many tests wait for others that they have started.
side_by_side="-n 3 --dist loadscope"
# Else modules with few tests come last, and of these some take the longest.
shuffled="--no-loadscope-reorder"
# Tests of pages take turns from one run to the next: between the two databases, and the places of the gallery.
[ -n "${BOTH:-}" ] || export TURNS="$seed"

echo "Shuffled; the same order and the same turns again: SEED=$seed make test"
echo "== SQLite"
TEST_DATABASE=sqlite $pytest $side_by_side $shuffled -m "not other_database and not e2e and not long and not adapters"
echo "== PostgreSQL"
TEST_DATABASE=postgres $pytest $side_by_side $shuffled \
    -m "database and not other_database and not e2e and not long and not adapters"
echo "== Browser"
browser="e2e and not long"
TEST_DATABASE=sqlite $pytest $side_by_side -m "$browser" tests/e2e || {
    # A browser beside others on busy cores misses deadlines that it keeps alone.
    echo "== Browser, once more: what failed, one after another"
    TEST_DATABASE=sqlite $pytest --last-failed --last-failed-no-failures none -n 0 -m "$browser" tests/e2e
}
