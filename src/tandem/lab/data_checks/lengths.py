"""Texts that are longer than a sequence."""

from tandem.core.choices import CorpusKind
from tandem.lab.data_checks.finding import SHOWN, Finding, Rows, show

LIMITS = (64, 128, 512)
WORTH_A_WORD = 0.01
CUT: tuple[CorpusKind, ...] = ("label", "pair", "score", "tags", "translation")
"""Kinds whose examples are read whole; running text is cut into windows and loses nothing."""


def lengths(rows: Rows) -> list[Finding]:
    """The rows above 64, 128 and 512 words, where at least 1 % of all are above 64."""
    if rows.kind not in CUT:
        return []
    words = {place: len(example.text.split()) + len((example.second or "").split()) for place, example in rows.each()}
    above = [sum(length > limit for length in words.values()) for limit in LIMITS]
    if above[0] < max(1, WORTH_A_WORD * len(words)):
        return []
    longest = sorted(words, key=lambda place: -words[place])[:SHOWN]
    others = " · ".join(
        f"above {limit}: {100 * number / len(words):.1f} %" for limit, number in zip(LIMITS[1:], above[1:], strict=True)
    )
    return [
        Finding(
            "long-rows", f"rows of more than {LIMITS[0]} words", above[0], len(words),
            f"What stands behind data.length tokens is not read (its default is {LIMITS[0]}); raise it as far as the "
            "budget allows.",
            tuple(show(rows, place, f"{words[place]:,} words") for place in longest),
            more=f"{others} · longest: {words[longest[0]]:,} words",
        )
    ]  # fmt: skip
