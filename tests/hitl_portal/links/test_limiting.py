"""A wrong link is told so, whether or not it could be counted."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

WRONG = "/answer/none/"


class Unwritable(LocMemCache):
    """A cache whose database refuses to write: it says the same as one that has the key."""

    def add(self, *_: Any, **__: Any) -> bool:
        return False


@pytest.mark.django_db
def test_a_wrong_link_that_cannot_be_counted_is_still_refused(
    client: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Unwritable"}}
    assert client.get(WRONG).status_code == 410
    assert client.post(WRONG, {"action": "approve"}).status_code in (403, 410)
    assert "a wrong link could not be counted" in caplog.text
