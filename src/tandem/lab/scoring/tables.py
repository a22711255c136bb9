"""Scores as rows of a table."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from tandem.core.files import atomic_file
from tandem.lab.scoring.minimal_pairs import Paradigm, points
from tandem.lab.scoring.scored import Scored

Cell = str | int | float | None

COLUMNS = ("line", "unit", "start", "end", "text", "tokens", "log_probability")
PAIR_COLUMNS = ("paradigm", "good", "bad", "good_log_probability", "bad_log_probability", "points")


def rows(scored: Iterable[Scored]) -> Iterator[tuple[Cell, ...]]:
    """For each text a row, and below it one for each of its words, with one for each of that word's tokens.

    `unit` says which of the three a row is; `start` and `end` count characters of the line, `tokens` those that have a
    log-probability, which is in nats. A token's text is how the tokenizer writes it. An empty line keeps its row. A
    token of a text without words follows that text.
    """
    for line, text in enumerate(scored, start=1):
        yield line, "text", 0, len(text.text), text.text, text.count, text.total
        if not text.words:
            yield from (_token(line, text, number) for number in range(len(text.tokens)))
        for word in text.words:
            told = sum(text.log_probability[number] is not None for number in word.tokens)
            yield line, "word", *word.span, text.text[slice(*word.span)], told, word.log_probability
            yield from (_token(line, text, number) for number in word.tokens)


def pair_rows(paradigms: Iterable[Paradigm]) -> Iterator[tuple[Cell, ...]]:
    """A row for each pair; `points` are 1, 0, or one half for a tie."""
    for paradigm in paradigms:
        for one in paradigm.judged:
            yield paradigm.name, one.pair.good, one.pair.bad, *one.model, points(*one.model)


def _token(line: int, text: Scored, number: int) -> tuple[Cell, ...]:
    value = text.log_probability[number]
    return line, "token", *text.spans[number], text.tokens[number], int(value is not None), value


def write_csv(path: Path, columns: Iterable[str], content: Iterable[Iterable[Cell]]) -> None:
    """Writes a CSV file atomically, in UTF-8; numbers read back exactly as they are.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    with atomic_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(content)
        text.detach()
