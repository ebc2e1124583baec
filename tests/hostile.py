"""A corpus of hostile texts, and what must be true of every page that shows one of them.

    for name, text in HOSTILE.items():
        assert_inert(page_that_shows(text), name)

`assert_inert` reads the page as a browser would and refuses whatever could act, load, or pass for a part of the portal.
`HUGE` and `deep()` are for places that must stay small as well.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

MARK = "h0stile"  # in every text: a page that lacks it has not shown the text at all

HOSTILE: dict[str, str] = {
    "script": f"<script>alert('{MARK}')</script>",
    "handler": f'<img src=x onerror="alert(1)"> <svg onload=alert(2)> {MARK}',
    "leaving an attribute": f"\" onmouseover=\"alert(1)\" x='y' {MARK} ' autofocus onfocus=alert(1) '",
    "leaving an element": f"</div></section></form></textarea></title></style><script>alert(1)</script>{MARK}",
    "fake form": f'<form action="/x"><button name="action" value="approve">Approve</button></form> {MARK}',
    "fake controls": f"<input type=hidden name=revision value=9><select><option>{MARK}</select><textarea>",
    "frames": f"<iframe src=https://evil.example></iframe><object data=x></object><embed src=x> {MARK}",
    "page orders": f'<meta http-equiv=refresh content="0;url=//evil.example"><base href=//evil.example/> {MARK}',
    "htmx": f'<div hx-get="/runs/" hx-trigger="load" data-hx-post="/x" hx-on:click="alert(1)">{MARK}</div>',
    "styles": f'<style>*{{display:none}}</style><p style="position:fixed">{MARK}</p><link rel=stylesheet href=//e>',
    "comment": f"<!-- {MARK} --> <![CDATA[ <b> ]]> <?php echo 1 ?>",
    "folds": f"<details open><summary>{MARK}</summary><details data-fold><details>",
    "markdown script": f"**{MARK}** [a](javascript:alert(1)) [b](JaVaScRiPt:alert(2)) [c](&#106;avascript:alert(3))",
    "markdown data": f"**{MARK}** [a](data:text/html;base64,PHNjcmlwdD4=) ![b](data:image/svg+xml,<svg/onload=x>)",
    "markdown image": f"**{MARK}** ![tracker](https://evil.example/pixel.png?who=you) ![x](//evil.example/y.png)",
    "markdown button": f"**{MARK}**\n\n# Approved\n\n[ ✅ Approve ](https://evil.example/a) <button>Approve</button>",
    "markdown host": f"**{MARK}** [bank](https://bank.example@evil.example/) [b](https://b\u0430nk.example/) [c](/x)",
    "markdown html": f"**{MARK}**\n\n<div onclick=alert(1)>\n\n```html\n<script>alert(1)</script>\n```\n",
    "markdown title": f'**{MARK}** [a](https://e.example "x\\" onclick=\\"alert(1)") `<img src=x onerror=alert(1)>`',
    "markdown link in link": f"**{MARK}** [[a](javascript:x)](https://e.example) [![i](//e/x.png)](javascript:x)",
    "markdown hidden": f"**{MARK}**\n\n[//]: # (do as I say)\n\n[x]: https://e.example 'pay everything'",
    "bidi": f"{MARK} invoice_\u202efdp.exe \u2066isolate\u2069 \u200fmark",
    "zero width": f"{MARK} pay\u200bpal ad\u00admin\u2060 \ufeff \U000e0041\U000e0042 a\u200db",
    "controls": f"{MARK} \x1b[31mred\x07\x08 \x85 \u2028line\u2029",
    "homoglyph": f"{MARK} p\u0430ypal \u0440\u0430\u0443\u0440\u0435 \uff50\uff41\uff59 \U0001d429\U0001d41a\U0001d432",
    "template": f"{MARK} {{{{ 7|add:7 }}}} {{% now 'Y' %}} {{% load evidence %}} {{# x #}} ${{7*7}} #{{7*7}}",
    "header": f"{MARK}\r\nSet-Cookie: a=b\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "formula": f'=cmd|"/c calc"!A1 {MARK} @SUM(1) +1 -1',
    "path": f"../../etc/passwd\\..\\{MARK}.png.exe",
    "brackets": f"⟦U+0041⟧ {MARK} ⟦⟦⟧ &lt;b&gt; &amp;#x3C;",
    "padding": f"harmless{chr(10) * 300}{' ' * 500}{MARK}",
}
HUGE = MARK + "x" * 1_000_000
FORM_CONTROLS = frozenset({"form", "input", "button", "select", "textarea", "option"})
FORBIDDEN = frozenset({"iframe", "frame", "object", "embed", "applet", "base", "style", "math", "portal"})
ADDRESSES = frozenset(
    {"href", "src", "action", "formaction", "poster", "data", "srcset", "ping", "background", "xlink:href"}
)
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
UNSEEN = re.compile(
    "[\x01-\x08\x0b\x0e-\x1f\x7f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
REL = {"noopener", "noreferrer", "nofollow"}


def deep(levels: int = 400) -> Any:
    """Data in data in data."""
    value: Any = MARK
    for level in range(levels):
        value = {f"k{level}": value} if level % 2 else [value]
    return value


def everywhere(text: str) -> Iterator[Any]:
    """Data that holds the text in every way that has a form of its own: as text, key, item, cell, deep inside."""
    yield text
    yield {text: 1}
    yield [text, {"a": [text]}]
    yield [{"column": text, text: 2}] * 2
    yield {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": text}}}}}}}}}


def assert_inert(page: str, about: str = "", *, shows: bool = True) -> None:
    """Nothing in the page acts, loads from elsewhere, or looks like a control inside what others wrote."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.faults, (about, reader.faults[:5])
    assert not shows or MARK in page, (about, "is not shown")


class _Reader(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[
            tuple[str, bool]
        ] = []  # elements, and whether what is in them was written by somebody else

    @property
    def _is_foreign(self) -> bool:
        return any(foreign for _tag, foreign in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._look_at_element(tag, found)
        for name, value in found.items():
            self._look_at_attribute(tag, name, value)
        if tag not in VOID:
            zone = "voiced" in found.get("class", "").split()
            self.open.append((tag, zone))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _foreign in self.open]:
            self.faults.append(f"closes {tag}, which is not open")
            return
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self.open[-1][0] if self.open else ""
        if inside == "script" and data.strip():
            self.faults.append(f"script: {data[:60]}")
        if inside != "textarea" and UNSEEN.search(data):
            self.faults.append(f"unseen characters in {inside}: {data[:60]!r}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment: {data[:60]}")

    def _look_at_element(self, tag: str, found: dict[str, str]) -> None:
        if tag in FORBIDDEN or (tag == "meta" and "http-equiv" in found):
            self.faults.append(f"<{tag}> {found}")
        if tag in FORM_CONTROLS and self._is_foreign:
            self.faults.append(f"<{tag}> in what somebody wrote: {found}")
        if tag == "script" and not found.get("src", "").startswith("/static/"):
            self.faults.append(f"<script> {found}")
        if (
            tag == "a"
            and _is_elsewhere(found.get("href", ""))
            and not set(found.get("rel", "").split()) >= REL
        ):
            self.faults.append(f"a link without rel: {found}")

    def _look_at_attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith(("on", "hx-on", "data-hx-")) or name == "style":
            self.faults.append(f"{tag} {name}={value[:60]}")
        if name in ADDRESSES and not _is_ours(value) and tag != "a":
            self.faults.append(f"{tag} loads {name}={value[:60]}")
        if (
            tag == "a"
            and name == "href"
            and urlsplit(value.strip()).scheme not in ("", "http", "https", "mailto")
        ):
            self.faults.append(f"a leads to {value[:60]}")
        if name.startswith("hx-") and MARK in value and name != "hx-vals":
            self.faults.append(f"{tag} {name}={value[:60]}")
        if name != "value" and UNSEEN.search(value):
            self.faults.append(f"unseen characters in {name}: {value[:60]!r}")


def _is_ours(address: str) -> bool:
    return not address or (address[0] in "/?#" and not address.startswith("//"))


def _is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).scheme or address.startswith("//"))
