"""Settings that cannot be read are told at the start, before they open or close anything."""

import pytest
from django.conf import LazySettings

from hitl_portal.outbound.addressing import Rules
from hitl_portal.outbound.checks import readable_rules


def test_what_the_settings_say_is_told_apart(settings: LazySettings) -> None:
    settings.HITL_OUTBOUND_ALLOW = ["Inside.example", "10.1.0.0/16", "192.168.0.9", "fd00::/8"]
    settings.HITL_OUTBOUND_PORTS = ["8443"]
    rules = Rules.of_settings()

    assert rules.hosts == {"inside.example"}
    assert list(map(str, rules.networks)) == ["10.1.0.0/16", "192.168.0.9/32", "fd00::/8"]
    assert rules.ports == {443, 8443}
    assert readable_rules() == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("HITL_OUTBOUND_ALLOW", "10.1.0.0/99"),
        ("HITL_OUTBOUND_ALLOW", "10.1.0.1/16"),
        ("HITL_OUTBOUND_ALLOW", "inside.example:80"),
        ("HITL_OUTBOUND_PORTS", "https"),
    ],
)
def test_what_cannot_be_read_is_an_error(settings: LazySettings, name: str, wrong: str) -> None:
    setattr(settings, name, [wrong])

    assert [found.id for found in readable_rules()] == ["outbound.E001"]
