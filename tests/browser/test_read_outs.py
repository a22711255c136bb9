"""What is drawn can be read: by keys, by touch, by ear, at rest, and with enough contrast."""

from itertools import pairwise

import pytest
from test_every_page import NAMES, READABLE, contrast, settled
from visits import Opened

FIRST = ".panels .panel:first-child"
DRAWN = 3.0
"""The least contrast of what is drawn against what lies next to it (WCAG 2.2, 1.4.11)."""

PIXELS = """([what, ground, property]) => [...document.querySelectorAll(what)].map((one) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const flat = (...colours) => {
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        const channels = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        return '#' + channels.map((channel) => channel.toString(16).padStart(2, '0')).join('');
    };
    const below = getComputedStyle(one.closest(ground) ?? document.body).backgroundColor;
    const style = getComputedStyle(one);
    return [flat(style[property]), property === 'color' ? flat(below, style.backgroundColor) : flat(below)];
})"""
UNREACHED = """() => [...document.querySelectorAll('a, button, input, textarea, [tabindex="0"]')]
    .filter((one) => one.checkVisibility() && one.tabIndex === 0 && !one.disabled && !one.reached)
    .filter((one) => one.type !== 'radio' || one.checked).map((one) => one.outerHTML.slice(0, 200))"""
HEADS = "(many) => document.querySelectorAll('[data-needs=attention] .panel:first-child .heads button').length === many"
LEVELS = """() => [...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.checkVisibility())
    .map((one) => Number(one.tagName[1]))"""


def test_the_words_of_two_sentences_are_drawn_against_each_other(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree").page
    page.wait_for_selector(f"{FIRST} .together canvas")
    assert page.locator(f"{FIRST} .together text").all_text_contents() == [
        "All",
        "dogs",
        "swim",
        ".",
        "No",
        "dogs",
        "swim",
        ".",
    ]
    page.locator(f"{FIRST} .together [role=application]").focus()
    readout = page.locator(f"{FIRST} .together .readout")
    assert readout.inner_text().startswith("All with No 0.00; most: ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert readout.inner_text().startswith("dogs with dogs \u22120.30; most: ")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert readout.inner_text().startswith("dogs with . ")
    assert readout.get_attribute("role") == "status"


def test_a_finger_reads_a_map_and_curves(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/look", has_touch=True).page
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    for needs, drawn, says in (
        ("influence", ".map canvas", "not is moved by not "),
        ("classify", ".figure svg", "at We"),
    ):
        board = f"[data-needs='{needs}'] {FIRST}"
        page.locator(f"{board} {drawn}").scroll_into_view_if_needed()
        page.locator(f"{board} {drawn}").tap(position={"x": 60, "y": 60}, force=True)
        page.wait_for_timeout(50)
        assert says in page.inner_text(f"{board} .readout")
        assert page.locator(f"{board} :is(.row-mark, .cursor)").first.get_attribute("visibility") == "visible"


def test_arrow_keys_read_curves_and_go_through_heads(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/runs").page
    settled(page)
    page.locator("#curves").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert "attention 5.38 at 400K" in page.inner_text("#readout")
    page.goto(f"{fake}/look")
    heads = page.locator(f"[data-needs='attention'] {FIRST} .heads button")
    heads.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert heads.nth(1).get_attribute("aria-pressed") == "true"
    assert [heads.nth(place).get_attribute("tabindex") for place in range(3)] == ["-1", "0", "-1"]


@pytest.mark.parametrize("name", [*NAMES, "report?run=attention"])
def test_keys_reach_everything_headings_stand_in_order_and_ids_once(name: str, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}").page
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        page.evaluate("document.activeElement.reached = true")
        seen = "getComputedStyle(document.activeElement.closest('.choice') ?? document.activeElement).outlineStyle"
        assert page.evaluate(seen) != "none", page.evaluate("document.activeElement.outerHTML")
    assert page.evaluate(UNREACHED) == []
    # What stands in a tooltip alone is for a mouse alone.
    assert page.locator("main [title]").count() == 0
    levels = page.evaluate(LEVELS)
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_what_is_answered_is_said_once_for_each_board(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify").page
    page.wait_for_function("() => document.querySelectorAll('.told span').length === 2")
    said = page.locator(".told").all_inner_texts()
    assert "attention: negative 95.7 %; lstm: positive" in said[0]
    assert "film ADJ" in said[1]
    page.fill("#text", "cut")
    page.wait_for_selector(f"{FIRST} .note")
    assert page.locator(f"[data-needs='classify'] {FIRST} .note").all_inner_texts() == [
        "Longer than this model reads: the end was not read.",
        "Cut off: the translation did not come to an end.",
        "2 tokens of the text are unknown to this model.",
    ]
    assert page.locator("[role=alert]").count() == 0


def test_nothing_moves_for_those_who_asked_for_rest(visit: Opened, fake: str) -> None:
    moving = (
        "(rest) => ['::before', '::after'].map((part) => getComputedStyle(document.querySelector(rest), part))"
        ".flatMap((style) => [style.animationName, style.transitionDuration])"
    )
    for motion, still in (("reduce", True), ("no-preference", False)):
        page = visit(f"{fake}/classify", reduced_motion=motion).page
        page.wait_for_selector(f"{FIRST} .bar")
        page.fill("#text", "a slow film")
        page.wait_for_selector(f"{FIRST}[aria-busy='true']")
        found = [*page.evaluate(moving, f"{FIRST}[aria-busy='true']"), *page.evaluate(moving, ".bar .track")]
        assert all(one in ("none", "0s") for one in found) == still


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_drawn_stands_out(dark: bool, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify", dark=dark).page
    page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    page.evaluate("for (const one of document.querySelectorAll('.word')) one.style.setProperty('--share', 1)")
    texts = [
        *page.evaluate(PIXELS, [".word", ".panel", "color"]),
        *page.evaluate(PIXELS, [".tagged > span", ".panel", "color"]),
    ]
    assert len(texts) > 10
    assert all(contrast(*pair) >= READABLE for pair in texts), texts
    edges = page.evaluate(PIXELS, ["textarea, .bar .track", "body", "borderTopColor"])
    assert contrast(*edges[0]) >= DRAWN
    page.goto(f"{fake}/runs")
    settled(page)
    page.evaluate("""() => [...Array(8).keys()].forEach((number) => {
        const line = document.querySelector('#table .swatch line').cloneNode();
        line.setAttribute('class', `curve hue${number}`);
        document.querySelector('#table .swatch').append(line);
    })""")
    curves = page.evaluate(PIXELS, ["#table line", ".panel", "stroke"])
    assert len(curves) > 8
    assert all(contrast(*pair) >= DRAWN for pair in curves), curves


@pytest.mark.parametrize("name", NAMES)
def test_a_long_word_stays_on_the_smallest_phone(name: str, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}", width=320, fails=True).page
    settled(page)
    texts = ["w" * 200, "wrong " + "w" * 200] if name != "runs" else []
    for text in texts:
        for field in page.locator("textarea").all():
            field.fill(f"{text} [MASK]")
        if name == "fill":
            page.click("#begin")
        page.wait_for_function(
            "(text) => document.querySelector(text)", arg=".problem" if "wrong" in text else ".panel"
        )
        page.wait_for_timeout(500)
        page.wait_for_function("() => !document.querySelector('[aria-busy]')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    outside = """() => [...document.querySelectorAll('main *')]
        .filter((one) => !one.closest('.scroll, svg, .unseen, pre'))
        .filter((one) => one.getBoundingClientRect().right > 320.5).map((one) => one.outerHTML.slice(0, 120))"""
    assert page.evaluate(outside) == []


def test_a_large_model_leaves_the_page_usable(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/look").page
    settled(page)
    page.fill("#text", "huge")
    page.wait_for_function(HEADS, arg=144)
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    page.fill("#text", "All dogs swim.")
    page.wait_for_function(HEADS, arg=12)
