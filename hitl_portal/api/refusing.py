"""What services refuse, as problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from hitl_portal.problems import Problem
from workflows.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ClaimedByAnother,
    InvalidAnswer,
    MalformedAnswer,
    NotEligible,
    StaleRevision,
    Unresolved,
    WrongStatus,
)


@contextmanager
def problems(invalid: str = "invalid-answer") -> Iterator[None]:
    """Tell what is refused inside as a Problem; `invalid` is what an answer that does not fit is called here."""
    try:
        yield
    except MalformedAnswer as wrong:
        errors = [{"detail": str(wrong), "pointer": wrong.pointer}] if wrong.pointer else None
        raise Problem("malformed", str(wrong), errors=errors) from None
    except InvalidAnswer as wrong:
        errors = [{"detail": said, "field": name} for name, said in wrong.by_field.items()]
        raise Problem(invalid, str(wrong), errors=errors) from None
    except NotEligible as refused:
        raise Problem("not-eligible", str(refused)) from None
    except AlreadyDecided as late:
        at = late.at.isoformat() if late.at else None
        raise Problem("already-decided", str(late), decided_by=late.by, decided_at=at) from None
    except (AlreadyVoted, StaleRevision, ClaimedByAnother) as late:
        raise Problem("conflict", str(late)) from None
    except WrongStatus as late:
        raise Problem("not-paused", str(late)) from None
    except Unresolved as open_ones:
        raise Problem("unresolved", str(open_ones)) from None
