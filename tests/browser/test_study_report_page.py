"""The report of a study in a real browser: on a phone, in the dark, printed; it asks for nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tandem.lab.charts import Curve, chart
from tandem.lab.page import Cells, Charts, Command, Heading, Paragraph, Points, as_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = "a-name-of-an-arm-without-any-place-to-break-it-" * 3
READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
COLOURS = """() => [...document.querySelectorAll('p, li, th, td, code, svg text')].map((one) => {
    const style = getComputedStyle(one), ground = one.closest('figure, pre, .warning') ?? document.body;
    const ink = one.namespaceURI.endsWith('svg') ? style.fill : style.color;
    return [one.tagName, ink, getComputedStyle(ground).backgroundColor];
})"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    curves = [Curve(f"{LONG}{number}", number, (0.0, 1.0, 2.0), (3.0, 2.0, number / 4)) for number in range(7)]
    numbers = [[LONG, *(f"{column}.123456" for column in range(14))]]
    blocks = [
        Heading("In short"), Points([f"{LONG} is better"]), Paragraph("unequal", "warning"), Paragraph("note", "note"),
        Charts([(str(place), chart(curves, title="by tokens", across="tokens", up="nats")) for place in range(3)]),
        Cells(["arm", *map(str, range(14))], numbers), Command(f"tandem study run {LONG}.toml"),
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(as_html(f"Which? {LONG}", blocks), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: "Browser", report: Path) -> Callable[..., "Page"]:
    """Opens the report in a window of its own, whose requests and complaints must stay none."""

    def open_page(*, width: int = 1280, dark: bool = False) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text))
        page.on("request", lambda asked: complaints.append(asked.url) if asked.url != report.as_uri() else None)
        page.goto(report.as_uri())
        assert complaints == []
        return page

    return open_page


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_is_wider_than_the_window(width: int, opened: Callable[..., "Page"]) -> None:
    page = opened(width=width)
    assert page.evaluate(WIDER) <= 0
    assert page.locator("svg").count() == 3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_read(dark: bool, opened: Callable[..., "Page"]) -> None:
    page = opened(dark=dark)
    grounds = set()
    for tag, ink, ground in page.evaluate(COLOURS):
        assert contrast(ink, ground) >= READABLE, (tag, ink, ground)
        grounds.add(ground)
    assert all((luminance(ground) < 0.1) == dark for ground in grounds)


def test_printed_it_is_black_on_white_and_cuts_nothing_off(opened: Callable[..., "Page"]) -> None:
    page = opened(width=794, dark=True)
    page.emulate_media(media="print")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("() => getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.locator(".wide").evaluate("(one) => getComputedStyle(one).overflow") == "visible"
    assert page.pdf(format="A4")[:4] == b"%PDF"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as a browser writes them (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
