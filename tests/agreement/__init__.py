"""Random workflows, run in every way there is and by a naive second opinion: all must mean the same."""
