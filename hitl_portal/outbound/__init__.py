"""Outgoing webhooks: other programs are told, by signed posts, what happens to runs and requirements."""
