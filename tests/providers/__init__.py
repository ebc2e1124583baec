"""A provider on loopback: a real HTTP server that speaks what the models' providers speak, and fails as they do.

    def test_it(provider: Provider) -> None:                     # the fixture is in tests/providers/fixture.py
        provider.will(Say("Let me see.", calls=[call("search", q="x")]), Status(429), Say("Found it."))
        model = OpenAIChat(base_url=provider.openai, api_key="key")     # or .anthropic, .google
        ...
        assert provider.requests[0].body["messages"][-1]["content"] == "Find x"

Every request takes the next of the replies that `will` queued, in the order of arrival; the server picks the protocol
by the path, and streams where that is asked for. `answering` takes a function from the request to a reply instead.
`released` lets go what hangs; `arrived(n)` waits until n requests came.
"""

from tests.providers.replies import Body, Call, Hang, Outcome, Say, Status, call
from tests.providers.server import Provider, Received

__all__ = ["Body", "Call", "Hang", "Outcome", "Provider", "Received", "Say", "Status", "call"]
