"""A client of the portal for other programs: ask a human, and go on with the answer. Needs httpx, and no Django."""

from hitl_portal.client.portal import AsyncPortal, Portal
from hitl_portal.client.values import Answer, Asked, Kind, NotAnswered, PortalError

__all__ = ["Answer", "Asked", "AsyncPortal", "Kind", "NotAnswered", "Portal", "PortalError"]
