"""People: who is away and who decides for them, and what can never be decided with those who are there."""
