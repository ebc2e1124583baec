"""Receipts: whether the receipt of a decision is genuine. Needs a public key, no database and no portal.

    python -m workflows.audit.receipt FILE --key PUBLIC_KEY

A receipt says who decided what, when, through which door, and the digest of what was approved; it has the event that
the log tells of it, and what leads from there to a checkpoint that its signer has signed for all runs at once.
"""

import argparse
import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from workflows.audit import chain, merkle, signature
from workflows.audit.signing import is_signed
from workflows.canonical import digest

KIND = "HITL Portal receipt 1"
# What of a decision the log tells in the event's data, and in the event itself.
TOLD = ("action", "revision", "digest", "words", "channel", "decided_at")


class NotGenuine(Exception):
    """The receipt does not prove what it says; the text is why."""


def check(receipt: Mapping[str, Any], keys: Collection[str]) -> None:
    """Raise NotGenuine unless everything in a receipt fits, under signatures of these public keys."""
    try:
        _check_signature(receipt, keys)
        _check_event(receipt)
        _check_passkey(receipt)
        if receipt["seal"] is not None:
            _check_seal(receipt, receipt["seal"], keys)
    except (KeyError, TypeError, IndexError, AttributeError) as missing:
        raise NotGenuine(f"it is no receipt: {missing!r}") from None


def _check_signature(receipt: Mapping[str, Any], keys: Collection[str]) -> None:
    said = {name: part for name, part in receipt.items() if name != "signature"}
    if receipt["kind"] != KIND:
        raise NotGenuine(f"its kind is not known here: {receipt['kind']}")
    if receipt["key"] not in keys:
        raise NotGenuine(f"it is signed with another key: {receipt['key']}")
    if not is_signed(receipt["key"], said, receipt["signature"]):
        raise NotGenuine("its signature does not fit: it was changed")


def _check_event(receipt: Mapping[str, Any]) -> None:
    event, decision = receipt["event"], receipt["decision"]
    if chain.linked(digest(event), receipt["previous"]) != receipt["digest"]:
        raise NotGenuine("the event's digest is not that of what it says")
    said = {name: event["data"][name] for name in TOLD}
    said |= {"id": event["data"]["decision"], "who": event["actor"]}
    said["on_behalf_of"] = event["data"].get("on_behalf_of")
    if any(decision[name] != part for name, part in said.items()):
        raise NotGenuine("the event tells of another decision")
    asked = {
        "id": event["requirement"],
        "run": event["run"],
        "path": event["path"],
        "kind": event["data"]["kind"],
    }
    if any(receipt["requirement"][name] != part for name, part in asked.items()):
        raise NotGenuine("the event tells of another requirement")


def _check_passkey(receipt: Mapping[str, Any]) -> None:
    """Receipts of before passkeys have none, and so have decisions that nobody had to sign."""
    decision = receipt["decision"] | {"requirement": receipt["requirement"]["id"]}
    try:
        if receipt.get("signed"):
            signature.check(receipt["signed"], decision)
    except signature.NotProven as why:
        raise NotGenuine(f"the passkey's signature does not hold: {why}") from None


def _check_seal(receipt: Mapping[str, Any], seal: Mapping[str, Any], keys: Collection[str]) -> None:
    head = receipt["digest"]
    for content in seal["links"]:
        head = chain.linked(content, head)
    position = receipt["position"] + len(seal["links"])
    leaf = merkle.leaf({"run": receipt["event"]["run"], "position": position, "digest": head})
    if merkle.climbed(leaf, seal["proof"]) != seal["checkpoint"]["root"]:
        raise NotGenuine("the checkpoint does not seal this chain")
    if seal["key"] not in keys:
        raise NotGenuine(f"the checkpoint is signed with another key: {seal['key']}")
    if not is_signed(seal["key"], seal["checkpoint"], seal["signature"]):
        raise NotGenuine("the checkpoint's signature does not fit")


def in_words(receipt: Mapping[str, Any]) -> str:
    """What a genuine receipt proves, for reading."""
    decision, asked, seal = receipt["decision"], receipt["requirement"], receipt["seal"]
    absent = f" (for {decision['on_behalf_of']})" if decision["on_behalf_of"] else ""
    sealed = "not sealed yet"
    if seal:
        sealed = f"sealed by checkpoint {seal['checkpoint']['number']} of {seal['checkpoint']['created_at']}"
    return "\n".join(
        (
            f"{decision['who']}{absent} said {decision['action']} on {decision['decided_at']}",
            f"through {decision['channel']}, about revision {decision['revision']} of requirement {asked['id']}",
            f"({asked['kind']}, step '{asked['step']}' of '{asked['workflow']}', run {asked['run']}),",
            f"for what has the digest {decision['digest']}{_signed_in_words(receipt)}.",
            f"Event {receipt['position']} of its run, {sealed}.",
        )
    )


def _signed_in_words(receipt: Mapping[str, Any]) -> str:
    signed = receipt.get("signed")
    return f", signed by the passkey {signature.fingerprint(signed['public_key'])}" if signed else ""


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 where the receipt is genuine, else 1."""
    parser = argparse.ArgumentParser(
        prog="workflows.audit.receipt", description="Check a decision's receipt."
    )
    parser.add_argument("file", type=Path, help="The receipt.")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        help="A public key that is trusted, as hexadecimal digits, or a file with one in each line. May be repeated.",
    )
    given = parser.parse_args(arguments)
    try:
        receipt = json.loads(given.file.read_text())
        check(receipt, [key for each in given.key for key in _keys(each)])
    except (OSError, ValueError, NotGenuine) as wrong:
        print(f"NOT GENUINE: {wrong}", file=sys.stderr)
        return 1
    print(f"Genuine.\n{in_words(receipt)}")
    return 0


def _keys(given: str) -> list[str]:
    file = Path(given)
    return file.read_text().split() if file.is_file() else [given]


if __name__ == "__main__":
    sys.exit(main())
