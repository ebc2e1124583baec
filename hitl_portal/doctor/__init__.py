"""The doctor looks at the portal as people outside reach it, and at what it stands on, and says what is wrong.

One file a subject; each check is a function that looks and returns a `findings.Finding`. `examining` runs them side by
side, each for a limited time. Nothing is fetched but addresses below HITL_PUBLIC_URL (see `reaching`).
"""
