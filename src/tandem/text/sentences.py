"""Where sentences end: rules for English prose, deterministic, no model."""

import re

_TITLES = "mr mrs ms dr prof rev hon gen col capt lt sgt maj adm gov sen rep pres st sr jr esq messrs"
_OTHERS = "mt ft no nos art sec vol vols fig figs pp ed eds cf vs viz etc al approx dept est inc ltd co corp bros"
_DOTTED = "u.s u.k u.n e.g i.e a.m p.m d.c"
_MONTHS = "jan feb mar apr jun jul aug sept oct nov dec"
_ABBREVIATIONS = frozenset(" ".join((_TITLES, _OTHERS, _DOTTED, _MONTHS)).split())
# A row of dots is entered at its first dot only and never given back: without that, 20,000 dots take 8 seconds.
_END = re.compile(r"""(?<![.!?])[.!?]++["')\]\u2019\u201d]*+(?=\s)""")
_OPENS = re.compile(r"""\s+["'(\[\u2018\u201c]*[^\W_a-z]""")
_LAST_WORD = re.compile(r"[\w.]+$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) character spans of the sentences of `text`, without the white space between them.

    A full stop, question or exclamation mark ends a sentence when white space and then a capital or a digit follows,
    in opening quotation marks or brackets or not; a full stop after an abbreviation or an initial does not.
    """
    spans, start = [], 0
    for end in _END.finditer(text):
        if not _OPENS.match(text, end.end()) or _is_abbreviation(text, end):
            continue
        spans.append((start, end.end()))
        start = end.end()
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))[0] < trimmed[1]]


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if end.group() != ".":
        return False
    last = _LAST_WORD.search(text, max(0, end.start() - 24), end.start())
    if last is None:
        return False
    word = last.group().lower()
    is_initial = len(word) == 1 and word.isalpha() and word != "i"
    return is_initial or word in _ABBREVIATIONS


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
