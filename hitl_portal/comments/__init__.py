"""Comments: what people say to each other about a requirement or a run, and who is mentioned."""
