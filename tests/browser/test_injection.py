"""Whatever is typed, and whatever a model is called, is shown as the text that it is."""

from collections.abc import Iterator

import pytest
from fake_api import fake_api
from payloads import PAYLOADS
from visits import Opened, served

EVERY = 15
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
