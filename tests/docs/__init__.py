"""What the docs and the pages that they follow promise, run."""
