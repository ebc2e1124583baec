#!/bin/sh
# Runs every test: without a browser on SQLite, what touches the database again on PostgreSQL, then the browser.
set -eu
cd "$(dirname "$0")/.."
seed=${SEED:-$(date +%s)}
# Hundreds of processes are started, which would else compile the same modules anew.
unset PYTHONDONTWRITEBYTECODE
pytest="${PYTHON:-.venv/bin/python} -m pytest --quiet --randomly-seed=$seed"
two="-n 2 --dist loadscope"
# Else modules with few tests come last, and of these some take the longest.
shuffled="--no-loadscope-reorder"

echo "Shuffled; the same order again: SEED=$seed make test"
echo "== SQLite"
TEST_DATABASE=sqlite $pytest $two $shuffled -m "not e2e and not long and not adapters"
echo "== PostgreSQL"
TEST_DATABASE=postgres $pytest $two $shuffled -m "database and not e2e and not long and not adapters"
echo "== Browser"
browser="e2e and not long"
TEST_DATABASE=sqlite $pytest $two -m "$browser" tests/e2e || {
    # A browser beside another one on two busy cores misses deadlines that it keeps alone.
    echo "== Browser, once more: what failed, one after another"
    TEST_DATABASE=sqlite $pytest --last-failed --last-failed-no-failures none -n 0 -m "$browser" tests/e2e
}
