"""Signing in and out, and what a person prefers."""
