"""The adapter to Agno's AgentOS, against a server that runs in Agno's environment."""
