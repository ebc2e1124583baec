"""The inbox: what waits for a person, and how that person decides it."""
