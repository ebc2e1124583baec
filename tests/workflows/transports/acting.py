"""Start a run or decide, in a process of its own whose settings name the transport: `python -m … start DIRECTORY`."""

import sys

import django


def main() -> None:
    """Do one of the two."""
    django.setup()
    verb, given = sys.argv[1:]
    {"start": start, "decide": decide}[verb](given)


def start(directory: str) -> None:
    """Put a run of `flows.gate` into the queue."""
    from tests import flows
    from tests.workflows.driving import SCRIPT
    from workflows import services

    run = services.start_run(flows.gate.id, {"directory": directory}, actor=SCRIPT, source="command")
    sys.stdout.write(str(run.id))


def decide(run_id: str) -> None:
    """Say yes to what it asks."""
    from tests.workflows.driving import SCRIPT
    from workflows import services
    from workflows.models import Requirement
    from workflows.types import Action, Answer

    requirement = Requirement.objects.open().get(run__id=run_id)
    answer = Answer(action=Action.approve)
    services.resolve(requirement.id, revision=requirement.revision, answer=answer, actor=SCRIPT)


if __name__ == "__main__":
    main()
