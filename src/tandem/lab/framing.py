"""Whether a text can be read at all."""

import re

from tandem.core.errors import DataError

HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def check_words(text: str) -> None:
    """Refuses a text that a person gave and that is none.

    Raises:
        DataError: it is empty, or white space.
    """
    if not text.strip():
        raise DataError("there is no word in the text; write one")


def check_unicode(text: str) -> None:
    """Refuses what no tokenizer can read.

    Raises:
        DataError: a lone surrogate, which is what bytes of another encoding become on a command line.
    """
    if found := HALF_A_CHARACTER.search(text):
        raise DataError(
            f"character {found.start() + 1} of the text is half of one (a lone surrogate); write it in UTF-8"
        )
