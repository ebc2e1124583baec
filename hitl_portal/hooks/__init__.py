"""Webhooks in: signed posts of other programs start runs."""
