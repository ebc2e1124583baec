"""The run pages: what runs there are, what happened in each, starting and ending one."""
