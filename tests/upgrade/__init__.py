"""Upgrades with paused runs open: what an earlier version has kept is taken up by this one."""
