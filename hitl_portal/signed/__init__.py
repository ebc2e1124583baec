"""Signed decisions: a person's passkey signs what they decide, and the log keeps what proves it."""
