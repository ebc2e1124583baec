"""What is asked again shows what changed since, what was said, and every earlier revision."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.inbox.asked_again import asked, rejected
from workflows.models import Requirement, WorkflowRun
from workflows.types import Action

LINK = re.compile(r'href="[^"]*\?revision=(\d+)[^"]*#revisions"')


def page(as_: SignIn, person: User, requirement: Requirement, revision: str = "") -> str:
    address = f"/requirements/{requirement.id}/"
    return as_(person).get(address, {"revision": revision} if revision else {}).content.decode()


def text(found: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", found).split())


@pytest.fixture
def twice(run: WorkflowRun, reviewer: User) -> list[Requirement]:
    """Give a letter that was sent back once."""
    first = asked(run, 1, content="We pay you 20 today.")
    rejected(first, reviewer, "Say when, and pay more.")
    return [first, asked(run, 2, content="We pay you 25 on Monday.")]


def test_it_shows_what_changed_below_what_was_asked_for(
    as_: SignIn, twice: list[Requirement], reviewer: User
) -> None:
    found = text(page(as_, reviewer, twice[1]))
    parts = "Say when, and pay more.", "[removed: 20 today][added: 25 on Monday]"
    pinned, changed = (found.index(part) for part in parts)
    assert found.index("What changed since revision 1") < pinned < changed


def test_the_rail_names_every_revision_with_who_said_what(
    as_: SignIn, twice: list[Requirement], reviewer: User
) -> None:
    found = page(as_, reviewer, twice[1])
    assert LINK.findall(found) == ["1"]
    assert re.search(r"Revision 1 1 hour ago|Revision 1 59 minutes ago", text(found).replace("\xa0", " "))
    assert "reviewer asked for changes" in text(found)


def test_a_first_revision_has_no_rail(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    assert 'id="revisions"' not in page(as_, reviewer, asked(run, 1, content="a"))


@pytest.mark.parametrize("by_number", [True, False])
def test_a_past_revision_is_shown_as_past_and_cannot_be_decided(
    as_: SignIn, twice: list[Requirement], reviewer: User, by_number: bool
) -> None:
    found = page(as_, reviewer, twice[1], "1") if by_number else page(as_, reviewer, twice[0])
    assert "This is revision 1, a past one" in found
    assert "We pay you 20 today." in found
    assert f'href="/requirements/{twice[1].id}/"' in found
    assert 'id="decision"' not in found


@pytest.mark.parametrize("revision", ["0", "3", "99999", "-1", "x", "1e3", "9" * 30])
def test_a_revision_that_never_was_is_not_found(
    as_: SignIn, twice: list[Requirement], reviewer: User, revision: str
) -> None:
    address = f"/requirements/{twice[1].id}/?revision={revision}"
    assert as_(reviewer).get(address).status_code == 404


def test_a_stranger_finds_no_revision(as_: SignIn, twice: list[Requirement], stranger: User) -> None:
    assert as_(stranger).get(f"/requirements/{twice[1].id}/?revision=1").status_code == 404


def test_a_requester_reads_them(as_: SignIn, twice: list[Requirement], requester: User) -> None:
    assert "We pay you 20 today." in page(as_, requester, twice[1], "1")


def test_the_view_that_somebody_looks_at_stays_theirs(
    as_: SignIn, twice: list[Requirement], reviewer: User
) -> None:
    address = f"/requirements/{twice[1].id}/?who=mine"
    assert "?revision=1&amp;who=mine#revisions" in as_(reviewer).get(address).content.decode()


def test_data_is_compared_by_its_structure(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    rejected(asked(run, 1, content={"amount": 20, "to": "C-7"}), reviewer, "More.")
    found = text(page(as_, reviewer, asked(run, 2, content={"amount": 25, "to": "C-7"})))
    assert "changedamount [removed: 20 ] [added: 25 ]" in found
    assert "1 change" in found


def test_the_iterations_of_a_loop_are_revisions(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    loop = {"kind": "iteration_review", "key": "review:0"}
    for number in (1, 2):
        before = asked(run, number, path=f"refine/{number}", content=f"draft {number}", **loop)
        rejected(before, reviewer, f"words to {number}")
    found = page(as_, reviewer, asked(run, 3, path="refine/3", content="draft 3", **loop))
    assert LINK.findall(found) == ["2", "1"]
    assert "[removed: 2][added: 3]" in text(found)


def test_loops_of_other_places_are_other_series(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    loop = {"kind": "iteration_review", "key": "review:0"}
    rejected(asked(run, 1, path="outer/1/refine/1", content="a", **loop), reviewer)
    found = page(as_, reviewer, asked(run, 1, path="outer/2/refine/1", content="b", **loop))
    assert 'id="revisions"' not in found


def test_a_question_that_is_asked_again_says_what_is_another(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    rejected(asked(run, 1, "confirmation", key="before:0", content="20"), reviewer, "Not so much.")
    found = text(page(as_, reviewer, asked(run, 2, "confirmation", key="before:1", content="10")))
    assert "changedabout [removed: 20 ] [added: 10 ]" in found
    assert "Not so much." in found


def test_a_question_that_is_the_same_says_so(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    rejected(asked(run, 1, "confirmation", key="before:0"), reviewer, "Wait.")
    found = page(as_, reviewer, asked(run, 2, "confirmation", key="before:1"))
    assert "Nothing: the same is asked again." in found


def tool(run: WorkflowRun, turn: int, amount: int, position: int = 0) -> Requirement:
    asked_for = {"name": "pay", "args": {"amount": amount}, "executor": {"name": "clerk"}}
    return asked(
        run,
        turn,
        "tool_confirmation",
        path=f"answer/{turn}.{position}:pay",
        key="before:0",
        tool=asked_for,
        retry_count=0,
    )


def test_a_tool_that_comes_again_after_a_no_shows_its_other_arguments(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    rejected(tool(run, 1, 100), reviewer, "Too much.")
    found = text(page(as_, reviewer, tool(run, 2, 50)))
    assert "changedamount [removed: 100 ] [added: 50 ]" in found
    assert "Too much." in found


@pytest.mark.parametrize("action", [Action.approve, Action.reject])
def test_another_use_of_a_tool_is_no_revision_of_one_that_was_approved_or_stands_beside_it(
    as_: SignIn, run: WorkflowRun, reviewer: User, action: str
) -> None:
    rejected(tool(run, 1 if action == Action.approve else 2, 100), reviewer, action=action)
    assert 'id="revisions"' not in page(as_, reviewer, tool(run, 2, 50, position=1))


def test_what_was_taken_back_stays_in_the_rail(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    requirement = asked(run, 1, content="a")
    rejected(requirement, reviewer, "No, wait.")
    Requirement.objects.filter(id=requirement.id).update(status="open", revision=2)
    found = text(page(as_, reviewer, requirement))
    assert "does not count any more" in found
    assert "No, wait." in found


def test_hostile_words_are_inert(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    rejected(asked(run, 1, content=hostile), reviewer, hostile)
    found = page(as_, reviewer, asked(run, 2, content=f"{hostile} more"))
    assert "<script>alert" not in found
    assert "U+202E" in found


@pytest.mark.parametrize("times", [3, 500])
@pytest.mark.parametrize("revision", ["", "2"])
def test_it_takes_twelve_queries_however_often_it_was_asked(
    as_: SignIn,
    run: WorkflowRun,
    reviewer: User,
    django_assert_max_num_queries: Any,
    times: int,
    revision: str,
) -> None:
    for number in range(1, times):
        rejected(asked(run, number, content=f"draft {number}"), reviewer, "Again.")
    newest, client = asked(run, times, content="the last draft"), as_(reviewer)
    with django_assert_max_num_queries(12):
        found = client.get(f"/requirements/{newest.id}/", {"revision": revision} if revision else {})
    assert len(found.content) < 40_000


def test_of_many_the_newest_twenty_are_listed_and_the_others_can_be_asked_for(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    for number in range(1, 30):
        rejected(asked(run, number, content=f"draft {number}"), reviewer, f"words to {number}")
    newest = asked(run, 30, content="draft 30")
    found = page(as_, reviewer, newest)
    assert LINK.findall(found) == [str(number) for number in [*range(29, 10, -1), 10]]
    assert "10 earlier ones are not listed." in found
    old = text(page(as_, reviewer, newest, "5"))
    assert "This is revision 5, a past one" in old
    assert "words to 4" in old
    assert "[removed: 4][added: 5]" in old


def test_who_sent_it_back_still_gets_to_the_next_one(
    as_: SignIn, twice: list[Requirement], reviewer: User, admin: User
) -> None:
    assert "data-next" in page(as_, reviewer, twice[0])
    assert "data-next" not in page(as_, admin, twice[0])
