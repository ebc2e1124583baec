"""The adapters against the real packages, each in an environment of its own (see `environments`)."""
