"""Become a command that ends when its parent does: `python -m hitl_portal.child PARENT COMMAND ...`.

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
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        # It comes when the parent's *thread* that started this process ends: the supervisor's waits for us.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it went before the signal was asked for
        sys.exit("the parent has gone already")
    os.execv(command[0], command)  # noqa: S606  our own command


if __name__ == "__main__":
    main()
