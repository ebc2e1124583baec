"""Trials: processes die at named points, or are under load for long, and what was promised is counted afterwards.

A short form is among the tests; `make trials` and `make soak` are the long ones, and write docs/reliability.md.
"""
