"""What a corpus yields."""

from dataclasses import dataclass

Target = str | float | tuple[str, ...] | None


@dataclass(frozen=True)
class Example:
    """One piece of text, the document it comes from, and what there is to learn about it.

    `second` is the other text of a pair: a hypothesis, a translation, the worse of two sentences. `target` is the name
    of a class, a score, or one tag for each word; None where the annotators did not agree or nothing is known. The
    words of a tagged example are separated by single spaces. Examples of one document follow each other in their
    original order.
    """

    text: str
    document: str
    second: str | None = None
    target: Target = None
