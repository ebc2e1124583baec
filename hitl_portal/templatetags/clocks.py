"""How long something took, in few words."""

from datetime import timedelta

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()

DEEPEST = 6


@register.filter
def length_of(time: timedelta | None) -> str:
    """Two units at most: `340 ms`, `2.1 s`, `3 min 20 s`, `2 d 4 h`."""
    if time is None:
        return ""
    seconds = time.total_seconds()
    if seconds < 1:
        return _("%(number)d ms") % {"number": round(seconds * 1000)}
    if seconds < 60:
        return _("%(number)s s") % {"number": number_format(seconds, 1)}
    if seconds < 3600:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    if seconds < 86400:
        return _("%(hours)d h %(minutes)d min") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
    return _("%(days)d d %(hours)d h") % {"days": seconds // 86400, "hours": seconds % 86400 // 3600}


@register.filter
def slice_depth(depth: int) -> int:
    """How far a name is moved in: no deeper than can be seen."""
    return min(depth, DEEPEST)
