"""Gate: where the risk is high, nobody says yes before everything that was folded has been opened.

The page carries, signed, what the server has folded; the form says what of it was opened. Without JavaScript a link
shows the same card with nothing folded. A no is always free.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from django.core import signing

SALT = "hitl_portal.inbox.gate"
# What was opened, and what there is to open: the form's fields.
SEEN, FOLDS = "seen", "folds"
UNFOLDED = "unfolded"

FOLD = re.compile(r"<details\b(?P<inside>[^>]*\sdata-fold\b[^>]*)>")
QUOTED = re.compile(r'"[^"]*"')
NAMED = re.compile(r'\s(?:data-fold|id)="(?P<name>[^"\s]+)"')
OPEN = re.compile(r"\sopen(?=[\s=]|$)")


def folded(html: str) -> tuple[str, list[str]]:
    """The same page, in which each closed fold has a name, and the names. Foreign text has no tags: it is escaped."""
    names: list[str] = []

    def told(found: re.Match[str]) -> str:
        inside = found["inside"]
        if OPEN.search(QUOTED.sub('""', inside)):
            return found[0]
        known = NAMED.search(inside)
        names.append(known["name"] if known else f"fold-{len(names)}")
        bare = re.sub(r'\sdata-fold(="[^"]*")?', "", inside)
        return f'<details{bare} data-fold="{names[-1]}">'

    return FOLD.sub(told, html), names


def unfolded(html: str) -> str:
    """The same page with nothing folded."""
    return FOLD.sub(lambda found: f"<details{found['inside']} open>", html)


def sealed(requirement_id: UUID, revision: int, names: list[str]) -> str:
    """What the server has folded, so that nobody can leave something out."""
    said = {"of": str(requirement_id), "revision": revision, "folds": names}
    return signing.dumps(said, salt=SALT, compress=True)


def left(requirement_id: UUID, revision: int, sent: Mapping[str, str]) -> int | None:
    """How many folds were not opened; None where nothing says what there was to open."""
    try:
        said = signing.loads(sent.get(FOLDS, ""), salt=SALT)
    except signing.BadSignature:
        return None
    if (said["of"], said["revision"]) != (str(requirement_id), revision):
        return None
    return len(set(said["folds"]) - set(sent.get(SEEN, "").split()))
