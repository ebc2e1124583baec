"""What is over is forgotten."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from hitl_portal.accounts.sweeping import forget
from hitl_portal.seldom import Seldom


def counts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hitl_shared_cache")
        return int(cursor.fetchone()[0])


def test_sessions_that_are_over_are_forgotten(signed_in: Client, reviewer: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget()
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_those_that_last_are_not(signed_in: Client) -> None:
    forget()
    assert Session.objects.count() == UserSession.objects.count() == 1


def test_counts_that_count_no_more_are_forgotten_and_others_stay(db: None) -> None:
    cache.clear()
    cache.set("over", 1, timeout=-60)
    cache.set("lasts", 1, timeout=60)
    with connection.cursor() as cursor:
        past = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(hours=1))
        cursor.execute("UPDATE hitl_shared_cache SET expires = %s WHERE cache_key LIKE '%%over'", [past])
    forget()
    assert cache.get("lasts") == 1
    assert counts() == 1


def test_it_looks_once_an_hour(signed_in: Client) -> None:
    sweep = Seldom(forget)
    sweep()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    sweep()
    assert Session.objects.exists()
