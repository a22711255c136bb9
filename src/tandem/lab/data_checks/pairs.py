"""Pairs whose two texts are the same, or stand in a row the other way round."""

from tandem.core.choices import CorpusKind
from tandem.lab.data_checks.finding import Finding, Place, Rows, found

EQUAL: dict[CorpusKind, tuple[str, str]] = {
    "pair": ("pairs whose two texts are equal", "Such a pair asks nothing; check that the columns are the right ones."),
    "score": ("pairs whose two texts are equal", "Their score should be the highest; check those of which it is not."),
    "translation": ("texts that are their own translation", "They were not translated; leave them out."),
    "contrast": ("good sentences that equal the bad one", "Neither can be preferred; leave them out."),
}


def pairs(rows: Rows) -> list[Finding]:
    """Rows whose second text equals the first, and rows that repeat an earlier pair with its texts exchanged."""
    if rows.kind not in EQUAL:
        return []
    equal: dict[Place, str] = {}
    swapped: dict[Place, str] = {}
    first: dict[tuple[str, str], Place] = {}
    total = 0
    for place, example in rows.each():
        total += 1
        if example.second is None:
            continue
        one, other = (" ".join(text.casefold().split()) for text in (example.text, example.second))
        if one == other:
            equal[place] = ""
        elif (other, one) in first:
            split, row = first[other, one]
            swapped[place] = f"as {split} row {row}, exchanged"
        first.setdefault((one, other), place)
    title, advice = EQUAL[rows.kind]
    findings = found(rows, "equal-texts", title, equal, total=total, advice=advice)
    findings += found(
        rows, "exchanged-pairs", "rows that are an earlier pair with its texts exchanged", swapped, total=total,
        advice="They are copies where the order does not matter; where it does, check the columns.",
    )  # fmt: skip
    return findings
