"""Tests of what shows foreign text and data."""
