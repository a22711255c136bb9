"""What holds for each page: its weight, its labels, its width on a phone, its contrast, its calm."""

import re

import pytest
from visits import Opened

from tandem.serve.pages import PAGES, POLICY

NAMES = [page.name for page in PAGES]
HEAVIEST = 150_000
MOST_JUMP = 0.1
"""A page whose layout shifts add up to less feels steady (web.dev, Cumulative Layout Shift)."""
READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""

WEIGHT = """() => [...performance.getEntriesByType('resource').filter((one) => one.name.includes('/static/')),
    ...performance.getEntriesByType('navigation')].reduce((sum, one) => sum + one.decodedBodySize, 0)"""
NAMELESS = """() => [...document.querySelectorAll('input, textarea, select, button, a, svg[role=img]')]
    .filter((one) => !one.labels?.length && !one.textContent.trim() && !one.getAttribute('aria-label'))
    .map((one) => one.outerHTML)"""
JUMPS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
        .observe({type: 'layout-shift', buffered: true});
    setTimeout(() => done(sum), 100);
})"""
COLOURS = """() => Object.fromEntries(['ground', 'surface', 'ink', 'muted', 'accent', 'against', 'on-accent']
    .map((name) => [name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()]))"""


def settled(page: object) -> None:
    page.wait_for_selector("#table tbody tr, .panel .bar, .panel .translation, .panel .columns")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_and_calm_and_names_all_that_can_be_used(name: str, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}").page
    settled(page)
    assert 5_000 < page.evaluate(WEIGHT) < HEAVIEST
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(JUMPS) < MOST_JUMP
    assert page.locator("nav [aria-current='page']").count() == 1
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_page_lies_outside_of_a_phone(name: str, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}", width=360, dark=True).page
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_page_holds_no_script_or_style_of_its_own_and_may_load_only_from_here(visit: Opened, fake: str) -> None:
    seen = visit(f"{fake}/agree")
    for name in NAMES:
        answer = seen.page.request.get(f"{fake}/{name}")
        assert answer.headers["content-security-policy"] == POLICY
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=\"/static/)|https?://", answer.text())
    assert "unsafe" not in POLICY
    seen.page.evaluate("document.body.setAttribute('style', 'opacity: 0.5')")
    assert seen.page.evaluate("getComputedStyle(document.body).opacity") == "1"
    assert "Content Security Policy" in seen.complaints.pop()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(dark: bool, visit: Opened, fake: str) -> None:
    colours = visit(f"{fake}/runs", dark=dark).page.evaluate(COLOURS)
    for ground in ("ground", "surface"):
        for text in ("ink", "muted", "accent", "against"):
            assert contrast(colours[text], colours[ground]) >= READABLE, (text, ground)
    assert contrast(colours["on-accent"], colours["accent"]) >= READABLE


def test_the_keyboard_begins_with_the_way_past_the_menu_and_presses_examples(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree").page
    settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "premise"
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#hypothesis") == "All wet poodles swim."


def contrast(one: str, other: str) -> float:
    """The contrast of two colours written #rgb or #rrggbb (WCAG 2.2)."""
    darker, lighter = sorted(luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else re.findall("..", digits)
    shares = [int(pair, 16) / 255 for pair in pairs]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
