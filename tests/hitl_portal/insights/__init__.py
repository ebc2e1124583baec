"""The insights: what is counted, how it is drawn, and the files."""
