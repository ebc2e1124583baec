"""What is sealed of the log and whether it holds, for admins; receipts of decisions, for who may see them."""
