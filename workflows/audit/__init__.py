"""The audit: events chained by digests, the ends of the chains sealed by signed checkpoints, and who checks both."""
