"""What people do to requirements, one file each; `workflows.services` is the door to all of it."""
