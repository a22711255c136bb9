"""Questions that overtake each other, answers that break off, servers that are full or closed."""

from collections.abc import Iterator

import pytest
from fake_api import fake_api
from visits import Opened, served

FIRST = ".panels .panel:first-child"
GOING = f"[data-needs='generate'] {FIRST}"
QUIET = "() => !document.querySelector('[aria-busy]')"


@pytest.fixture(scope="module")
def stopped() -> Iterator[str]:
    """A server beside which a run has stopped, and none trains."""
    with served(fake_api(tuple(f"run-{number:02}" for number in range(20)), state="stopped")) as address:
        yield address


def test_an_example_that_overtakes_a_stream_can_itself_be_stopped(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/fill").page
    page.fill("#tokens", "300")
    page.click("#begin")
    page.wait_for_selector(f"{GOING} .continuation:has-text('of the people')")
    page.get_by_role("button", name="Every spring").click()
    page.wait_for_selector(f"{GOING} .continuation:has-text('Every spring of the')")
    assert page.is_enabled("#halt")
    assert page.is_disabled("#begin")
    page.click("#halt")
    page.wait_for_selector(f"{GOING} .readout:text-is('stopped')")
    assert page.is_enabled("#begin")


def test_words_that_arrive_are_not_dimmed(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/fill").page
    page.fill("#tokens", "300")
    page.click("#begin")
    page.wait_for_selector(f"{GOING}[aria-busy] .continuation:has-text('of the')")
    dims = (
        "(text) => { let sum = 1; for (let one = document.querySelector(text); one; one = one.parentElement)"
        " sum *= getComputedStyle(one).opacity; return sum; }"
    )
    assert page.evaluate(dims, f"{GOING} .continuation") == 1


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("It vanishes", "ended in the middle"),
        ("It is dropped", "ended in the middle"),
        ("It breaks", "deadline has passed"),
    ],
)
def test_a_text_that_breaks_off_stays_and_one_model_can_be_asked_again(
    prompt: str, says: str, visit: Opened, fake: str
) -> None:
    page = visit(f"{fake}/fill", fails=True).page
    page.fill("#prompt", prompt)
    page.click("#begin")
    page.wait_for_selector(f"{GOING} .problem")
    assert says in page.inner_text(f"{GOING} .problem")
    assert f"{prompt} of the people" in page.inner_text(f"{GOING} .continuation")
    page.wait_for_function(QUIET)
    assert "attention: no answer. " in page.locator("[data-needs='generate'] .told").text_content()
    page.fill("#prompt", "It goes on")
    page.locator(f"{GOING} .problem button").click()
    page.wait_for_function(QUIET)
    assert page.locator("[data-needs='generate'] .problem").count() == 3


def test_a_setting_that_cannot_be_is_not_asked(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/fill").page
    asked = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/generate") else None)
    page.fill("#tokens", "99999")
    page.get_by_role("button", name="Every spring").click()
    assert not page.evaluate("document.querySelector('#tokens').validity.valid")
    page.goto(f"{fake}/translate")
    page.wait_for_selector(f"{FIRST} .translation")
    page.fill("#beam", "")
    page.wait_for_selector(f"{FIRST} .empty:has-text('Beam')")
    assert asked == []


def test_influence_is_drawn_for_the_last_question_only(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/look").page
    labels = f"[data-needs='influence'] {FIRST} .map text"
    page.wait_for_function(QUIET)
    page.fill("#text", "slow and old")
    page.wait_for_selector(f"[data-needs='influence'] {FIRST}[aria-busy]")
    page.fill("#text", "quick and new")
    page.wait_for_selector(f"{labels} >> text=quick")
    page.wait_for_timeout(900)
    assert "slow" not in page.locator(labels).all_text_contents()


def test_a_full_server_is_asked_again_when_it_said(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/classify", fails=True).page
    page.wait_for_selector(f"{FIRST} .bar")
    page.fill("#text", "a crowded film")
    page.wait_for_selector(f"{FIRST} .problem:has-text('In 1 s it is asked again.')")
    page.wait_for_selector(f"{FIRST} .word:text-is('crowded')")


@pytest.mark.parametrize(("name", "places"), [("classify", 2), ("look", 5), ("fill", 1)])
def test_each_board_tells_its_own_error_and_goes_on(name: str, places: int, visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/{name}", fails=True).page
    page.wait_for_function(QUIET)
    page.locator("textarea").first.fill("wrong [MASK]")
    page.wait_for_function(f"() => document.querySelectorAll('{FIRST} .problem').length === {places}")
    assert "write another sentence" in page.inner_text(f"{FIRST} .problem >> nth=0")
    page.locator("textarea").first.fill("right [MASK]")
    page.wait_for_function("() => !document.querySelector('.problem')")


def test_runs_that_cannot_be_read_are_asked_for_again(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree", fails=True).page
    page.route("**/api/v1/runs", lambda route: route.fulfill(status=500, body="{}"))
    page.goto(f"{fake}/runs")
    page.wait_for_selector("#trouble .problem")
    assert "cannot be read" in page.locator("#news").text_content()
    page.unroute("**/api/v1/runs")
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_selector("#table tbody tr")
    assert page.locator("#trouble .problem").count() == 0
    page.goto(f"{fake}/report?run=nobody")
    page.wait_for_selector("#report .problem")


def test_ghosts_stand_where_answers_will_be(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/fill", fails=True).page
    waiting = []
    page.route("**/api/v1/models", lambda route: waiting.append(route))
    page.goto(f"{fake}/classify")
    page.wait_for_function("() => document.querySelectorAll('.ghost').length === 12")
    assert page.locator(".panels[aria-busy]").count() == 2
    page.wait_for_timeout(100)
    for route in waiting:
        route.abort()
    page.wait_for_selector(".problem")
    page.unroute("**/api/v1/models")
    page.get_by_role("button", name="Ask again").first.click()
    page.wait_for_selector(f"{FIRST} .bar")


def test_one_form_asks_for_the_token_and_says_when_it_is_wrong(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree", fails=True).page
    refusal = '{"title": "No access", "status": 401, "detail": "no token", "fix": ""}'

    def guarded(route: object) -> None:
        known = route.request.headers.get("authorization") == "Bearer open"
        route.fallback() if known else route.fulfill(status=401, body=refusal, content_type="application/problem+json")

    page.route("**/api/**", guarded)
    page.goto(f"{fake}/look")
    page.wait_for_function("() => document.querySelectorAll('.problem').length === 5")
    assert page.locator("#token").count() == 1
    for wrong in ("closed", "<img src=x onerror=alert(1)>", "\u2028zu"):
        page.fill("#token", wrong)
        page.get_by_role("button", name="Enter").click()
        page.wait_for_selector("[role=alert]:text-is('The server was started with another token.')")
        page.evaluate("document.querySelector('[role=alert]').textContent = ''")
    page.fill("#token", "open")
    page.get_by_role("button", name="Enter").click()
    page.wait_for_selector(f"{FIRST} .columns")


def test_the_table_stays_alive_under_the_focus(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/runs").page
    page.wait_for_selector("#table tbody tr")
    page.get_by_role("link", name="lstm").focus()
    row = page.locator("#table tbody tr").nth(2)
    before = row.inner_text()
    page.wait_for_function("(old) => document.querySelectorAll('#table tbody tr')[2].innerText !== old", arg=before)
    assert page.evaluate("document.activeElement.textContent") == "lstm"
    assert "BLEU" in page.inner_text("#table thead")
    assert "count" not in page.inner_text("#table thead")
    assert "31.250" in page.inner_text("#table")


def test_twenty_runs_are_told_apart_and_not_asked_for_when_none_trains(visit: Opened, stopped: str) -> None:
    page = visit(f"{stopped}/runs").page
    asked = []
    page.on("request", lambda one: asked.append(one.url))
    page.wait_for_selector("#table tbody tr")
    styles = page.eval_on_selector_all(
        "#table .swatch line",
        "all => all.map((one) => one.getAttribute('class') + one.getAttribute('stroke-dasharray'))",
    )
    assert len(set(styles)) == 20
    assert page.locator(".state.stopped").count() == 1
    page.wait_for_timeout(2500)
    assert [one for one in asked if one.endswith("/runs")] == []


def test_losses_of_two_units_never_share_an_axis(visit: Opened, fake: str) -> None:
    page = visit(f"{fake}/agree").page

    def other(route: object) -> None:
        answer = route.fetch()
        content = answer.json()
        content["runs"][2] |= {"task": "classify", "unit": "nats per text"}
        route.fulfill(response=answer, json=content)

    page.route("**/api/v1/runs", other)
    page.goto(f"{fake}/runs")
    page.wait_for_selector("#curves path")
    assert page.locator("#curves path").count() == 2
    page.get_by_label("classify: nats per text").check()
    assert page.locator("#curves path").count() == 1
    with page.expect_response("**/api/v1/runs"), page.expect_response("**/api/v1/runs"):
        page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.value") == "classify: nats per text"
    assert "hybrid" in page.locator("#curves").get_attribute("aria-label")
