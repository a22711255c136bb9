"""Rows that occur more than once: within a split, in two splits, or nearly."""

import numpy as np

from tandem.core.choices import CorpusKind
from tandem.lab.data_checks.finding import Finding, Place, Rows, found
from tandem.metrics.resemblance import most_alike, resemblance, runs, sketch
from tandem.text.example import Example, Target

NEARLY = 0.8
# A sketch of 64 numbers is off by 0.05 (one standard deviation) at a share of 0.8.
WORTH_COMPARING = 0.6
SHARED_FIRST: tuple[CorpusKind, ...] = ("pair", "score", "translation")

Row = tuple[str, str | None]


def copies(rows: Rows) -> list[Finding]:
    """Rows of a split that repeat an earlier row of it, and rows that are in an earlier split, letter for letter."""
    findings = []
    earlier: dict[str, dict[Row, int]] = {}
    for split, examples in rows.splits.items():
        first: dict[Row, int] = {}
        notes: dict[Place, str] = {}
        across: dict[str, dict[Place, str]] = {other: {} for other in earlier}
        for row, example in enumerate(examples):
            key = (example.text, example.second)
            if (before := first.setdefault(key, row)) != row:
                notes[split, row] = f"as row {before}"
            for other, known in earlier.items():
                if key in known:
                    across[other][split, row] = f"as {other} row {known[key]}"
        findings += found(
            rows, "copies", f"rows of {split} that repeat an earlier row of it", notes, total=len(examples),
            advice="Each copy counts again in training and in scores; keep one of them.",
        )  # fmt: skip
        for other, places in across.items():
            findings += found(
                rows, "copies-across", f"rows of {split} that are in {other} too, letter for letter", places,
                total=len(examples),
                advice=f"A score on them measures memory; remove them from {other}, or say so beside the score.",
            )  # fmt: skip
        earlier[split] = first
    return findings


def disagreements(rows: Rows) -> list[Finding]:
    """Rows with the same text as an earlier one, and another target."""
    first: dict[Row, tuple[Place, Example]] = {}
    notes: dict[Place, str] = {}
    total = 0
    for place, example in rows.each():
        if example.target is None:
            continue
        total += 1
        (split, row), before = first.setdefault((example.text, example.second), (place, example))
        if before.target != example.target:
            notes[place] = f"{_said(example.target)}, and {_said(before.target)} in {split} row {row}"
    return found(
        rows, "disagreements", "rows that repeat a text with another target", notes, total=total,
        advice="No model can be right on both; decide for one of them, or leave both out.",
    )  # fmt: skip


def near_copies(rows: Rows) -> list[Finding]:
    """Rows of a held-out split that differ from a row of train in little: they share 80 % of their runs of words."""
    train = rows.splits.get("train", [])
    if not train or not rows.held_out:
        return []
    known = np.stack([sketch(runs(_whole(example))) for example in train])
    letters = {(example.text, example.second) for example in train}
    findings = []
    for split in rows.held_out:
        examples = rows.splits[split]
        best, share = most_alike(np.stack([sketch(runs(_whole(example))) for example in examples]), known)
        notes: dict[Place, str] = {}
        exact = 0
        for row in np.flatnonzero(share >= WORTH_COMPARING).tolist():
            example, other = examples[row], int(best[row])
            if (example.text, example.second) in letters:
                exact += 1
            elif (alike := resemblance(runs(_whole(example)), runs(_whole(train[other])))) >= NEARLY:
                notes[split, row] = f"{100 * alike:.0f} % as train row {other}"
        findings += found(
            rows, "near-copies", f"rows of {split} that nearly repeat a row of train", notes,
            total=len(examples),
            advice=f"With the exact copies, training has seen {len(notes) + exact:,} of {split}; remove them from "
            "train, or say so beside the score.",
        )  # fmt: skip
    return findings


def shared_first_texts(rows: Rows) -> list[Finding]:
    """Pairs of a held-out split whose first text stands in a pair of train, with another second text."""
    if rows.kind not in SHARED_FIRST:
        return []
    first: dict[str, int] = {}
    for row, example in enumerate(rows.splits.get("train", [])):
        first.setdefault(example.text, row)
    pairs = {(example.text, example.second) for example in rows.splits.get("train", [])}
    findings = []
    for split in rows.held_out:
        notes = {
            (split, row): f"as train row {first[example.text]}"
            for row, example in enumerate(rows.splits[split])
            if example.text in first and (example.text, example.second) not in pairs
        }
        findings += found(
            rows, "shared-first-texts", f"pairs of {split} whose first text is in a pair of train", notes,
            total=len(rows.splits[split]),
            advice="Half of such a pair is known from training; split by the first text to measure what is new.",
        )  # fmt: skip
    return findings


def _said(target: Target) -> str:
    if isinstance(target, tuple):
        return "-".join(target)
    return f"{target:g}" if isinstance(target, float) else str(target)


def _whole(example: Example) -> str:
    return example.text if example.second is None else f"{example.text} {example.second}"
