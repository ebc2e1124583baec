"""The keyring: the first key seals, all open, and a sealed text says which key it needs."""

import pytest
from django.conf import LazySettings

from hitl_portal.checks import readable_keys
from hitl_portal.sealing import Unreadable, is_current, seal, unseal

ONE, TWO = "one:" + "1" * 40, "two:" + "2" * 40


def test_the_first_key_seals_and_is_named(settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [TWO, ONE]

    assert seal("secret", "test").startswith("two:")


def test_all_keys_open(settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [ONE]
    sealed = seal("secret", "test")
    settings.HITL_SECRET_KEYS = [TWO, ONE]

    assert unseal(sealed, "test") == "secret"


def test_without_its_key_it_stays_shut(settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [ONE]
    sealed = seal("secret", "test")
    settings.HITL_SECRET_KEYS = [TWO]

    with pytest.raises(Unreadable):
        unseal(sealed, "test")


def test_the_name_of_another_key_does_not_open_it(settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [ONE, TWO]
    token = seal("secret", "test").partition(":")[2]

    with pytest.raises(Unreadable):
        unseal(f"two:{token}", "test")


def test_a_text_opens_for_its_purpose_only() -> None:
    with pytest.raises(Unreadable):
        unseal(seal("secret", "test"), "another")


def test_what_was_sealed_before_keys_had_ids_opens(settings: LazySettings) -> None:
    old = seal("secret", "test").partition(":")[2]
    settings.HITL_SECRET_KEYS = [ONE]

    assert unseal(old, "test") == "secret"


def test_a_secret_key_of_before_opens(settings: LazySettings) -> None:
    sealed = seal("secret", "test")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"

    assert unseal(sealed, "test") == "secret"
    assert not is_current(sealed, "test")


def test_the_text_does_not_show_what_is_in_it() -> None:
    assert "secret" not in seal("a secret of somebody", "test").partition(":")[2]


@pytest.mark.parametrize(
    "wrong", [["no colon"], ["one:"], [":" + "1" * 40], ["o ne:x"], [ONE, ONE], ["secret-key:x"]]
)
def test_keys_that_cannot_be_read_are_an_error_that_tells_none(
    settings: LazySettings, wrong: list[str]
) -> None:
    settings.HITL_SECRET_KEYS = wrong
    (error,) = readable_keys()

    assert error.id == "hitl_portal.E001"
    assert "no colon" not in error.msg
    assert "1111" not in error.msg


def test_a_short_key_is_warned_of(settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [ONE, "short:12345"]

    assert [warning.id for warning in readable_keys()] == ["hitl_portal.W001"]
