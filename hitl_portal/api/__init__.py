"""The API for machines, under /api/v1: what the pages can do, as JSON, with the same permissions."""
