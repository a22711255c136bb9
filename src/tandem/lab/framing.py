"""Whether a text can be read at all."""

import re

from tandem.core.errors import DataError

HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def check_unicode(text: str) -> None:
    """Refuses what no tokenizer can read.

    Raises:
        DataError: a lone surrogate, which is what bytes of another encoding become on a command line.
    """
    if found := HALF_A_CHARACTER.search(text):
        raise DataError(
            f"character {found.start() + 1} of the text is half of one (a lone surrogate); write it in UTF-8"
        )
