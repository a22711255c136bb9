"""What a corpus yields."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One piece of running text, and the document it comes from.

    Examples of one document follow each other in their original order.
    """

    text: str
    document: str
