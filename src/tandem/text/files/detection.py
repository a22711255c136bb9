"""Which columns of a table hold the text and what there is to learn about it: told by the user, or found out."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tandem.core.errors import DataError, UsageError, suggestion
from tandem.text.columns import Columns
from tandem.text.files.known_columns import LABELS, LANGUAGES, PAIRS, SCORES, TAGS, TEXTS, TRANSLATIONS, WORDS

NONE = "none"
ROLES = ("text", "second", "label", "score", "tags")
CLEARLY_LONGER = 1.5
FEW_CLASSES = 20


class _Sample:
    """The first rows of a table, and what its columns look like in them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], where: str, text_option: str) -> None:
        self.rows, self.where, self.text_option = rows, where, text_option
        self.names = list(dict.fromkeys(name for row in rows for name in row))
        self.spoken = {re.sub(r"[\s-]+", "_", name.strip().lower()): name for name in reversed(self.names)}

    def values(self, name: str) -> list[Any]:
        """What is in a column, without what is empty."""
        return [value for row in self.rows if (value := row.get(name)) not in (None, "")]

    def is_text(self, name: str) -> bool:
        """Whether a column holds text: letters in at least half of the rows."""
        values = self.values(name)
        spoken = sum(isinstance(value, str) and any(map(str.isalpha, value)) for value in values)
        return bool(values) and 2 * spoken >= len(values)

    def length(self, name: str) -> float:
        """The mean number of characters in a column of text."""
        written = [len(value) for value in self.values(name) if isinstance(value, str)]
        return sum(written) / len(written)

    def known(self, names: Iterable[str], but: Iterable[str | None] = ()) -> str | None:
        """The column with the first of these names; none of `but`."""
        found = (self.spoken.get(name) for name in names)
        return next((name for name in found if name is not None and name not in tuple(but)), None)

    def known_text(self, names: Iterable[str], but: Iterable[str | None] = ()) -> str | None:
        """The same among columns that hold text."""
        return self.known((name for name in names if self.is_text(self.spoken.get(name, ""))), but)

    def known_pair(self, pairs: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
        """The two columns with the names of the first of `pairs` of which both hold text."""
        found = ((self.known_text([first]), self.known_text([second])) for first, second in pairs)
        return next(((first, second) for first, second in found if first and second), None)

    def languages(self) -> tuple[str, str] | None:
        """The columns called by codes of languages, where there are two."""
        found = [name for name in self.names if name.strip().lower() in LANGUAGES and self.is_text(name)]
        return (found[0], found[1]) if len(found) == 2 else None

    def is_fractional(self, name: str) -> bool:
        """Whether a column holds numbers, some with decimals."""
        try:
            numbers = [float(value) for value in self.values(name)]
        except (TypeError, ValueError, OverflowError):
            return False
        return any(math.isfinite(number) and not number.is_integer() for number in numbers)

    def repeats(self, name: str) -> bool:
        """Whether a column holds a few values again and again."""
        values = self.values(name)
        if not all(isinstance(value, str | int) for value in values):
            return False
        return 2 <= len(set(values)) <= FEW_CLASSES and len(values) >= 3 * len(set(values))


def columns_of(
    rows: Sequence[Mapping[str, Any]], wanted: Mapping[str, str], *, where: str,
    classes: Mapping[str, tuple[str, ...]], text_option: str = 'corpus.text = "{}"',
) -> Columns:  # fmt: skip
    """The columns to read, by the first rows of a table; docs/your-own-data.md states the rules.

    `wanted` holds the names that the user gave, by role; `none` for a role that is not to be read. `classes` are the
    names that the file itself gives to the numbers in a column; `text_option` is how the user names that
    of the text.

    Raises:
        UsageError: no column of a name, or more than one could hold the text. DataError: none could.
    """
    sample = _Sample(rows, where, text_option)
    given = {role: name for role, name in wanted.items() if name != NONE}
    for role, name in given.items():
        if name not in sample.names:
            raise UsageError(f'{where}: corpus.{role} = "{name}": no such column{suggestion(name, sample.names)}')
    if len(told := [role for role in ("label", "score", "tags") if role in given]) > 1:
        raise UsageError(f"{where}: corpus.{told[0]} and corpus.{told[1]}: one thing is learnt at a time; give one")
    if tagged := _tagged(sample, given, wanted):
        return Columns(tagged[0], tags=tagged[1], labels=classes.get(tagged[1], ()))
    text, second = _texts(sample, given)
    label, score = _target(sample, given, wanted, text, second)
    return Columns(text, second, label, score, labels=classes.get(label or "", ()))


def _tagged(sample: _Sample, given: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[str, str] | None:
    """The column of the words, and that of their tags."""
    words = sample.known(WORDS)
    if "tags" in given:
        return given.get("text") or words or _text(sample, [given["tags"]]), given["tags"]
    if {"second", "label", "score"} & set(given) or wanted.get("tags") == NONE or given.get("text", words) != words:
        return None
    tags = sample.known(TAGS)
    return (words, tags) if words and tags else None


def _texts(sample: _Sample, given: Mapping[str, str]) -> tuple[str, str | None]:
    """The column of the text, and that of the second."""
    told = [given[role] for role in ("label", "score") if role in given]
    if "text" in given or "second" in given:
        return given.get("text") or _text(sample, [*told, given["second"]]), given.get("second")
    if pair := sample.known_pair(PAIRS):
        return pair
    if not told and not sample.known_text(TEXTS) and (pair := sample.known_pair(TRANSLATIONS) or sample.languages()):
        return pair
    return _text(sample, told), None


def _text(sample: _Sample, taken: Sequence[str | None]) -> str:
    """The column of a known name, else the one with clearly the longest texts; none of `taken`."""
    if known := sample.known_text(TEXTS, but=taken):
        return known
    label = sample.known(LABELS)
    texts = [name for name in sample.names if sample.is_text(name) and name not in taken and name != label]
    texts.sort(key=sample.length, reverse=True)
    listed = ", ".join(sample.names)
    if not texts:
        raise DataError(
            f"{sample.where}: no column holds text (columns: {listed}); if one does, name it: "
            + sample.text_option.format("COLUMN")
        )
    if len(texts) > 1 and sample.length(texts[0]) < CLEARLY_LONGER * sample.length(texts[1]):
        raise UsageError(
            f"{sample.where}: {texts[0]} or {texts[1]} could be the text; name a column: "
            f"{sample.text_option.format(texts[0])} (columns: {listed})"
        )
    return texts[0]


def _target(
    sample: _Sample, given: Mapping[str, str], wanted: Mapping[str, str], text: str, second: str | None
) -> tuple[str | None, str | None]:
    """The column of the class, or that of the score."""
    if "score" in given and second is None:
        raise UsageError(f"{sample.where}: a score is how alike two texts are; name the other: corpus.second = COLUMN")
    if "label" in given or "score" in given:
        return given.get("label"), given.get("score")
    taken = (text, second)
    label = None if wanted.get("label") == NONE else sample.known(LABELS, but=taken)
    score = None if wanted.get("score") == NONE else sample.known(SCORES, but=taken)
    if second is None:
        if label is None and wanted.get("label") != NONE:
            # Of one text, a score without decimals is a class, such as one to five stars.
            label = score if score and not sample.is_fractional(score) else _repeating(sample, taken)
        return label, None
    if label and wanted.get("score") != NONE and sample.is_fractional(label):
        return None, label
    return label, None if label else score


def _repeating(sample: _Sample, taken: Sequence[str | None]) -> str | None:
    """The one column that holds a few values again and again."""
    found = [name for name in sample.names if name not in taken and sample.repeats(name)]
    return found[0] if len(found) == 1 else None
