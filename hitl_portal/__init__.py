"""How people and machines reach the workflows: pages, live updates, webhooks and accounts."""
