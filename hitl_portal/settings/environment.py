"""The environment: how it is read, and what it says of where the portal is, which other settings follow."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    return int(text(name, str(default)))


def switch(name: str, default: bool = False) -> bool:
    return text(name, str(default)).lower() in {"1", "true", "yes", "on"}


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def kept_secret(path: Path) -> str:
    """Return the secret kept in the file, making it first; processes that start together agree on one."""
    if not path.exists():
        # mkstemp makes the file readable by its owner alone; the link is refused where another was faster.
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(text("HITL_DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

HITL_PUBLIC_URL = text("HITL_PUBLIC_URL", "http://localhost:8000").rstrip("/")
PUBLIC = urlsplit(HITL_PUBLIC_URL)
IS_HTTPS = PUBLIC.scheme == "https"
COOKIE_PATH = PUBLIC.path or "/"

# Demo workflows and people, so that a fresh checkout has something to show; off for a real installation.
HITL_DEMO = switch("HITL_DEMO", default=True)
