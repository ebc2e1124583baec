"""The tables of outgoing webhooks."""
