"""What the pages show while an answer is awaited, when none comes, and when there is no model for it."""

from collections.abc import Iterator

import pytest
from fake_api import fake_api
from visits import Opened, served

FIRST = ".panels .panel:first-child"
KINDS = {"agree": "nli", "fill": "fill-mask", "classify": "classify", "translate": "translate", "look": "score"}


@pytest.fixture(scope="module")
def idle() -> Iterator[str]:
    """A server whose model can do nothing that a page shows."""
    with served(fake_api(("embedder",), can=("embed",))) as address:
        yield address


@pytest.mark.parametrize("name", KINDS)
def test_a_page_without_its_kind_of_model_says_which_command_makes_one(name: str, visit: Opened, idle: str) -> None:
    page = visit(f"{idle}/{name}").page
    absent = page.locator(f"[data-needs='{KINDS[name]}'] .absent")
    absent.wait_for()
    assert "tandem train recipes/" in absent.inner_text()
    assert "tandem serve runs/" in absent.inner_text()


def test_a_slow_answer_dims_the_old_one_and_replaces_it(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify").page
    page.wait_for_selector(f"{FIRST} .bar")
    page.fill("#text", "a slow film")
    page.wait_for_selector(f"{FIRST}[aria-busy='true'] .bar")
    page.wait_for_selector(f"{FIRST}:not([aria-busy]) .word:text-is('slow')")


def test_only_the_last_question_is_answered(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify").page
    page.wait_for_selector(f"{FIRST} .bar")
    page.fill("#text", "slow and old")
    page.wait_for_selector(f"{FIRST}[aria-busy='true']")
    page.fill("#text", "quick and new")
    page.wait_for_selector(f"{FIRST} .word:text-is('new')")
    page.wait_for_timeout(900)
    assert page.locator(f"{FIRST} .word:text-is('old')").count() == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [("wrong", "write another sentence"), ("busy", "In 2 s it is asked again."), ("gone", "answered 502")],
)
def test_a_refusal_is_shown_with_what_to_do_and_can_be_asked_again(
    text: str, says: str, visit: Opened, fake: str
) -> None:
    page = visit(f"{fake}/agree", fails=True).page
    page.wait_for_selector(f"{FIRST} .bar")
    page.fill("#premise", f"All {text} dogs swim.")
    page.wait_for_selector(f"{FIRST} .problem")
    assert says in page.inner_text(f"{FIRST} .problem")
    page.fill("#premise", "All dogs swim.")
    # Each panel asks for itself.
    page.wait_for_function("() => !document.querySelector('.problem')")
    assert page.locator(f"{FIRST} .bar").count() > 0


def test_a_server_that_has_gone_is_said_to_have_gone(visit: Opened, fake: str) -> None:
    seen = visit(f"{fake}/translate", fails=True)
    seen.page.wait_for_selector(".translation")
    seen.page.route("**/api/**", lambda route: route.abort())
    seen.page.fill("#text", "4 June 1999")
    seen.page.wait_for_selector(f"{FIRST} .problem")
    assert "tandem serve" in seen.page.inner_text(f"{FIRST} .problem")
    seen.page.unroute("**/api/**")
    seen.page.get_by_role("button", name="Ask again").first.click()
    seen.page.wait_for_selector(".translation:text-is('1999 June 4')")


def test_a_token_is_asked_for_where_one_is_needed(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree", fails=True).page
    refusal = '{"title": "No access", "status": 401, "detail": "no token", "fix": ""}'

    def guarded(route: object) -> None:
        known = route.request.headers.get("authorization") == "Bearer open sesame"
        route.fallback() if known else route.fulfill(status=401, body=refusal, content_type="application/problem+json")

    page.route("**/api/**", guarded)
    page.reload()
    page.get_by_label("Token").fill("open sesame")
    page.get_by_role("button", name="Enter").click()
    page.wait_for_selector(f"{FIRST} .bar")


def test_a_stream_comes_word_by_word_can_be_stopped_and_tells_its_errors(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/fill").page
    continuing = "[data-needs='generate'] .panel:first-child"
    page.fill("#tokens", "400")
    page.click("#begin")
    page.wait_for_selector(f"{continuing} .continuation:has-text('of the people')")
    assert page.is_enabled("#halt")
    page.click("#halt")
    stopped = page.inner_text(f"{continuing} .continuation")
    page.wait_for_timeout(200)
    assert page.inner_text(f"{continuing} .continuation") == stopped
    assert page.inner_text(f"{continuing} .readout") == "stopped"
    page.fill("#prompt", "It breaks")
    page.click("#begin")
    page.wait_for_selector(f"{continuing} .problem")
    assert "the deadline has passed" in page.inner_text(f"{continuing} .problem")


def test_a_run_that_trains_grows_while_one_watches(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/runs").page
    curve = page.locator("#curves path").nth(1)
    before = curve.get_attribute("d")
    page.wait_for_function("old => document.querySelectorAll('#curves path')[1].getAttribute('d') !== old", arg=before)
    assert page.locator(".state.training").count() == 1
    page.get_by_role("button", name="loss").click()
    assert page.locator("th[aria-sort]").inner_text() == "loss ↑"


def test_an_emoji_does_not_move_what_is_drawn_on_words(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify").page
    page.fill("#text", "😀😀 fine film")
    page.wait_for_selector(f"{FIRST} .word:text-is('fine')")
