"""The port to the providers, against a server that speaks their protocols; and the scripted model."""
