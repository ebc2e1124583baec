"""What is hidden is told; what is ordinary is left alone."""

import time

import pytest

from hitl_portal.evidence.revealing import closed_up, revealed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\u200bb", "a⟦U+200B⟧b"),
        ("\u202efdp.exe", "⟦U+202E⟧fdp.exe"),
        ("a\u200db", "a⟦U+200D⟧b"),
        ("p\u0430ypal", "p⟦\u0430 U+0430⟧ypal"),
        ("\u0391laskaJazz", "⟦\u0391 U+0391⟧laskaJazz"),
        ("\u041f\u0440\u0438\u0432\u0435p", "\u041f\u0440\u0438\u0432\u0435⟦p U+0070⟧"),
        (
            "\u0440\u0430\u0443\u0440\u0435 is here",
            "⟦\u0440\u0430\u0443\u0440\u0435 U+0440 U+0430 U+0443 U+0440 U+0435⟧ is here",
        ),
        ("\uff50\uff41\uff59", "⟦\uff50\uff41\uff59 = pay⟧"),
        ("\U0001d429\U0001d41a\U0001d432 me", "⟦\U0001d429\U0001d41a\U0001d432 = pay⟧ me"),
    ],
)
def test_it_tells_what_is_hidden_or_in_disguise(text: str, told: str) -> None:
    assert revealed(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, naïve façade",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0410 \u0432 \u041c\u043e\u0441\u043a\u0432\u0435.",
        "\u0397 \u0391\u03b8\u03ae\u03bd\u03b1 \u03ba\u03b1\u03b9 \u03bf \u039d\u03af\u03ba\u03bf\u03c2",
        "USB-\u043a\u0430\u0431\u0435\u043b\u044c",
        "\u0394t = 5 \u03bcm, TGF\u03b2",
        "\uff21\uff22\uff23\u682a\u5f0f\u4f1a\u793e",
        "\u0915\u094d\u200d\u0937 and \U0001f468\u200d\U0001f469",
        "two\nlines\tand a tab",
    ],
)
def test_it_leaves_ordinary_text_alone(text: str) -> None:
    assert revealed(text) == text


def test_long_stretches_of_nothing_are_counted() -> None:
    assert closed_up("a" + "\n" * 20 + "b" + " " * 100 + "c") == "a\n⟦19 empty lines⟧\nb ⟦100 spaces⟧ c"
    assert closed_up("a\n\n\nb    c") == "a\n\n\nb    c"


@pytest.mark.parametrize("text", ["a" * 500_000 + "\u0430", "\n" * 300_000 + "x", "  \n " * 100_000 + "x"])
def test_endless_text_takes_no_time(text: str) -> None:
    before = time.perf_counter()
    closed_up(revealed(text))
    assert time.perf_counter() - before < 10
