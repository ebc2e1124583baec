"""Tests of cards in Slack."""
