"""Whatever is typed, and whatever a model is called, is shown as the text that it is."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from fake_api import fake_api
from payloads import PAYLOADS
from visits import Opened, served

EVERY = 30
FIELDS = {
    "agree": ("premise", "hypothesis"),
    "fill": ("gap", "prompt"),
    "classify": ("text",),
    "translate": ("text",),
    "look": ("text",),
}
FOREIGN = "main :is(img, script, iframe, object, embed, video, audio, marquee, math, base, link, [onerror], [onload])"

QUIET = "() => !document.querySelector('[aria-busy]')"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All payloads in the campaign (`make campaign`), and a few of them in the test suite."""
    if "payloads" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-cases", default=False)
        metafunc.parametrize("payloads", [PAYLOADS if every else PAYLOADS[::EVERY]], ids=["payloads"])


@pytest.fixture(scope="module")
def ill_named() -> Iterator[str]:
    """A server whose models are called as no model should be."""
    with served(fake_api(PAYLOADS)) as address:
        yield address


class Hostile:
    """Makes every text of an answer a payload, one after the other; names, by which models are asked, stay."""

    def __init__(self) -> None:
        self.payloads = cycle(PAYLOADS)

    def __call__(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            # The names of scores are headings of a table.
            names = {name: next(self.payloads) if key == "scores" else name for name in value}
            return {names[name]: self(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self(one, key) for one in value]
        return next(self.payloads) if isinstance(value, str) and key not in ("id", "can", "model") else value


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    """A server that has been taken over: whatever it tells would run as a script if it were markup."""
    with served(fake_api(told=Hostile())) as address:
        yield address


@pytest.mark.parametrize("name", [*FIELDS, "runs", "report?run=attention"])
def test_nothing_that_the_server_tells_runs(name: str, visit: Opened, hostile: str) -> None:
    page = visit(f"{hostile}/{name}", fails=True).page
    page.wait_for_selector("#table tbody tr, .facts, .panel .bar, .panel .translation, .panel .columns")
    page.wait_for_function(QUIET)
    assert page.locator(FOREIGN).count() == 0
    shown = page.inner_text("main")
    assert sum(payload in shown for payload in PAYLOADS) >= 3
    for text in ("wrong [MASK]", "cut [MASK]") if name in FIELDS else ():
        for field in FIELDS[name]:
            page.fill(f"#{field}", text)
        page.wait_for_selector(".problem" if "wrong" in text else ".note, .bar, .columns")
        page.wait_for_function(QUIET)
        assert page.locator(FOREIGN).count() == 0


def test_nothing_that_is_typed_into_a_number_runs(visit: Opened, fake: str) -> None:
    for name, field in (("fill", "temperature"), ("fill", "seed"), ("translate", "beam")):
        page = visit(f"{fake}/{name}").page
        page.wait_for_function(QUIET)
        for payload in PAYLOADS[::20]:
            page.focus(f"#{field}")
            page.keyboard.type(payload.replace("\x00", ""))
        assert set(page.input_value(f"#{field}")) <= set("0123456789.-")
        page.wait_for_function(QUIET)
        assert page.locator(FOREIGN).count() == 0


def test_there_are_sixty_different_ones() -> None:
    assert len(set(PAYLOADS)) == 60


@pytest.mark.parametrize("name", FIELDS)
def test_nothing_that_is_typed_runs(name: str, payloads: tuple[str, ...], visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}").page
    page.wait_for_function(QUIET)
    for payload in payloads:
        text = f"{payload} [MASK]"
        # A page waits until nobody types: a text that is replaced before is never asked.
        with page.expect_request(lambda asked, text=text: text in (asked.post_data_json or {}).values()):
            for field in FIELDS[name]:
                page.fill(f"#{field}", text)
        if name == "fill":
            page.click("#begin")
            page.wait_for_selector(".continuation .prompt")
            assert payload.replace("\x00", "\ufffd") in page.inner_text(".continuation") or "\x00" in payload
        page.wait_for_function(QUIET)
        assert page.locator(".problem").count() == 0
        assert page.locator(FOREIGN).count() == 0


def test_no_name_of_a_model_or_run_runs(visit: Opened, ill_named: str) -> None:
    for name in (*FIELDS, "runs"):
        page = visit(f"{ill_named}/{name}").page
        page.wait_for_selector("#table tbody a" if name == "runs" else ".panel h3")
        shown = page.locator("#table tbody a" if name == "runs" else ".choice span").all_text_contents()
        assert set(shown) == set(PAYLOADS)
        assert page.locator(FOREIGN).count() == 0
        if name == "runs":
            page.locator("#table tbody a").nth(3).click()
            page.wait_for_selector("#report .facts")
            assert page.locator("#report h2").first.text_content() in PAYLOADS
            assert page.locator(FOREIGN).count() == 0
