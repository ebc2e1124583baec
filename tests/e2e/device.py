"""A device that knows its owner, as the browser plays it: passkeys without a finger."""

from playwright.sync_api import CDPSession, Page

PLAYED = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """The passkeys of one page's browser."""

    def __init__(self, page: Page) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable")
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": PLAYED})["authenticatorId"]

    def recognises(self, somebody: bool) -> None:
        """Whether its finger or PIN is right."""
        said = {"authenticatorId": self._id, "isUserVerified": somebody}
        self._cdp.send("WebAuthn.setUserVerified", said)
