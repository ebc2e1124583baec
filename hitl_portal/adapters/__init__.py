"""Other frameworks' pauses in our inbox: brought in, decided by our people, answered there. Each framework is a module.

`langgraph` and what it needs know no Django, and run in the author's process; the rest is the portal's.
"""
