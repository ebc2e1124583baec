"""No tables: Django tells only apps that have such a module of migrations, after which the search index is made."""
