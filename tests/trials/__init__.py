"""Trials: processes die at named points, and what was promised is counted afterwards.

A short form is among the tests; `make trials` is the long one, and writes docs/reliability.md.
"""
