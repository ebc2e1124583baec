"""Decisions that are signed: the challenge is what is decided, and nothing but this person's own passkey will do."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command

from hitl_portal.api.telling import event_line
from hitl_portal.checks import readable_signing
from hitl_portal.signed import deciding
from tests.hitl_portal.api.conftest import Call, token_of
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.signed.conftest import NOBODY, PRESENT, Card, Passkey, bytes_of
from workflows.audit import signature
from workflows.audit.chain import Row
from workflows.audit.issuing import receipt_of
from workflows.audit.keys import signing_key, trusted_keys
from workflows.audit.receipt import NotGenuine, check, in_words
from workflows.audit.signing import sign
from workflows.audit.telling import signable
from workflows.audit.words import words
from workflows.errors import NeedsSignature
from workflows.models import Decision, Requirement, RunEvent
from workflows.services import TIMER, Actor, append_event, erase_words, resolve
from workflows.types import Action, Answer

SIGN = "sign it with your passkey"
NOT_YOURS = "no signature of yours"


def signed_event() -> dict[str, Any]:
    """What the log has of the one signature."""
    data: dict[str, Any] = RunEvent.objects.get(type="DecisionSigned").data
    return data


def test_a_signed_yes_counts_and_the_log_has_what_proves_it(card: Card, passkey: Passkey) -> None:
    assert card.decide(passkey, feedback="Seen.").status_code == 302
    decision = Decision.objects.get()
    told = signed_event()

    assert (told["decision"], decision.action) == (str(decision.pk), "approve")
    assert told["signed"]["statement"]["words"] == words(decision)
    assert told["signed"]["statement"]["digest"] == decision.digest


def test_the_challenge_is_the_digest_of_what_is_decided(card: Card, passkey: Passkey) -> None:
    offer = card.offer(feedback="Seen.")
    card.send(
        offered=offer["offered"], signature=passkey.sign(offer["publicKey"]["challenge"]), feedback="Seen."
    )

    assert bytes_of(offer["publicKey"]["challenge"]) == signature.challenge(
        signed_event()["signed"]["statement"]
    )


def test_an_offer_decides_nothing(card: Card, passkey: Passkey) -> None:
    assert card.offer()["publicKey"]["userVerification"] == "required"

    assert not Decision.objects.exists()
    assert not RunEvent.objects.exists()


def test_without_a_signature_it_is_refused_and_what_was_typed_is_kept(card: Card, passkey: Passkey) -> None:
    response = card.send(feedback="I have looked at it.")

    assert response.status_code == 422
    assert SIGN in response.content.decode()
    assert "I have looked at it." in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"feedback": "Something else."}, {"action": "retry"}, {"action": "edit", "answer-content": "More"}],
)
def test_a_signature_is_good_for_what_was_signed_alone(
    card: Card, passkey: Passkey, change: dict[str, str]
) -> None:
    offer = card.offer(feedback="Seen.")
    signed = {"offered": offer["offered"], "signature": passkey.sign(offer["publicKey"]["challenge"])}
    response = card.send(**{"feedback": "Seen."} | signed | change)

    assert response.status_code == 422
    assert not Decision.objects.exists()


def test_a_signature_for_one_item_is_none_for_another(card: Card, passkey: Passkey, ask: Ask) -> None:
    other = ask()
    Requirement.objects.filter(pk=other.pk).update(risk="high", policy={"risk": "high"})
    offer = card.offer()
    signed = {"offered": offer["offered"], "signature": passkey.sign(offer["publicKey"]["challenge"])}
    response = Card(requirement=other, client=card.client).send(**signed)

    assert NOT_YOURS in response.content.decode()
    assert not Decision.objects.exists()


def test_what_is_asked_anew_is_signed_anew(card: Card, passkey: Passkey) -> None:
    offer = card.offer()
    signed = {"offered": offer["offered"], "signature": passkey.sign(offer["publicKey"]["challenge"])}
    Requirement.objects.update(details=card.requirement.details | {"subject": "0" * 64})

    assert card.send(**signed).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        Passkey(),  # nobody's
        Passkey(flags=PRESENT),
        Passkey(flags=NOBODY),
        Passkey(origin="https://evil.example"),
        Passkey(origin="http://localhost.evil.example"),
        Passkey(rp="evil.example"),
        Passkey(type="webauthn.create"),
    ],
    ids=["nobody's", "nobody recognised", "nobody there", "origin", "host", "site", "type"],
)
def test_what_no_passkey_of_theirs_has_signed_for_this_site_is_refused(
    card: Card, passkey: Passkey, forged: Passkey
) -> None:
    if forged.flags != passkey.flags or forged.origin != passkey.origin or forged.type != passkey.type:
        forged.id, forged.key = passkey.id, passkey.key

    assert NOT_YOURS in card.decide(forged).content.decode()
    assert not Decision.objects.exists()


def test_somebody_else_s_passkey_is_none(card: Card, passkey: Passkey, admin: User) -> None:
    assert card.decide(Passkey().belongs_to(admin)).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "sent", ["", "{}", "[]", "null", "[" * 20_000, "x" * 30_000, '{"id": 1, "rawId": 1, "response": {}}']
)
def test_nonsense_is_no_signature(card: Card, passkey: Passkey, sent: str) -> None:
    response = card.send(offered=card.offer()["offered"], signature=sent)

    assert response.status_code == 422
    assert not Decision.objects.exists()


def test_what_was_not_offered_here_cannot_be_signed(card: Card, passkey: Passkey) -> None:
    signature_ = passkey.sign(card.offer()["publicKey"]["challenge"])

    assert card.send(offered="made up", signature=signature_).status_code == 422


def test_an_offer_is_good_for_some_minutes(
    card: Card, passkey: Passkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "PATIENCE", timedelta(0))

    assert card.decide(passkey).status_code == 422


def test_who_has_no_passkey_is_told(card: Card) -> None:
    assert card.offer()["publicKey"] is None
    assert (
        "/accounts/security/passkeys/add/"
        in card.client.get(f"/requirements/{card.requirement.pk}/").content.decode()
    )


def test_a_no_to_a_high_risk_is_free(card: Card) -> None:
    assert card.offer(action="reject") == {}
    assert card.send(action="reject").status_code == 302


@pytest.mark.parametrize(("asked", "action", "free"), [("off", "approve", True), ("all", "reject", False)])
def test_the_setting_says_what_is_signed(
    card: Card, settings: LazySettings, asked: str, action: str, free: bool
) -> None:
    settings.HITL_SIGNED_DECISIONS = asked

    assert (card.send(action=action).status_code == 302) is free


@pytest.mark.parametrize(
    ("said", "is_wrong"),
    [("off", False), ("high-risk", False), ("all", False), ("high_risk", True), ("", True)],
)
def test_a_typo_is_told_at_the_start(settings: LazySettings, said: str, is_wrong: bool) -> None:
    settings.HITL_SIGNED_DECISIONS = said

    assert bool(readable_signing()) is is_wrong


def test_no_other_door_gets_around_it(
    card: Card, call: Call, settings: LazySettings, reviewer: User, admin: User
) -> None:
    settings.HITL_SIGNED_DECISIONS = "all"
    Requirement.objects.update(risk="", policy={})
    at, yes = card.requirement.pk, {"revision": 1, "action": "approve"}
    answers = [
        call(reviewer, f"/requirements/{at}/decide", json=yes),
        call(token_of(admin, "decide"), f"/requirements/{at}/decide", json=yes),
        card.client.post("/inbox/bulk/", {"do": "approve", "action": "approve", "item": f"{at}:1"}),
    ]

    assert [answer.status_code for answer in answers[:2]] == [403, 403]
    assert not Decision.objects.exists()


def test_the_log_with_its_signatures_is_found_whole(card: Card, passkey: Passkey) -> None:
    card.decide(passkey, feedback="Seen.")

    call_command("verify_audit")


def test_a_signature_under_another_decision_proves_nothing(card: Card, passkey: Passkey) -> None:
    card.decide(passkey)
    decided = RunEvent.objects.get(type="RequirementDecided")
    row = Row(*RunEvent.objects.filter(pk=decided.pk).values_list(*Row._fields).get())
    for name, other in {"action": "reject", "revision": 2, "digest": "0" * 64, "words": "0" * 64}.items():
        told = signable(row._replace(data=row.data | {name: other}))
        with pytest.raises(signature.NotProven, match="another decision"):
            signature.check(signed_event()["signed"], told)


def test_a_false_signature_in_the_log_is_named(
    card: Card, passkey: Passkey, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written by somebody who can write the log, with digests that fit."""
    card.decide(passkey)
    other = Passkey().key.sign(b"something", ec.ECDSA(SHA256())).hex()
    told = signed_event()
    told["signed"]["signature"] = other
    requirement = Requirement.objects.get(pk=card.requirement.pk)
    append_event(requirement.run, "DecisionSigned", TIMER, requirement=requirement, data=told)
    with pytest.raises(SystemExit):
        call_command("verify_audit")

    assert "the signature under its decision does not hold" in capsys.readouterr().err


def test_a_receipt_has_the_signature_and_is_checked_without_the_portal(card: Card, passkey: Passkey) -> None:
    card.decide(passkey)
    receipt = json.loads(json.dumps(receipt_of(Decision.objects.get())))
    check(receipt, trusted_keys())

    assert re.search(r"signed by the passkey [0-9a-f]{16}", in_words(receipt))


def test_a_receipt_whose_signature_was_exchanged_is_not_genuine(card: Card, passkey: Passkey) -> None:
    card.decide(passkey)
    receipt = receipt_of(Decision.objects.get())
    receipt["signed"] = receipt["signed"] | {"signature": "3006020101020101"}
    said = {name: part for name, part in receipt.items() if name != "signature"}
    with pytest.raises(NotGenuine, match="passkey"):
        check(said | {"signature": sign(signing_key(), said)}, trusted_keys())


def test_the_signature_holds_when_the_words_are_erased(card: Card, passkey: Passkey, admin: User) -> None:
    card.decide(passkey, feedback="Something personal.")
    Requirement.objects.update(status="consumed")
    erase_words(Decision.objects.get().pk, actor=Actor.of(admin))

    assert "personal" not in json.dumps(signed_event())
    call_command("verify_audit")


def test_the_audit_export_has_it(card: Card, passkey: Passkey) -> None:
    card.decide(passkey)
    told = [event_line(event) for event in RunEvent.objects.all()]

    assert signed_event()["signed"] in [line["data"].get("signed") for line in told]


def test_a_vote_is_signed_too(card: Card, passkey: Passkey) -> None:
    Requirement.objects.update(policy={"risk": "high", "quorum": 2})

    assert card.decide(passkey).status_code == 302
    assert not Decision.objects.get().closes
    call_command("verify_audit")


def test_scripts_and_services_that_pass_no_signature_are_refused(card: Card, reviewer: User) -> None:
    with pytest.raises(NeedsSignature):
        resolve(
            card.requirement.pk, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer)
        )
