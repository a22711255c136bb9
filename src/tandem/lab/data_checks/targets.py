"""What is wrong with classes, tags and scores."""

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import islice

from tandem.core.choices import CorpusKind
from tandem.lab.data_checks.finding import SHOWN, Finding, Rows, found, show
from tandem.text.example import Example

NAMED: tuple[CorpusKind, ...] = ("label", "pair", "tags")
LOPSIDED = 10
"""So many times as frequent is the largest class as the smallest before it is worth a word."""
ROWS_FOR_A_CLASS = 5
LISTED = 20


def targets(rows: Rows) -> list[Finding]:
    """Missing targets, one class, holes in numbered classes, classes that a split lacks, and lopsided ones."""
    if rows.kind == "score":
        return _missing(rows) + _constant(rows)
    if rows.kind not in NAMED:
        return []
    counts = {split: Counter(name for e in examples for name in _names(e)) for split, examples in rows.splits.items()}
    learnable = [*_one_class(rows, counts["train"]), *_too_many(rows, counts["train"])]
    if rows.refusal:
        learnable = [_about(rows, "refused", "reason why training would stop", 1, rows.refusal)]
    return [
        *_missing(rows),
        *learnable,
        *_spellings(rows, counts),
        *_holes(rows, counts),
        *_lacking(rows, counts),
        *(_lopsided(rows, counts["train"]) if rows.kind != "tags" else []),
    ]


def _names(example: Example) -> tuple[str, ...]:
    if example.target is None:
        return ()
    return example.target if isinstance(example.target, tuple) else (str(example.target),)


def _missing(rows: Rows) -> list[Finding]:
    findings = []
    for split, examples in rows.splits.items():
        places = {(split, row): "" for row, example in enumerate(examples) if example.target is None}
        findings += found(
            rows, "missing-targets", f"rows of {split} without a target (-1 or empty)", places, total=len(examples),
            advice="Training and scores leave them out; -1 mostly says that the annotators did not agree.",
        )  # fmt: skip
    return findings


def _constant(rows: Rows) -> list[Finding]:
    scores = {example.target for example in rows.splits["train"] if example.target is not None}
    if len(scores) != 1:
        return []
    return [_about(rows, "one-score", "different scores in train", 1, "There is nothing to learn from it.")]


def _one_class(rows: Rows, counts: Counter[str]) -> list[Finding]:
    if len(counts) > 1:
        return []
    advice = "There is nothing to tell apart; name another column, or give rows of another class."
    return [_about(rows, "one-class", f"class in train ({''.join(counts) or 'none'})", len(counts), advice)]


def _too_many(rows: Rows, counts: Counter[str]) -> list[Finding]:
    num_rows = sum(counts.values())
    if rows.kind == "tags" or len(counts) * ROWS_FOR_A_CLASS <= num_rows or len(counts) < 2 * ROWS_FOR_A_CLASS:
        return []
    advice = "That looks like numbers or free text, not like classes; name another column, or read it as a score."
    return [_about(rows, "many-classes", f"classes for {num_rows:,} rows of train", len(counts), advice)]


def _spellings(rows: Rows, counts: dict[str, Counter[str]]) -> list[Finding]:
    spellings: dict[str, set[str]] = {}
    for name in set().union(*counts.values()):
        spellings.setdefault(name.strip().casefold(), set()).add(name)
    twice = [names for names in spellings.values() if len(names) > 1]
    if not twice:
        return []
    advice = f"Are these one class? {_listed(sorted(' = '.join(sorted(names)) for names in twice))}"
    title = "classes that are written in several ways"
    return [_about(rows, "class-spellings", title, len(twice), advice, only=set().union(*twice))]


def _holes(rows: Rows, counts: dict[str, Counter[str]]) -> list[Finding]:
    names = set(rows.labels).union(*counts.values())
    if not names or not all(name.isascii() and name.isdigit() for name in names):
        return []
    numbers = {int(name) for name in names}
    first, last = min(numbers), max(numbers)
    holes = last - first + 1 - len(numbers)
    # Numbers such as years or identifiers have more holes than numbers.
    if not 0 < holes <= len(numbers):
        return []
    lacking = _listed(str(number) for number in range(first, last) if number not in numbers)
    advice = f"No row has class {lacking}; were rows lost? Tandem numbers the classes that there are."
    return [_about(rows, "class-holes", f"holes in the classes {first} to {last}", holes, advice)]


def _lacking(rows: Rows, counts: dict[str, Counter[str]]) -> list[Finding]:
    findings = []
    what = "tags" if rows.kind == "tags" else "classes"
    if absent := sorted(set(rows.labels) - set(counts["train"])):
        advice = f"Without rows they cannot be learnt: {_listed(absent)}."
        findings.append(_about(rows, "classes-lacking", f"{what} without a row in train", len(absent), advice))
    for split in rows.held_out:
        if absent := sorted(set(counts["train"]) - set(counts[split])):
            advice = f"Scores on {split} say nothing about: {_listed(absent)}."
            title = f"{what} without a row in {split}"
            findings.append(_about(rows, "classes-lacking", title, len(absent), advice, only=absent))
        if strange := sorted(set(counts[split]) - set(counts["train"])):
            places = {
                (split, row): ", ".join(odd)
                for row, example in enumerate(rows.splits[split])
                if (odd := sorted(set(strange).intersection(_names(example))))
            }
            findings += found(
                rows, "classes-unseen", f"rows of {split} with {what} that train lacks", places,
                total=len(rows.splits[split]), advice=f"No model can learn them: {_listed(strange)}.",
            )  # fmt: skip
    return findings


def _lopsided(rows: Rows, counts: Counter[str]) -> list[Finding]:
    if len(counts) < 2:
        return []
    ordered = counts.most_common()
    (most, many), (least, few) = ordered[0], ordered[-1]
    if many < LOPSIDED * few:
        return []
    places = {("train", row): "" for row, example in enumerate(rows.splits["train"]) if example.target == least}
    return found(
        rows, "lopsided", f"rows of the rarest class, {least}; {many:,} of the most frequent, {most}", places,
        total=sum(counts.values()),
        advice="Accuracy hides the rare class; look at macro F1 and at the majority baseline too.",
    )  # fmt: skip


def _about(
    rows: Rows, check: str, title: str, count: int, advice: str, *, only: Collection[str] | None = None
) -> Finding:
    """A finding about all of train, shown by its first rows with their targets; by those of the classes `only`."""
    told = ((("train", row), _names(example)) for row, example in enumerate(rows.splits["train"]))
    chosen = ((place, names) for place, names in told if only is None or not set(only).isdisjoint(names))
    shown = tuple(show(rows, place, " ".join(names)) for place, names in islice(chosen, SHOWN))
    return Finding(check, title, count, None, advice, shown)


def _listed(names: Iterable[str]) -> str:
    """The first names, and whether there are more."""
    first = list(islice(names, LISTED + 1))
    return ", ".join(first[:LISTED]) + (", ..." if len(first) > LISTED else "")
