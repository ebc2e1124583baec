"""What the system says of processes (Linux: it is read from /proc)."""

from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether it still runs; who has ended and was not buried yet does not."""
    return _status(pid)[0] not in {"Z", "X"}


def children_of(pid: int) -> dict[int, str]:
    """Its children's numbers, each with the command."""
    numbers = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return {number: _command(number) for number in numbers if _status(number)[1] == str(pid)}


def memory_of(pid: int) -> int:
    """Its resident bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell what a process has resident")


def _status(pid: int) -> list[str]:
    """State, parent and so on; "X" for nobody."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["X", ""]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
