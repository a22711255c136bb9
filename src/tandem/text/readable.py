"""Text from data, made safe and short for a line of a terminal."""

import re

SPACES = re.compile(r"[ \t\r\n]+")


def unobeyed(text: str) -> str:
    r"""`text` with what a terminal would obey, line ends too, written out.

    >>> unobeyed("one \x1b[31mtwo")
    'one \\x1b[31mtwo'
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def readable(text: str, *, width: int = 100) -> str:
    r"""`text` on one line of at most `width` characters; what a terminal would obey is written out.

    >>> readable("one\n\x1b[31mtwo")
    'one \\x1b[31mtwo'
    """
    # Of a text of megabytes only its beginning is looked at; an escape is longer than the character it stands for.
    start = SPACES.sub(" ", text[: 2 * width]).strip(" ")
    safe = unobeyed(start)
    return safe if len(safe) <= width and len(text) <= 2 * width else f"{safe[: width - 1].rstrip()}…"
