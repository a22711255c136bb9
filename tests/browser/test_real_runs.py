"""The main path of every page, from the field to the answer of a model that has just been trained."""

from serving import RUNS
from visits import Opened

FIRST = ".panels .panel:first-child"


def test_two_sentences_get_their_three_bars_and_another_pair_others(visit: Opened, real: str) -> None:
    page = visit(f"{real}/").page
    page.wait_for_selector(f"{FIRST} .bar")
    assert page.locator(f"{FIRST} .bar").count() == 3
    shares = [float(share.removesuffix(" %")) for share in page.locator(f"{FIRST} .number").all_inner_texts()]
    assert abs(sum(shares) - 100) < 0.3
    page.click(".chip >> nth=1")
    page.wait_for_selector(f"{FIRST} .words >> nth=1")
    page.wait_for_selector(f"{FIRST} .word:text-is('poodles')")
    page.wait_for_selector(f"{FIRST} .together text:text-is('poodles')")
    assert page.locator(f"{FIRST} .together text").count() == 3 + 3


def test_a_gap_is_filled_and_a_text_goes_on(visit: Opened, real: str) -> None:
    page = visit(f"{real}/fill").page
    page.fill("#gap", "After spring comes [MASK].")
    page.wait_for_selector(f"[data-needs='fill-mask'] {FIRST} .bar >> nth=4")
    page.fill("#prompt", "After spring")
    page.fill("#tokens", "6")
    page.click("#begin")
    page.wait_for_selector("[data-needs='generate'] .readout:has-text('tokens in')")
    assert page.locator("[data-needs='generate'] .continuation").first.inner_text().startswith("After spring")


def test_a_text_is_classified_and_its_words_are_tagged(visit: Opened, real: str) -> None:
    page = visit(f"{real}/classify").page
    page.fill("#text", "1 0 1 1")
    page.wait_for_selector(f"[data-needs='classify'] {FIRST} .word:text-is('0')")
    assert page.locator(f"[data-needs='classify'] {FIRST} .word").count() == 4
    assert page.locator(f"[data-needs='classify'] {FIRST} .bar").count() == 2
    page.wait_for_selector(f"[data-needs='tag'] {FIRST} .tagged small")


def test_a_word_of_a_translation_shows_what_it_was_told_from(visit: Opened, real: str) -> None:
    page = visit(f"{real}/translate").page
    page.fill("#text", "a b c")
    page.wait_for_selector(f"{FIRST} button.word")
    page.locator(f"{FIRST} button.word").first.focus()
    assert page.locator(f"{FIRST} .row-mark").get_attribute("visibility") == "visible"
    shares = page.locator(f"{FIRST} span.word").evaluate_all(
        "all => all.map((one) => Number(one.style.getPropertyValue('--share')))"
    )
    assert 0 < sum(shares) <= 1.001


def test_one_sentence_is_looked_at_in_every_way(visit: Opened, real: str) -> None:
    page = visit(f"{real}/look").page
    page.fill("#text", "After spring comes summer.")
    page.wait_for_selector(f"[data-needs='score'] {FIRST} .columns b:has-text('summer')")
    page.wait_for_selector(f"[data-needs='influence'] {FIRST} svg")
    page.wait_for_selector(f"[data-needs='attention'] {FIRST} .heads button[aria-pressed='true']")
    for place in (1, 3):
        # A masked and a causal model.
        page.wait_for_selector(f"[data-needs='next'] .panel:nth-child({place}):not([aria-busy]) .guesses span >> nth=3")
    page.wait_for_selector(f"[data-needs='classify'] {FIRST} path.curve")


def test_every_run_has_its_row_and_its_report(visit: Opened, real: str) -> None:
    page = visit(f"{real}/runs").page
    page.wait_for_selector("#table tbody tr")
    # Those, and the one that translates.
    assert page.locator("#table tbody tr").count() == len(RUNS) + 1
    page.get_by_role("link", name="mlm").click()
    page.wait_for_selector("#report .empty:has-text('no card')")
    assert "attention | lstm" in page.inner_text("#report .facts")
    page.locator("#report .figure path.curve").first.wait_for()
