"""Bots fetch every link in every message: whatever they ask for, the question stays open and the link stays good."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hitl_portal.links.models import AnswerLink
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.links.conftest import path_to
from tests.statements import sent
from workflows.models import Decision, RunEvent

MOZILLA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = [
    f"{MOZILLA} Chrome/126.0 Safari/537.36",  # SafeLinks and others who look like a browser
    f"{MOZILLA} Chrome/126.0 Safari/537.36 Edg/126.0 BingPreview/1.0b",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; MSTeams-LinkUnfurling/1.0)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Twitterbot/1.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Google-Read-Aloud",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mimecast-URL-Protect/1.0",
    "Mozilla/5.0 (compatible; ProofpointURLDefense)",
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; Symantec.cloud ClickTime)",
    "Mattermost-Bot/1.1",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "curl/8.5.0",
    "python-requests/2.32",
    "",
]
WAYS = [
    {},
    {"purpose": "prefetch"},
    {"sec-purpose": "prefetch;prerender"},
    {"x-moz": "prefetch"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "referer": "https://mail.example/"},
    {"range": "bytes=0-1023"},
]
BEHIND = ["", "done/", "asked/"]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.mark.one_database
@pytest.mark.parametrize("agent", AGENTS)
def test_nothing_that_they_fetch_changes_anything(
    client: Client, ask: Ask, reviewer: User, agent: str
) -> None:
    requirement = ask()
    path = path_to(requirement, reviewer)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for way in WAYS:
            for page in BEHIND:
                headers = {"user-agent": agent} | way
                client.get(path + page, headers=headers)
                client.head(path + page, headers=headers)
    assert not [said for said in sent(asked) if said.startswith(WRITES)]
    assert not Decision.objects.exists()
    assert not RunEvent.objects.exists()
    assert AnswerLink.objects.get().decision is None
    requirement.refresh_from_db()
    assert requirement.is_open
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_none(client: Client, ask: Ask, reviewer: User, method: str) -> None:
    path = path_to(ask(), reviewer)
    assert client.generic(method, path).status_code == 405
    assert client.get(path).status_code == 200
