"""The adapters to LangGraph: in an author's process, and over its server."""
