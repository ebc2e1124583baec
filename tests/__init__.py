"""The tests: they mirror the source; `e2e` drives a browser against real processes."""
