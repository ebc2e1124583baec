"""Live updates: tells open pages that something they show has changed."""
