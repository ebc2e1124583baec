"""The same lines on a PostgreSQL: a handful of them, through a handle of its own (`make test` runs them)."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests import databases
from tests.acceptance.acting import Log, Way, asked
from workflows import Parallel, Step, StepInput, Workflow
from workflows.db import PostgresDb
from workflows.run import RunStatus

pytestmark = pytest.mark.skipif(not databases.IS_POSTGRES, reason="runs with TEST_DATABASE=postgres")


@pytest.fixture
def server(transactional_db: None) -> Iterator[PostgresDb]:
    """Give the handle of the test run's database, by the address that other libraries would write."""
    url = databases.url_of(connection.settings_dict).replace("postgresql://", "postgresql+psycopg://", 1)
    handle = PostgresDb(url)
    yield handle
    handle.close()


def test_w21_a_yes_runs_the_step_and_the_rest_once(server: PostgresDb, log: Log, way: Way) -> None:
    steps = [log.step("fetch"), Step("process", log.step("process"), requires_confirmation=True)]
    workflow = Workflow(name="pg", db=server, steps=steps)
    run = way.run(workflow)
    asked(run).confirm()
    assert way.resume(workflow, run).content == "process(fetch(x))"
    assert log.calls == ["fetch", "process"]


def test_e8_branches_ask_at_once(server: PostgresDb, log: Log) -> None:
    branches = [Step(name, log.step(name), requires_confirmation=True) for name in "ab"]
    workflow = Workflow(name="pg", db=server, steps=[Parallel(*branches, name="p")])
    run = workflow.run("x")
    for requirement in run.active_step_requirements:
        requirement.confirm()
    assert workflow.continue_run(run).status is RunStatus.completed


def test_w63_retries_are_limited(server: PostgresDb, log: Log) -> None:
    draft = Step(
        "draft", log.step("draft"), requires_output_review=True, on_reject="retry", hitl_max_retries=1
    )
    workflow = Workflow(name="pg", db=server, steps=[draft])
    run = workflow.run("x")
    for _ in range(2):
        asked(run).reject()
        run = workflow.continue_run(run)
    assert run.content == "Max retries (1) reached for step 'draft'"


def test_w81_a_failure_is_raised_and_kept(server: PostgresDb) -> None:
    def bad(step_input: StepInput) -> str:
        raise ValueError("broke")

    workflow = Workflow(name="pg", db=server, steps=[Step("bad", bad, on_error="fail", max_retries=0)])
    with pytest.raises(ValueError, match="broke"):
        workflow.run("x")
    assert workflow.get_session().runs[-1].status is RunStatus.error  # type: ignore[union-attr]


def test_a_session_merges_what_its_runs_change(server: PostgresDb) -> None:
    def count(step_input: StepInput, session_state: dict[str, int]) -> None:
        session_state["n"] = session_state.get("n", 0) + 1

    workflow = Workflow(name="pg", db=server, steps=[count])
    for _ in range(3):
        workflow.run("x")
    assert workflow.get_session_state() == {"n": 3}
