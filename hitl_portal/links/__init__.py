"""Answer links: a person answers one question from a message, without signing in."""
