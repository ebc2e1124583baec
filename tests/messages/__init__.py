"""The portal's words in other languages: read out of code and templates, merged, compiled, and checked."""
