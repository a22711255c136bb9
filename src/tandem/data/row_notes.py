"""What a person should know about the rows of a prepared split before anything is learnt from them."""

import numpy as np

from tandem.core.errors import DataError
from tandem.data.store import Store


def left_out(store: Store, split: str) -> list[str]:
    """How many rows of a split are no examples since a text of theirs is empty, or has no token; a line each."""
    counts = store.meta["splits"][split]
    without_text, without_token = counts["without_text"], counts["empty"]
    lines = []
    if without_text:
        lines.append(f"{without_text:,} rows of the {split} split have an empty text and are left out")
    if without_token:
        lines.append(f"{without_token:,} rows of the {split} split have a text without a token and are left out")
    return lines


def absent(store: Store, split: str) -> list[str]:
    """A line that names the classes of which a split has no row; none where it has some of each."""
    counts = store.target_counts_of(split)
    names = [label for number, label in enumerate(store.labels) if not counts[number]]
    if not names:
        return []
    follows = "they cannot be learnt" if split == "train" else "how well they are told is not measured there"
    return [f"no row of the {split} split has the class {' or '.join(names)}: {follows}"]


def check_classes(store: Store) -> None:
    """Refuses a train split from which no difference can be learnt.

    Raises:
        DataError: all of its known classes are one.
    """
    occurring = np.flatnonzero(store.target_counts)
    if not store.labels or len(occurring) != 1:
        return
    found = f'every row of the train split of corpus {store.meta["corpus"]} is "{store.labels[occurring[0]]}"'
    limit = store.meta["options"].get("limit")
    advice = "give rows of another class"
    if limit is not None:
        advice = f"corpus.limit = {limit} takes the first rows of a sorted data set: raise it, or leave it out"
    raise DataError(f"{found}, and two classes are needed; {advice}")
