"""Captions of photographs in English and German."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class Multi30k(Corpus):
    """A caption and its translation, in the `direction` `en-de` or `de-en`; the test split is the one of 2016.

    `limit` takes the first so many training rows.
    """

    title = "Multi30k, English and German"
    licence = "not stated; translations of Flickr30k captions, for research"
    citation = "Elliott, Frank, Sima'an and Specia 2016, Multi30K: multilingual English-German image descriptions"
    source = "hub"
    identifier = "bentrevett/multi30k"
    rows = {"train": 29_000, "validation": 1_014, "test": 1_000}
    kind = "translation"
    table = PublicTable(identifier, Columns("en", second="de"))

    def __init__(self, *, direction: Literal["en-de", "de-en"] = "en-de", limit: Limit = None) -> None:
        first, second = direction.split("-")
        self.table = replace(self.table, columns=Columns(first, second=second))
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
