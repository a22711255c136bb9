"""Articles of Wikipedia, the usual text of language models."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Literal

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable
from tandem.text.splits import share
from tandem.text.tokenizers.tokens import UNKNOWN

TITLE = re.compile(r"= [^=].* =")
HEADING = re.compile(r"= = .* = =")
RARE = "<unk>"


class Wikitext(Corpus):
    """Good articles: `size` 2 has 600 of them and 2.1 million words, 103 has 28,475 and 103 million.

    An example is a paragraph, a document an article. Without `raw` the text is split into words, and rare ones,
    published as `<unk>`, are the unknown token. Titles and section headings are no sentences and are left out;
    `headings` reads them too. `limit` takes the first so many lines of the train split.
    """

    title = "WikiText"
    licence = "CC BY-SA 3.0 and GFDL"
    citation = "Merity, Xiong, Bradbury and Socher 2016, Pointer sentinel mixture models"
    source = "hub"
    identifier = "Salesforce/wikitext"
    rows = {"train": 36_718, "validation": 3_760, "test": 4_358}
    kind = "text"
    table = PublicTable(identifier, Columns("text"), config="wikitext-2-v1")

    def __init__(
        self,
        *,
        size: Literal["2", "103"] = "2",
        raw: bool = False,
        headings: bool = False,
        limit: Limit = None,
    ) -> None:
        self.table = replace(self.table, config=f"wikitext-{size}-{'raw-' if raw else ''}v1")
        self.headings, self.limit = headings, limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        stored, shares = self.table.source(split)
        article, belongs = 0, False
        for line, begins in _lines(self._texts(stored)):
            if begins:
                article, belongs = article + 1, share(line) in shares
            is_heading = begins or HEADING.fullmatch(line)
            if belongs and (self.headings or not is_heading):
                yield Example(line, f"{stored}-{article}")

    def notes(self) -> list[str]:
        left_out = "titles and headings are left out (headings = true reads them, as published perplexities do)"
        return [*super().notes(), *([] if self.headings else [left_out])]

    def _texts(self, stored: str) -> Iterator[str]:
        for index, row in enumerate(self.table.rows(stored)):
            if stored == "train" and index == self.limit:
                return
            yield self.table.columns.reading(row.cells, where=row.place).replace(RARE, UNKNOWN)


def _lines(texts: Iterator[str]) -> Iterator[tuple[str, bool]]:
    """The lines that are not empty, and whether an article begins with one.

    A title stands alone between empty lines: 29 lines of tables in WikiText-2 look like one and do not.
    """
    before, here = "", next(texts, "")
    for after in chain(texts, [""]):
        if here:
            yield here, not before and not after and TITLE.fullmatch(here) is not None
        before, here = here, after
