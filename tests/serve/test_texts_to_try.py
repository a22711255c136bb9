"""The texts to try on the page of translations are of the kind that its models have learnt to translate."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tandem.serve.pages import mount_pages


@pytest.mark.parametrize(
    ("corpora", "sentences", "dates"),
    [((), False, True), ({"dates"}, False, True), ({"multi30k"}, True, False), ({"dates", "multi30k"}, True, True)],
)
def test_texts_to_try_are_of_the_kind_that_was_learnt(corpora: set[str], sentences: bool, dates: bool) -> None:
    app = FastAPI()
    mount_pages(app, corpora)
    page = TestClient(app).get("/translate").text
    assert ("Two dogs play in the snow." in page, "Monday, 21 June 1982" in page) == (sentences, dates)
    text = page.partition("</textarea>")[0].rpartition(">")[2]
    assert text == ("Two dogs play in the snow." if sentences else "3 May 1999")
