"""Revealing: characters that nobody sees, that turn others around or that look like others stand as their code points.

Three things are told. What is invisible (`HIDDEN`) becomes its code point. A word that mixes Latin letters with such
as look like them (`paypal` with one Cyrillic letter) has the odd ones marked with what they really are; so has a word
that is made of look-alikes alone where nothing around it is written in their script. Long stretches of nothing, behind
which something could stand, become their count. Ordinary Russian, Greek or Japanese text stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.utils.translation import ngettext

# Controls, fillers, zero-width spaces, bidi overrides and isolates, tags; of the joiners only those beside Latin.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
    "|(?<=[0-9A-Za-z])[\u200c\u200d]|[\u200c\u200d](?=[0-9A-Za-z])"
)
# Letters of scripts in which some look like Latin ones, and Latin ones in disguise.
ODD = re.compile(
    "[\u0370-\u058f\u13a0-\u13ff\u1c80-\u1c8f\u1f00-\u1fff\u2100-\u214f\u2c80-\u2cff\ua4d0-\ua4ff\ua640-\ua69f"
    "\uab70-\uabbf\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]"
)
WORD = re.compile(r"[\w\u0300-\u036f]+")
LATIN = re.compile("[A-Za-z]")
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
DISGUISES = ("FULLWIDTH", "MATHEMATICAL", "SCRIPT", "DOUBLE-STRUCK", "BLACK-LETTER")
# Greek that nobody takes for Latin: μm, Δt, TGFβ are ordinary.
SIGNS = frozenset("βγδθλμξπφψωΓΔΘΛΞΠΣΦΨΩ")
# Letters of which whole Latin words can be made.
LOOKALIKES = {
    "CYRILLIC": frozenset(
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u04ae"
        "\u0430\u0435\u0441\u043e\u0440\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf\u04af\u0475"
    ),
    "GREEK": frozenset(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
        "\u03a1\u03a4\u03a5\u03a7\u03b1\u03bd\u03bf\u03c1\u03c5\u03b9\u03ba"
    ),
}
EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n){6,}")
BLANKS = re.compile(r"[^\S\n]{60,}")


def revealed(text: Any) -> str:
    """The text with what is hidden in it made plain. To be called once: what it adds is text as well."""
    said = str(text)
    if said.isascii() and said.isprintable():
        return said
    said = HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", said)
    return _told_apart(said) if ODD.search(said) else said


def closed_up(text: str) -> str:
    """Long stretches of nothing as their count, so that what comes after them is seen."""
    return BLANKS.sub(_blanks, EMPTY_LINES.sub(_empty_lines, text))


def _empty_lines(found: re.Match[str]) -> str:
    number = found[0].count("\n") - 1
    return f"\n⟦{ngettext('%d empty line', '%d empty lines', number) % number}⟧\n"


def _blanks(found: re.Match[str]) -> str:
    number = len(found[0])
    return f" ⟦{ngettext('%d space', '%d spaces', number) % number}⟧ "


def _told_apart(text: str) -> str:
    words = [word for word in WORD.findall(text) if ODD.search(word)]
    impostors = _impostors(words, text)
    return WORD.sub(lambda found: _marked(found[0], impostors), text)


def _marked(word: str, impostors: frozenset[str]) -> str:
    if word in impostors:
        return _named(word)
    if not ODD.search(word) or not any(_script(letter) == "LATIN" for letter in word):
        return word
    odd, latin = [letter for letter in word if _is_odd(letter)], LATIN.findall(word)
    strangers = set(odd if len(odd) <= len(latin) else latin)
    runs = groupby(word, key=lambda letter: letter in strangers)
    return "".join(_named(run) if strange else run for strange, run in ((k, "".join(g)) for k, g in runs))


def _impostors(words: Iterable[str], text: str) -> frozenset[str]:
    """Words of look-alikes alone, where the text has fewer real words of their script than such."""
    found = {word for word in words if _is_disguised(word, text)}
    for script, letters in LOOKALIKES.items():
        own = [word for word in words if all(_script(letter) == script for letter in word)]
        alike = [word for word in own if letters.issuperset(word)]
        if LATIN.search(text) and len(own) - len(alike) < len(alike):
            found.update(alike)
    return frozenset(found)


def _is_disguised(word: str, text: str) -> bool:
    """Latin in mathematical letters; in full width, where no text around it has that width by nature."""
    scripts = {_script(letter) for letter in word}
    if len(word) < 2 or not scripts <= set(DISGUISES):
        return False
    return scripts != {"FULLWIDTH"} or not EAST_ASIAN.search(text)


def _is_odd(letter: str) -> bool:
    return bool(ODD.match(letter)) and letter not in SIGNS


def _named(letters: str) -> str:
    if _script(letters[0]) in DISGUISES:
        return f"⟦{letters} = {unicodedata.normalize('NFKC', letters)}⟧"
    return f"⟦{letters} {' '.join(f'U+{ord(letter):04X}' for letter in letters)}⟧"


@lru_cache(maxsize=2048)
def _script(letter: str) -> str:
    """The first word of its name, which is its script for all that matters here."""
    return unicodedata.name(letter, "").partition(" ")[0]
