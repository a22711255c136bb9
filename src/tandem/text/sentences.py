"""Where sentences end: rules for English prose, deterministic, no model."""

import re

_TITLES = "mr mrs ms dr prof rev hon messrs gen brig col capt lt lieut sgt maj adm gov sen rep pres"
_OTHERS = "mt ft vs viz cf approx esp eg ie e.g i.e"
_COUNTED = "no nos art sec vol vols ch fig figs pp ed eds"
_DATES = "jan feb mar apr jun jul aug sept oct nov dec mon tue tues wed thu thur thurs fri sat sun"
_ENDS_OF_NAMES = "st jr sr esq etc al dept est inc ltd co corp bros ave blvd rd"
_NEVER_LAST = frozenset(f"{_TITLES} {_OTHERS}".split())
# "No. 4" goes on, "I said no." does not.
_BEFORE_NUMBERS = frozenset(f"{_COUNTED} {_DATES}".split())
# These, single letters and words such as "U.S." end a sentence in front of a word that has a capital there only.
_BEFORE_STARTERS = frozenset(_ENDS_OF_NAMES.split())
_STARTERS = (
    "A|Also|After|An|And|Are|As|At|Be|Before|But|By|Can|Could|Did|Do|Does|For|From|Have|He|Her|Here|His|How|However|I|"
    "If|In|Is|It|Its|Let|My|No|Not|On|One|Or|Our|Please|She|So|Some|Thanks|That|The|Their|Then|There|These|They|This|"
    "Those|To|Was|We|Were|What|When|Where|Which|While|Who|Why|With|Would|Yes|You|Your"
)
_STARTER = re.compile(rf"(?:{_STARTERS})\b(?!\.)")
_LETTERS_WITH_STOPS = re.compile(r"(?:[^\W\d]\.)*[^\W\d]")
_OPENERS = r"\"'(\[\u2018\u2019\u201c$\u00a3\u20ac"
# Marks with the quotation marks and brackets behind them; then white space, openers and the next letter or digit. What
# was read once is never given back: with backtracking, a row of 20,000 dots took 8 seconds.
_END = re.compile(rf"""([.!?\u2026]++["')\]\u2019\u201d]*+)(?:(\s++)[{_OPENERS}]*+([^\W_]))?""")
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_WORD_BEFORE = 24


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) character spans of the sentences of `text`, without the white space between them.

    A blank line ends a sentence. So does a full stop, a question or exclamation mark or an ellipsis when white space
    and then a capital or a digit follows, in opening quotation marks or brackets or not, or a bracket with a small
    letter. A full stop after an abbreviation or an initial ends one only before a word such as "The", and the number of
    a list entry belongs to the entry.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for blank in _BLANK_LINE.finditer(text):
        _add_sentences(spans, text, start, blank.start())
        start = blank.end()
    _add_sentences(spans, text, start, len(text))
    return spans


def is_abbreviation(word: str, *, number_follows: bool) -> bool:
    """Whether a full stop behind `word` belongs to it: "Mr", "Inc", "U.S", an initial; "No" and "Jan" before a number.

    >>> [is_abbreviation(word, number_follows=False) for word in ("Mr", "U.S", "J", "no", "house")]
    [True, True, True, False, False]
    """
    word = word.lower()
    known = word in _NEVER_LAST or word in _BEFORE_STARTERS or (word in _BEFORE_NUMBERS and number_follows)
    return known or (word != "i" and _LETTERS_WITH_STOPS.fullmatch(word) is not None)


def _add_sentences(spans: list[tuple[int, int]], text: str, start: int, stop: int) -> None:
    while start < stop and text[start].isspace():
        start += 1
    while start < stop and text[stop - 1].isspace():
        stop -= 1
    for end in _END.finditer(text, start, stop):
        following = end.start(3)
        if following < 0 or (text[following].islower() and text[following - 1] != "("):
            continue
        if text[end.start() : end.end(1)] == "." and not _full_stop_ends(text, start, end.start(), following):
            continue
        spans.append((start, end.end(1)))
        start = end.end(2)
    if start < stop:
        spans.append((start, stop))


def _full_stop_ends(text: str, start: int, stop: int, following: int) -> bool:
    """Whether the full stop at `stop`, in the sentence from `start` on, ends it before the letter at `following`."""
    words = text[max(start, stop - _WORD_BEFORE) : stop].split()
    word = words[-1].lstrip("\"'([\u2018\u201c-\u2013\u2014/").lower() if words else ""
    if word in _NEVER_LAST or (len(words) == 1 and len(word) < 4 and word.isdigit()):
        return False
    if word in _BEFORE_NUMBERS:
        return not text[following].isdigit()
    if word in _BEFORE_STARTERS or (word != "i" and _LETTERS_WITH_STOPS.fullmatch(word)):
        return _STARTER.match(text, following) is not None
    return True
