"""The classes that a column of the user's table holds."""

from collections import Counter

from tandem.core.errors import DataError
from tandem.text.example import Target
from tandem.text.splits import SPLITS

MOST = 1000
FEW = 20
OTHERWISE = 'name another column with corpus.label, or set corpus.label = "none" to read the text alone'


class Classes:
    """How often each class or tag occurs in each split, and where it does first; the first 1,001 of each split."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
        self.first: dict[tuple[str, str], str] = {}

    def add(self, target: Target, *, split: str, where: str) -> None:
        """Counts what one row holds."""
        counts = self.counts[split]
        for name in (target,) if isinstance(target, str) else target if isinstance(target, tuple) else ():
            if name not in counts:
                if len(counts) > MOST:
                    continue
                self.first[split, name] = where
            counts[name] += 1

    def update(self, other: "Classes") -> None:
        """Adds what was counted elsewhere, in other rows."""
        for split in SPLITS:
            self.counts[split].update(other.counts[split])
        self.first = other.first | self.first

    def ordered(self) -> tuple[str, ...]:
        """The classes of all splits: numbers by size, names by alphabet."""
        names = sorted(set().union(*self.counts.values()))
        return tuple(sorted(names, key=float) if all(map(_is_number, names)) else names)

    def refuse(self, column: str, *, anywhere: bool) -> None:
        """Complains about what cannot be learnt; `column` names file and column for the message.

        With `anywhere` a class may be one that no row of the train split has: where the file itself states its classes,
        and for tags, of which a row has many.

        Raises:
            DataError: fewer than two classes, more than 1,000, one for every other row, or one of another split only.
        """
        counts = self.counts["train"]
        if len(counts) < 2:
            what = f'one value only ("{next(iter(counts))}"), and two are needed' if counts else "nothing in any row"
            raise DataError(f"{column} holds {what}; {OTHERWISE}")
        if len(counts) > MOST:
            raise DataError(f"{column} holds more than {MOST:,} different values; {OTHERWISE}")
        if len(counts) > max(FEW, counts.total() // 2):
            raise DataError(f"{column} holds {len(counts)} different values in {counts.total()} rows; {OTHERWISE}")
        for (split, name), where in self.first.items():
            if name not in counts and not anywhere:
                raise DataError(
                    f'{where}: class "{name}" is in the {split} split and in no row that trains; remove the row, give '
                    f"more rows of that class, or {OTHERWISE}"
                )


def _is_number(name: str) -> bool:
    try:
        return float(name) == float(name)
    except ValueError:
        return False
