"""What is wrong with what is written: empty rows, damaged encodings, left-over markup."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from tandem.lab.data_checks.finding import SHOWN, Finding, Place, Rows, Shown, found, show
from tandem.text.example import Example

# What stands for the bytes 0x80 to 0xBF, with which UTF-8 goes on, in Latin-1 and in Windows-1252.
GOES_ON = f"[\x80-\xbf{bytes(range(0x80, 0xA0)).decode('cp1252', errors='ignore')}]"
# Only leads that stand for Latin, Cyrillic, dashes and emoji: an ß or É in front of a quotation mark is no damage.
MOJIBAKE = f"[ÂÃ]{GOES_ON}|â{GOES_ON}{{2}}|(?:[ÐÑ]{GOES_ON}){{2}}|ð[\x9fŸ]{GOES_ON}{{2}}|ï»¿"


@dataclass(frozen=True)
class Trouble:
    """A sort of trouble: `spot` finds the first place of it in a text, as it is written there."""

    check: str
    title: str
    spot: Callable[[str], str | None]
    advice: str
    only_beyond_ascii: bool = True


def _first(pattern: str) -> Callable[[str], str | None]:
    search = re.compile(pattern).search

    def spot(text: str) -> str | None:
        return match.group() if (match := search(text)) else None

    return spot


def _unnormalised(text: str) -> str | None:
    if unicodedata.is_normalized("NFC", text):
        return None
    words = (word for word in text.split() if not unicodedata.is_normalized("NFC", word))
    return next(words, text[:20])


TROUBLES = (
    Trouble(
        "replacement-characters", "rows with the replacement character U+FFFD", _first("\ufffd"),
        "Text was lost when it was read in a wrong encoding; read the source again in the right one.",
    ),
    Trouble(
        "mojibake", 'rows in which UTF-8 was read as another encoding, such as "Ã©" for "é"',
        _first(MOJIBAKE),
        "Encode the text as Windows-1252 and decode it as UTF-8, or use the package ftfy.",
    ),
    Trouble(
        "surrogates", "rows with halves of a character (lone surrogates)", _first("[\ud800-\udfff]"),
        "They cannot be written as UTF-8; repair the JSON or UTF-16 that they come from.",
    ),
    Trouble(
        "control-characters", "rows with control or invisible characters",
        _first("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]"),
        "Remove them. U+0080 to U+009F are mostly Windows-1252 punctuation that was read as Latin-1.",
        only_beyond_ascii=False,
    ),
    Trouble(
        "unnormalised", "rows whose accents are written in two ways (not in Unicode's form NFC)", _unnormalised,
        'Equal words become different tokens; use unicodedata.normalize("NFC", text).',
    ),
    Trouble(
        "markup", "rows with remains of HTML",
        _first(
            r"(?i)</?(?:br|p|b|i|u|a|em|strong|div|span|li|ul|ol|td|tr|table|h[1-6]|hr|img|font|sup|sub|pre|code)\b[^<>]*>"
            r"|&(?:[a-z]{2,6}|#x?[0-9a-f]{2,5});|\B#\d{2,4};"
        ),
        "It takes the place of words; remove it with html.unescape and a parser, for train and test alike.",
        only_beyond_ascii=False,
    ),
)  # fmt: skip


def writing(rows: Rows) -> list[Finding]:
    """Rows with each sort of trouble, each shown by the first place in the row."""
    spotted: dict[str, dict[Place, str]] = {trouble.check: {} for trouble in TROUBLES}
    total = 0
    for place, example in rows.each():
        total += 1
        for check, spot in _spots(example):
            spotted[check][place] = spot
    findings = []
    for trouble in TROUBLES:
        places = spotted[trouble.check]
        findings += found(rows, trouble.check, trouble.title, places, total=total, advice=trouble.advice)
    return findings


def empty(rows: Rows) -> list[Finding]:
    """Rows without text, of those that were read and of those that are no examples for that reason."""
    findings = []
    for split, examples in rows.splits.items():
        shown = [
            show(rows, (split, row), "")
            for row, example in enumerate(examples)
            if not example.text.strip() or (example.second is not None and not example.second.strip())
        ]
        left_out = rows.without_text.get(split, [])
        shown += [Shown(split, None, place, "", "left out") for place in left_out]
        if shown:
            title, advice = f"rows of {split} without text", "Remove them: there is nothing to read."
            total = len(examples) + len(left_out)
            findings.append(Finding("empty", title, len(shown), total, advice, tuple(shown[:SHOWN])))
    return findings


def _spots(example: Example) -> list[tuple[str, str]]:
    """Each sort of trouble in the example, with its first place."""
    text = example.text if example.second is None else f"{example.text}\n{example.second}"
    ascii_only = text.isascii()
    spots = []
    for trouble in TROUBLES:
        if not (ascii_only and trouble.only_beyond_ascii) and (spot := trouble.spot(text)) is not None:
            spots.append((trouble.check, spot))
    return spots
