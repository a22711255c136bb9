"""How a single text stands before a model: whole Unicode, and the special tokens around it."""

import re
from dataclasses import dataclass

from tandem.core.errors import DataError
from tandem.objectives.base import Objective
from tandem.objectives.siamese import Siamese

HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Frame:
    """The ids in front of a text and those behind it."""

    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()

    def around(self, ids: list[int]) -> list[int]:
        """`ids` as the model reads them."""
        return [*self.before, *ids, *self.behind]


def frame_of(objective: Objective) -> Frame:
    """What the models of `objective` find around a text that stands alone.

    What a pair of texts has around each, where both are read apart; `[CLS] text [SEP]` where sequences hold two texts,
    as BERT reads a single one; `[CLS]` in front of what is continued token by token; else nothing, since the model has
    learnt from running text.
    """
    tokenizer = objective.tokenizer
    if isinstance(objective, Siamese):
        return Frame(objective.form.before, objective.form.behind)
    if objective.segments:
        return Frame((tokenizer.cls_id,), (tokenizer.sep_id,))
    if objective.asks == "next":
        return Frame((tokenizer.cls_id,))
    return Frame()


def check_unicode(text: str) -> None:
    """Refuses what no tokenizer can read.

    Raises:
        DataError: a lone surrogate, which is what bytes of another encoding become on a command line.
    """
    if found := HALF_A_CHARACTER.search(text):
        raise DataError(
            f"character {found.start() + 1} of the text is half of one (a lone surrogate); write it in UTF-8"
        )
