"""A portal and a browser for each file of tests, and pages that fail a test when the browser complains."""

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import databases
from tests.e2e.portal import Portal, free_port

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


def new_database_url() -> str:
    name = f"e2e_{uuid4().hex}"
    if not databases.IS_POSTGRES:
        return databases.migrated_sqlite_url(databases.directory() / name)
    with psycopg.connect(databases.postgres_url(), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return databases.url_named(name)


@contextmanager
def running(directory: Path, **environment: str) -> Iterator[Portal]:
    """A portal with the demo's people and workflows, and what its environment says besides; stopped at the end."""
    portal = Portal(directory=directory, database_url=new_database_url(), port=free_port())
    with pytest.MonkeyPatch.context() as patch:
        for name, text in environment.items():
            patch.setenv(name, text)
        portal.start()
        yield portal
        portal.stop()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a running portal, stopped after the file's tests."""
    with running(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: while Playwright runs, its event loop would get in the way of other tests.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@dataclass(kw_only=True)
class Pages:
    """Opens pages, each in a browser profile of its own, and remembers what the browser complained of."""

    browser: Browser
    portal: Portal
    contexts: list[BrowserContext] = field(default_factory=list)
    profiles: dict[str, BrowserContext] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def open(self, *, tolerate: Collection[str] = (), **options: Any) -> Page:
        """Open an empty page in a new profile; console errors with a tolerated text are let pass (a 409, say)."""
        return self.open_in(self._context(**options), tolerate=tolerate)

    def open_in(self, context: BrowserContext, *, tolerate: Collection[str] = ()) -> Page:
        """Open an empty page in a profile that is there."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message, tolerate))
        return page

    def signed_in(self, username: str, **options: Any) -> Page:
        """Open the inbox as this person, in a browser that is signed in since the first time they were needed."""
        tolerate = options.pop("tolerate", ())
        page = self.open(storage_state=self._session(username), tolerate=tolerate, **options)
        page.goto("/")
        return page

    def profile(self, username: str, **options: Any) -> BrowserContext:
        """The one profile of this person, signed in; of nobody where the name is empty."""
        if username not in self.profiles:
            session = self._session(username) if username else None
            self.profiles[username] = self._context(storage_state=session, **options)
        return self.profiles[username]

    def _context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(base_url=self.portal.url, **options)
        self.contexts.append(context)
        return context

    def _session(self, username: str) -> Any:
        if username not in self.portal.sessions:
            self.portal.sessions[username] = self._sign_in(username)
        return self.portal.sessions[username]

    def _sign_in(self, username: str) -> Any:
        """Sign in through a one-time link, as the person would; the cookies that this leaves."""
        page = self.open(tolerate=["410"])
        printed = self.portal.printed_link(username)
        if not printed or getattr(page.goto(printed), "status", 0) != 200:  # a test has signed in before
            page.goto(self.portal.sign_in_link(username))
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        cookies = page.context.storage_state()
        page.close()
        return cookies

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert not self.complaints, "the browser complained:\n" + "\n".join(self.complaints)

    def _hear(self, page: Page, message: ConsoleMessage, tolerate: Collection[str]) -> None:
        if message.type == "error" and not any(part in message.text for part in tolerate):
            self.complaints.append(f"{page.url}: {message.text}")


@pytest.fixture
def pages(browser: Browser, portal: Portal) -> Iterator[Pages]:
    """Open pages with `open()` or `signed_in("reviewer")`; complaints of the browser fail the test."""
    opened = Pages(browser=browser, portal=portal)
    yield opened
    opened.close()


@pytest.fixture
def page(pages: Pages) -> Page:
    """Give one page that is signed in as nobody."""
    return pages.open()
