"""Tests of answer links."""
