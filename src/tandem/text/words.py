"""Where the words of a free text are, cut as treebanks cut English."""

import re

from tandem.text.sentences import is_abbreviation

OPENING = frozenset("\"'`([{<\u201c\u2018\u00ab\u00a1\u00bf$\u00a3\u20ac")
CLOSING = frozenset("\"'`)]}>\u201d\u2019\u00bb,;:%")
STOPS = frozenset(".!?\u2026")
LONGEST_FACE = 3
_CHUNK = re.compile(r"\S+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[\w/]|[\w.+-]+@[\w.-]*\w")
_FACE = re.compile(r"[:;=8][-']?[()DPp|/\\]")
_DASH = re.compile(r"(--+|\u2014+)")
# Apostrophes that begin a word and no quotation: 's, 'll, 'em, '90s.
_APOSTROPHE = re.compile(r"['\u2019](?:s|re|ve|ll|d|m|em|tis|twas|\d\ds?)\b(?!['\u2019])", re.IGNORECASE)
_CONTRACTION = re.compile(r"(.+?)(n['\u2019]t|['\u2019](?:s|re|ve|ll|d|m))|(can)(not)", re.IGNORECASE)

Span = tuple[int, int]


def word_spans(text: str) -> list[Span]:
    """The (start, end) characters of the words of `text`, punctuation marks among them.

    Words stand between white space. From their edges brackets, quotation marks, currency and other signs are cut, each
    a word by itself; full stops, question and exclamation marks in a row are one. A full stop stays with an
    abbreviation or an initial. "don't" is `do` `n't`, "it's" is `it` `'s`, "cannot" is `can` `not`, and a long dash is
    a word. Addresses of pages and mail, and faces such as ":)", stay whole, and hyphens divide nothing.

    >>> text = "Don't ask (Mr. Hyde)!"
    >>> [text[start:end] for start, end in word_spans(text)]
    ['Do', "n't", 'ask', '(', 'Mr.', 'Hyde', ')', '!']
    """
    return [span for chunk in _CHUNK.finditer(text) for span in _words(text, *chunk.span())]


def _words(text: str, start: int, end: int) -> list[Span]:
    """The words of what stands between white space."""
    before: list[Span] = []
    behind: list[Span] = []
    while not _is_whole(text, start, end):
        if end - start > 1 and text[start] in OPENING and not _APOSTROPHE.match(text, start, end):
            before.append((start, start + 1))
            start += 1
        elif first := _mark(text, start, end):
            behind.append((first, end))
            end = first
        else:
            break
    return [*before, *_parts(text, start, end), *reversed(behind)]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether it is an address or a face; looked at only where it may be one, since marks are cut one by one."""
    if end - start <= LONGEST_FACE and _FACE.fullmatch(text, start, end):
        return True
    return (text[end - 1].isalnum() or text[end - 1] == "/") and _ADDRESS.fullmatch(text, start, end) is not None


def _mark(text: str, start: int, end: int) -> int:
    """Where the mark at the end begins; 0 where there is none, or nothing in front of it."""
    first = end
    while first > start and text[first - 1] in STOPS:
        first -= 1
    if first == end and text[end - 1] in CLOSING:
        first -= 1
    is_one_stop = first == end - 1 and text[first] == "."
    following = text[end : end + 2].lstrip()[:1]
    if is_one_stop and is_abbreviation(text[start:first], number_follows=following.isdigit()):
        return 0
    return first if start < first < end else 0


def _parts(text: str, start: int, end: int) -> list[Span]:
    """The parts of a word without marks around it: what stands beside a long dash, and contractions."""
    found: list[Span] = []
    for part in _DASH.split(text[start:end]):
        stop = start + len(part)
        if contraction := _CONTRACTION.fullmatch(part):
            middle = start + len(contraction[1] or contraction[3])
            found += [(start, middle), (middle, stop)]
        elif part:
            found.append((start, stop))
        start = stop
    return found
