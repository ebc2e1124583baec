"""A model that plays a script."""

import pytest

from workflows.agents.errors import ScriptEnded
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import Message, Reply, Request, ToolCall

REFUND = ToolCall(id="", name="refund", args={"amount": 12})


def conversation(*turns: str | Reply) -> Request:
    """Texts are the user's, replies the assistant's, with a result after each call."""
    messages = []
    for turn in turns:
        if isinstance(turn, str):
            messages.append(Message(role="user", content=turn))
        else:
            messages.append(Message(role="assistant", reply=turn))
            messages += [Message(role="tool", call=call, content="done") for call in turn.calls]
    return Request(messages=tuple(messages))


async def test_it_says_its_lines_in_order() -> None:
    model = ScriptedModel([REFUND, "Refunded."])
    first = await model.reply(conversation("Refund me"))
    second = await model.reply(conversation("Refund me", first))
    assert (first.calls[0].name, second.text) == ("refund", "Refunded.")


async def test_another_object_goes_on_where_one_was() -> None:
    first = await ScriptedModel([REFUND, "Refunded."]).reply(conversation("Refund me"))
    assert (
        await ScriptedModel([REFUND, "Refunded."]).reply(conversation("Refund me", first))
    ).text == "Refunded."


async def test_each_message_of_the_user_starts_the_script_again() -> None:
    reply = await ScriptedModel(["Hello."]).reply(conversation("Hi", Reply(text="Hello."), "Hi again"))
    assert reply.text == "Hello."


async def test_several_calls_are_one_line() -> None:
    reply = await ScriptedModel([[REFUND, REFUND]]).reply(conversation("Refund me twice"))
    assert [call.name for call in reply.calls] == ["refund", "refund"]


async def test_calls_without_an_id_get_one_that_no_other_has() -> None:
    model = ScriptedModel([[REFUND, REFUND], REFUND])
    first = await model.reply(conversation("Refund me"))
    second = await model.reply(conversation("Refund me", first))
    assert len({call.id for call in first.calls + second.calls}) == 3


async def test_an_id_that_is_given_stays() -> None:
    reply = await ScriptedModel([ToolCall(id="mine", name="refund")]).reply(conversation("Refund me"))
    assert reply.calls[0].id == "mine"


async def test_it_refuses_to_go_on_after_its_last_line() -> None:
    with pytest.raises(ScriptEnded, match="scripted has 1 replies"):
        await ScriptedModel(["Hello."]).reply(conversation("Hi", Reply(text="Hello.")))


async def test_a_function_makes_replies_of_the_request() -> None:
    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    assert (await model.reply(conversation("louder"))).text == "LOUDER"


async def test_the_function_may_be_async() -> None:
    async def answer(request: Request) -> Reply:
        return Reply(text="slowly", thinking="hm")

    assert (await ScriptedModel(answer).reply(conversation("Hi"))).thinking == "hm"


async def test_text_is_told_word_by_word() -> None:
    told: list[str] = []
    reply = await ScriptedModel(["One  two\nthree "]).reply(conversation("Count"), told.append)
    assert told == ["One  ", "two\n", "three "]
    assert "".join(told) == reply.text


def test_a_bare_text_is_not_taken_for_a_list_of_letters() -> None:
    with pytest.raises(TypeError, match="replies is a list"):
        ScriptedModel("Hello.")
