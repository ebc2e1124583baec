"""Become a command that ends when its parent does: `python -m hitl_portal.child COMMAND ...`.

Between fork and exec of a program with threads hardly anything is safe to do; so the child does it itself. What is
asked of the kernel here outlives exec (Linux; elsewhere the command simply runs).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then become the command."""
    parent = os.getppid()
    if sys.platform == "linux":
        # It comes when the parent's *thread* that started this process ends: the supervisor's waits for us.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent has gone already")
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
