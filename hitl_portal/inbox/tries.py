"""Tries: what has failed, each time, what people said to it, and what a tool was used with that did."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q

from hitl_portal.inbox.tool_use import TURN
from workflows.models import Decision, Requirement, StepRecord, Value
from workflows.types import RequirementKind

MOST_SHOWN = 20
CALL, ERROR, INTERRUPTIONS = "call:", "error:", "interruptions"


@dataclass(frozen=True, kw_only=True)
class Try:
    """One that failed; `said` is the answer that let it be tried again, after the last try before that."""

    number: int
    error_type: str
    message: str
    said: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class Tries:
    """All that failed at the place of an error, oldest first; `earlier` are not listed. `cut_off` is how often the last
    one never came back; `args` is what a tool was used with."""

    listed: tuple[Try, ...]
    earlier: int
    cut_off: int
    args: Any

    @classmethod
    def of(cls, requirement: Requirement) -> Self | None:
        """Up to three queries; None for what is no error."""
        if requirement.kind != RequirementKind.error:
            return None
        asked = _asked_before(requirement)
        memo = _memo(requirement)
        tries = list(_of_memo(memo, asked)) or list(_of_questions([*asked.values(), requirement]))
        return cls(
            listed=tuple(tries[-MOST_SHOWN:]),
            earlier=max(0, len(tries) - MOST_SHOWN),
            cut_off=memo.get(INTERRUPTIONS, 0),
            args=_args(requirement),
        )

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self.listed) + self.earlier


def _asked_before(requirement: Requirement) -> dict[str, Requirement]:
    """The same failure's questions before this one, by their key, in order."""
    if not requirement.details.get("retry_count"):
        return {}
    same = Requirement.objects.filter(run=requirement.run_id, path=requirement.path, kind=requirement.kind)
    older = same.filter(Q(opened_at__lt=requirement.opened_at)).order_by("-opened_at", "-id")
    listed = older.prefetch_related("decisions")[:MOST_SHOWN]
    return {one.key: one for one in reversed(listed)}


def _memo(requirement: Requirement) -> Mapping[str, Any]:
    """What the step that failed remembers of its calls; a finished one remembers nothing."""
    inside = requirement.key.removeprefix(ERROR).rpartition(":")[0]  # where a container asks: the path in it
    records = StepRecord.objects.filter(run=requirement.run_id, path=inside or requirement.path)
    return records.values_list("memo", flat=True).first() or {}


def _of_memo(memo: Mapping[str, Any], asked: Mapping[str, Requirement]) -> Iterator[Try]:
    """Calls are numbered within each question: `call:0.1.2` is the third before `error:0.1` was asked."""
    keys = [key for key, value in memo.items() if key.startswith(CALL) and _failure(value)]
    said: set[str] = set()
    tries: list[Try] = []
    for number, key in enumerate(sorted(keys, key=_numbers, reverse=True)):
        question = ERROR + key.removeprefix(CALL).rpartition(".")[0]
        known = asked.get(question) or asked.get(ERROR + key.removeprefix(CALL))
        is_last = known is not None and known.key not in said
        said |= {known.key} if known else set()
        error_type, message, *_flags = memo[key]["failure"]
        decision = known.decision if known and is_last else None
        tries.append(Try(number=len(keys) - number, error_type=error_type, message=message, said=decision))
    yield from reversed(tries)


def _of_questions(asked: list[Requirement]) -> Iterator[Try]:
    for number, question in enumerate(asked, 1):
        error = question.details.get("error") or {}
        is_own = number == len(asked)
        yield Try(
            number=number,
            error_type=str(error.get("type", "")),
            message=str(error.get("message", "")),
            said=None if is_own else question.decision,
        )


def _args(requirement: Requirement) -> Any:
    """Of a tool's use that was cut off: what the model has asked for."""
    place = TURN.match(requirement.path)
    if place is None:
        return None
    turn = Value.objects.filter(run=requirement.run_id, path=place["agent"], slot=f"turn:{place['turn']}")
    found, last = turn.first(), requirement.path.rpartition("/")[2]
    calls = found.plain().get("calls") or () if found else ()
    return next((call.get("args") for call in calls if call.get("place") == last), None)


def _failure(value: Any) -> bool:
    return isinstance(value, dict) and "failure" in value


def _numbers(key: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", key)]
