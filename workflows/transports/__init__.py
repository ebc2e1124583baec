"""Transports: how workers hear that a run is due (see `nudging.Transport`). The table is the queue on each of them;
lease, fence and sweep are the same."""
