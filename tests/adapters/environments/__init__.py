"""Environments of their own: one for each framework, made from its lock file, with a `.made` that says from which."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
KEPT = ROOT / ".venv"


def python_of(name: str) -> Path:
    """The interpreter of a framework's environment, which is made where it is not there, or is of another lock file.

    Packages come by hash from wherever pip is told to look.
    """
    lock, folder = HERE / f"{name}.lock", KEPT / f".adapters-{name}"
    wanted, made = hashlib.sha256(lock.read_bytes()).hexdigest(), folder / ".made"
    python = folder / "bin" / "python"
    if not (made.exists() and made.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _install(python, lock)
        made.write_text(wanted)
    return python


def _install(python: Path, lock: Path) -> None:
    arguments = ["install", "--quiet", "--require-hashes", "-r", str(lock)]
    uv = KEPT / ".uv" / "bin" / "uv"
    # uv is faster, but does not read pip's configuration: where it finds no registry, pip may.
    fast = [str(uv), "pip", arguments[0], "--python", str(python), *arguments[1:]]
    if uv.exists() and subprocess.run(fast, check=False, capture_output=True).returncode == 0:
        return
    subprocess.run([str(python), "-m", "pip", *arguments], check=True, capture_output=True)
