"""How a model is set up."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.providers import Provider, Say
from tests.workflows.agents.models.conversations import (
    Make,
    asked,
    chat,
    claude,
    every_provider,
    gemini,
    like,
    replied,
)
from workflows.agents.errors import KeyMissing, ModelMissing
from workflows.agents.models import Claude, Gemini, OpenAIChat, OpenAILike, OpenAIResponses
from workflows.agents.models.provider import ProviderModel
from workflows.engine.conversation import Model

ADDRESS = "http://127.0.0.1:9"
EVERY_MODEL = [OpenAIChat, OpenAIResponses, Claude, Gemini]


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_it_has_an_id_a_name_and_a_provider(model: type[ProviderModel]) -> None:
    made: Model = model(id="some-model")
    assert (made.id, model("some-model").name) == ("some-model", model.__name__)
    assert made.provider == {"OpenAIChat": "OpenAI", "OpenAIResponses": "OpenAI", "Claude": "Anthropic"}.get(
        model.__name__, "Google"
    )


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_it_refuses_parameters_it_does_not_know(model: Any) -> None:
    with pytest.raises(TypeError, match="temprature"):
        model("some-model", temprature=1)


def test_one_that_is_like_openais_says_where_it_is() -> None:
    with pytest.raises(TypeError, match="needs a base_url"):
        OpenAILike("llama")


def test_it_does_not_show_its_key() -> None:
    assert "secret" not in repr(OpenAIChat("gpt-4o", api_key="secret", extra_headers={"x-key": "secret"}))


@pytest.mark.parametrize(
    ("model", "variables"),
    [
        (OpenAIChat, "OPENAI_API_KEY"),
        (OpenAIResponses, "OPENAI_API_KEY"),
        (Claude, "ANTHROPIC_API_KEY"),
        (Gemini, "GOOGLE_API_KEY or GEMINI_API_KEY"),
    ],
)
async def test_a_missing_key_is_missed_when_it_is_needed(model: type[ProviderModel], variables: str) -> None:
    with pytest.raises(KeyMissing, match=f"has no API key: give api_key=..., or set {variables}"):
        await model("some-model").reply(asked())


@pytest.mark.parametrize(
    ("model", "key", "address"),
    [
        (OpenAIChat, "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        (OpenAIResponses, "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        (Claude, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        (Gemini, "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"),
    ],
)
async def test_key_and_address_come_from_the_environment(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, model: Any, key: str, address: str
) -> None:
    monkeypatch.setenv(key, "from-outside")
    monkeypatch.setenv(address, provider.openai if "OPENAI" in address else provider.url)
    provider.will(Say("Yes."))
    given = {"max_tokens": 100} if model is Claude else {}
    assert (await model("gpt-5", **given).reply(asked())).text == "Yes."
    assert "from-outside" in str(provider.requests[-1].headers)


async def test_a_server_of_ones_own_may_want_no_key(provider: Provider) -> None:
    provider.will(Say("Yes."), Say("Yes."))
    assert (await OpenAILike("llama", base_url=provider.openai).reply(asked())).text == "Yes."
    assert (await OpenAIChat("llama", base_url=provider.openai).reply(asked())).text == "Yes."


async def test_openais_key_is_not_sent_elsewhere(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-outside")
    provider.will(Say("Yes."))
    await OpenAILike("llama", base_url=provider.openai).reply(asked())
    assert "from-outside" not in str(provider.requests[-1].headers)


@every_provider
async def test_settings_are_sent(provider: Provider, make: Make) -> None:
    provider.will(Say("Yes."))
    await replied(make(provider, max_tokens=77, extra_headers={"x-team": "refunds"}))
    assert "77" in str(provider.requests[-1].body)
    assert provider.requests[-1].headers["x-team"] == "refunds"


@pytest.mark.parametrize("make", [chat, like, claude, gemini])
async def test_temperature_is_sent_to_those_who_take_it(provider: Provider, make: Make) -> None:
    provider.will(Say("Yes."))
    await replied(make(provider, temperature=0.25))
    assert "0.25" in str(provider.requests[-1].body)


async def test_max_tokens_has_other_names(provider: Provider) -> None:
    provider.will(Say("Yes."))
    await replied(chat(provider, max_completion_tokens=55))
    assert "55" in str(provider.requests[-1].body)


async def test_thinking_is_asked_for(provider: Provider) -> None:
    provider.will(Say("Yes."), Say("Yes."))
    budget = {"type": "enabled", "budget_tokens": 1024}
    await replied(claude(provider, thinking=budget, max_tokens=2000))
    await replied(Gemini("gemini-2.5-flash", api_key="k", base_url=provider.google, thinking_budget=99))
    assert provider.requests[0].body["thinking"] == budget
    assert "99" in str(provider.requests[1].body["generationConfig"])


@pytest.mark.parametrize("missing", ["pydantic_ai", "openai"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    script = f"""
import asyncio, sys
sys.modules[{missing!r}] = None
from workflows.agents.errors import ModelMissing
from workflows.agents.models import OpenAIChat
from workflows.engine.conversation import Message, Request
model = OpenAIChat("gpt-4o", api_key="k", base_url={ADDRESS!r})
try:
    asyncio.run(model.reply(Request(messages=(Message(role="user", content="Hi"),))))
except ModelMissing as missing:
    print(missing)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert f"pip install '{ModelMissing.PACKAGE}'" in said


def test_what_it_says_is_what_the_extra_has() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["models"] == [ModelMissing.PACKAGE]


def test_naming_models_loads_nothing() -> None:
    script = (
        "import sys, workflows.agents.models; print({'pydantic_ai', 'openai', 'django'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"
