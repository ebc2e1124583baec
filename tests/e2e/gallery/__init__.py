"""Every page and state of the portal, filled so that there is something to see: for axe and for screenshots."""
