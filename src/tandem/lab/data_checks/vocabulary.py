"""Words that a tokenizer does not know."""

from collections import Counter
from pathlib import Path

from tandem.core.errors import UsageError
from tandem.lab.data_checks.finding import SHOWN, Finding, Rows, Shown, show
from tandem.text.example import Example
from tandem.text.tokenizer import Tokenizer

MOST_FREQUENT = 10


def vocabulary(rows: Rows, tokenizer: Tokenizer) -> list[Finding]:
    """For each split, the tokens that `tokenizer` reads as unknown, and the words that most often are."""
    if tokenizer.unknown_id is None:
        return []
    findings = []
    for split, examples in rows.splits.items():
        unknown: Counter[str] = Counter()
        shown: list[Shown] = []
        total = 0
        for row, example in enumerate(examples):
            number, words = _unknown(example, tokenizer)
            total += number
            unknown.update(words)
            if words and len(shown) < SHOWN:
                shown.append(show(rows, (split, row), ", ".join(dict.fromkeys(words))))
        if unknown:
            frequent = ", ".join(f"{word} ({count:,})" for word, count in unknown.most_common(MOST_FREQUENT))
            findings.append(
                Finding(
                    "unknown-tokens", f"tokens of {split} that the tokenizer does not know", unknown.total(), total,
                    "Raise tokenizer.size, or train a tokenizer of kind bpe, to which nothing is unknown.",
                    tuple(shown), more=f"most frequent: {frequent}",
                )
            )  # fmt: skip
    return findings


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a run folder, or in the file `path`.

    Raises:
        UsageError: there is none. ArtifactError: it is damaged.
    """
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"--tokenizer {path}: no tokenizer there; give a run folder or a tokenizer.json")
    return Tokenizer.load(file)


def _unknown(example: Example, tokenizer: Tokenizer) -> tuple[int, list[str]]:
    """How many tokens the example has, and as what the unknown ones of them are written."""
    total, words = 0, []
    for text in (example.text, example.second):
        if text is None:
            continue
        ids, spans = tokenizer.encode_with_spans(text)
        total += len(ids)
        words += [
            text[start:end] for token, (start, end) in zip(ids, spans, strict=True) if token == tokenizer.unknown_id
        ]
    return total, words
