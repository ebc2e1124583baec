"""Slack: people are told there what waits for them, answer behind a link of their own, and the message says the end."""
