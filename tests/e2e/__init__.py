"""The whole path: real processes, a real browser."""
