"""Doorbell: with HITL_REDIS_URL set, whoever commits something rings through Redis, and every web process looks.

A ring says "look" and nothing else: what happened is read from the tables, as always. So one that is lost is made good
by the next look, which comes after some seconds anyway. Where Redis is away, that is how soon pages hear of other
processes; nobody waits for it, and it is tried again until it is back.

Channels' layer for Redis belongs to an event loop, and those who ring have none: a thread keeps one.
"""

import asyncio
import atexit
import logging
import threading
from contextlib import suppress
from functools import cache
from typing import Any

from channels.exceptions import InvalidChannelLayerError
from channels.layers import channel_layers
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hitl_portal.live import personal, presence
from workflows import bus

log = logging.getLogger(__name__)

LAYER, GROUP, RING = "doorbell", "hitl", {"type": "ring"}
SILENCE = 5.0  # after so many seconds without a ring it is asked for anew that they be heard
PATIENCE = 2.0  # what Redis has for an answer, and the last ring of a process to get out
PAUSE = 0.5  # between two tries


class Listening:
    """Waits for rings; a `bus.Watch`. Where none comes it says "look" too, because one may be lost."""

    def __init__(self) -> None:
        self._heard = threading.Event()
        self.is_closed = False

    def wait(self, timeout: float) -> bool:
        """Block until somebody rings, or for `timeout` seconds; False when it was closed."""
        self._heard.wait(timeout)
        self._heard.clear()  # before the look that follows: who rings during that is heard the next time
        return not self.is_closed

    def close(self) -> None:
        """End a wait that is under way."""
        self.is_closed = True
        self._heard.set()

    def wake(self) -> None:
        """Somebody has rung."""
        self._heard.set()


class Doorbell:
    """This process's end of a channel layer. Its thread begins with the first ring, or with the first who listens."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung, self._wanted, self._left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._told = threading.Event()
        self._told.set()
        self._listening: set[Listening] = set()
        self._is_away = False

    def ring(self) -> None:
        """Let every web process look; returns at once. Who listens in this process needs no Redis for that."""
        self._told.clear()
        self._wake()
        self._set(self._rung)

    def watch(self) -> Listening:
        """Listen from now on."""
        listening = Listening()
        with self._lock:
            self._listening = {known for known in self._listening if not known.is_closed} | {listening}
        self._set(self._wanted)
        return listening

    def close(self) -> None:
        """Let the last ring out, if Redis is there, and end the thread."""
        if self._thread is not None:
            if not self._is_away:
                self._told.wait(PATIENCE)
            self._set(self._left)
            self._thread.join(PATIENCE)

    def _wake(self) -> None:
        for listening in self._listening:
            listening.wake()

    def _set(self, event: asyncio.Event) -> None:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._serve, args=(self._loop,), name="doorbell")
                self._thread.daemon = True
                self._thread.start()
        with suppress(RuntimeError):  # the process ends, and the loop has
            self._loop.call_soon_threadsafe(event.set)

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._serving())
        finally:
            loop.close()

    async def _serving(self) -> None:
        work = (self._pass_on(), self._listen(), self._left.wait())
        ended, others = await asyncio.wait(
            map(asyncio.ensure_future, work), return_when=asyncio.FIRST_COMPLETED
        )
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        await self._layer.flush()
        await asyncio.sleep(0)  # connections that were closed are, one turn later
        for task in ended:
            task.result()  # raises what nobody has thought of

    async def _pass_on(self) -> None:
        """Tell Redis of rings; those that come meanwhile are one."""
        while await self._rung.wait():
            self._rung.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._layer.group_send(GROUP, RING)
            except _away() as error:
                self._rung.set()  # once more, as soon as it is back
                await self._wait_for_it(error)
            else:
                self._note(None)
                if not self._rung.is_set():
                    self._told.set()

    async def _listen(self) -> None:
        await self._wanted.wait()
        while True:
            try:
                await self._hear()
            except _away() as error:
                await self._layer.flush()  # else it would go on with connections that are gone
                await self._wait_for_it(error)

    async def _hear(self) -> None:
        """Hear rings until it is silent for long: then Redis may have gone without a word."""
        async with asyncio.timeout(PATIENCE):
            channel = await self._layer.new_channel()
            await self._layer.group_add(GROUP, channel)
            # It arrives here, and has this process look: who rang before was not heard.
            await self._layer.send(channel, RING)
        self._note(None)
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(SILENCE):
                    await self._layer.receive(channel)
                self._wake()
        await self._layer.group_discard(GROUP, channel)

    async def _wait_for_it(self, error: Exception) -> None:
        self._note(error)
        await asyncio.sleep(PAUSE)

    def _note(self, error: Exception | None) -> None:
        """Say it once when Redis goes, and once when it is back."""
        if error is not None and not self._is_away:
            log.warning("Redis is away, and pages look by themselves until it answers: %s", error)
        if error is None and self._is_away:
            log.warning("Redis answers again")
        self._is_away = error is not None


def hang() -> None:
    """Ring from now on when this process commits something, where the settings name a Redis."""
    bell = _own()
    if bell is not None:
        bus.hang(bell.ring)
        atexit.register(bell.close)


def watch() -> bus.Watch:
    """What wakes the pages of this process."""
    bell = _own()
    return (
        bell.watch()
        if bell
        else bus.watch(channels=(bus.CHANNEL, bus.SPEECH, presence.CHANNEL, personal.CHANNEL))
    )


@cache
def _own() -> Doorbell | None:
    """This process's; None where the settings name no Redis. Raises ImproperlyConfigured without the package."""
    if not settings.HITL_REDIS_URL:
        return None
    try:
        return Doorbell(channel_layers[LAYER])
    except InvalidChannelLayerError as missing:
        raise ImproperlyConfigured(f"HITL_REDIS_URL: {missing}; install hitl-portal[redis]") from missing


@cache
def _away() -> tuple[type[Exception], ...]:
    """What is raised while Redis cannot be reached."""
    from redis.exceptions import RedisError  # an extra, as the layer is

    return RedisError, OSError
