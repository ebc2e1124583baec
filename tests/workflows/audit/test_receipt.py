"""A receipt proves who decided what, to whoever has a public key and nothing else."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from tests.rows import a_requirement, a_run
from tests.workflows.driving import decide, paused, work
from workflows import Workflow
from workflows.acting import Actor, append_event
from workflows.audit.issuing import NoReceipt, receipt_of
from workflows.audit.keys import signing_key, trusted_keys
from workflows.audit.receipt import NotGenuine, check, main
from workflows.audit.sealing import seal
from workflows.audit.signing import sign
from workflows.models import Decision
from workflows.reviewing.erasing import erase_words

pytestmark = pytest.mark.django_db

Receipt = dict[str, Any]


def fresh(decision: Decision) -> Receipt:
    receipt: Receipt = json.loads(json.dumps(receipt_of(Decision.objects.get(id=decision.id))))
    return receipt


def signed(receipt: Receipt) -> Receipt:
    """Sign it anew, as the portal itself could."""
    said = {name: part for name, part in receipt.items() if name != "signature"}
    return said | {"signature": sign(signing_key(), said)}


def test_it_says_who_decided_what_and_for_which_digest(decision: Decision) -> None:
    receipt = fresh(decision)
    check(receipt, trusted_keys())

    said = receipt["decision"]
    assert (said["who"], said["action"], said["channel"]) == ("reviewer", "approve", "portal")
    assert said["digest"] == decision.digest == decision.requirement.digest
    assert receipt["requirement"]["workflow"] == "flow"
    assert "Looks right" not in json.dumps(receipt)


def test_it_is_proven_by_the_first_checkpoint_after_it(flow: Workflow, reviewer: User) -> None:
    decision = decide(paused(flow), reviewer)
    for _ in range(4):
        append_event(a_run(), "RunQueued", Actor(name="script", channel="script"))
    work(flow)  # so that more stands after it in its chain
    assert fresh(decision)["seal"] is None
    seal()
    receipt = fresh(decision)

    check(receipt, trusted_keys())
    assert (receipt["seal"]["checkpoint"]["number"], receipt["seal"]["checkpoint"]["heads"]) == (1, 5)
    assert len(receipt["seal"]["links"]) > 1
    assert receipt["seal"]["proof"]


def test_it_stays_genuine_when_the_words_are_erased(decision: Decision, admin: User) -> None:
    before = fresh(decision)
    erase_words(decision.id, actor=Actor.of(admin))

    check(fresh(decision), trusted_keys())
    assert fresh(decision)["decision"] == before["decision"]


LIES: dict[str, Callable[[Receipt], None]] = {
    "who": lambda receipt: receipt["decision"].update(who="somebody"),
    "what": lambda receipt: receipt["decision"].update(action="reject"),
    "for what": lambda receipt: receipt["decision"].update(digest="0" * 64),
    "for whom": lambda receipt: receipt["decision"].update(on_behalf_of="somebody"),
    "asked": lambda receipt: receipt["requirement"].update(path="elsewhere"),
    "event": lambda receipt: receipt["event"].update(actor="somebody"),
    "chain": lambda receipt: receipt.update(previous="0" * 64),
    "position": lambda receipt: receipt.update(position=1),
    "links": lambda receipt: receipt["seal"]["links"].append("0" * 64),
    "proof": lambda receipt: receipt["seal"]["proof"].append(["left", "0" * 64]),
    "root": lambda receipt: receipt["seal"]["checkpoint"].update(root="0" * 64),
    "checkpoint": lambda receipt: receipt["seal"]["checkpoint"].update(number=9),
    "seal's key": lambda receipt: receipt["seal"].update(key="0" * 64),
    "missing": lambda receipt: receipt.pop("event"),
    "kind": lambda receipt: receipt.update(kind="another"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_is_found_out_even_where_the_portal_signs_it(
    decision: Decision, lie: Callable[[Receipt], None]
) -> None:
    seal()
    receipt = fresh(decision)
    lie(receipt)

    with pytest.raises(NotGenuine):
        check(signed(receipt), trusted_keys())


def test_a_change_without_a_signature_is_found_out(decision: Decision) -> None:
    receipt = fresh(decision) | {"issued_at": "yesterday"}

    with pytest.raises(NotGenuine, match="its signature does not fit"):
        check(receipt, trusted_keys())


def test_another_key_is_not_trusted(decision: Decision) -> None:
    with pytest.raises(NotGenuine, match="signed with another key"):
        check(fresh(decision), ["0" * 64])


def test_what_is_no_receipt_is_refused() -> None:
    others: list[Any] = [{}, [], {"kind": 1}]
    for other in others:
        with pytest.raises(NotGenuine):
            check(other, [])


def test_there_is_none_for_a_decision_of_which_nothing_is_told(reviewer: User) -> None:
    asked = a_requirement(a_run())
    decision = Decision.objects.create(
        requirement=asked, revision=1, action="approve", actor="reviewer", decided_at=asked.opened_at
    )
    with pytest.raises(NoReceipt):
        receipt_of(decision)


def test_the_command_writes_them_and_the_keys(decision: Decision, tmp_path: Path) -> None:
    out = StringIO()
    call_command("receipts", into=tmp_path / "receipts", run=decision.requirement.run_id, stdout=StringIO())
    call_command("receipts", keys=True, stdout=out)
    (tmp_path / "keys").write_text(out.getvalue())

    file = tmp_path / "receipts" / f"{decision.id}.json"
    assert main([str(file), "--key", str(tmp_path / "keys")]) == 0


def test_it_is_checked_without_a_portal_and_a_database(decision: Decision, tmp_path: Path) -> None:
    file, (key,) = tmp_path / "receipt.json", trusted_keys()
    file.write_text(json.dumps(fresh(decision)))
    command = "import sys; from workflows.audit.receipt import main; main(sys.argv[1:]); print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command, str(file), "--key", key], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Genuine.\nreviewer said approve")
    assert done.stdout.endswith("False\n")


def test_the_command_refuses_a_file_that_was_changed(
    decision: Decision, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, (key,) = tmp_path / "receipt.json", trusted_keys()
    file.write_text(json.dumps(fresh(decision)).replace("reviewer", "somebody"))

    assert main([str(file), "--key", key]) == 1
    assert "NOT GENUINE" in capsys.readouterr().err
