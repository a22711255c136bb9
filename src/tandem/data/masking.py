"""Which tokens are hidden from a masked language model, and what stands in their place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.core.seeds import derive, uniform


@dataclass(frozen=True)
class Masking:
    """Chooses `rate` of the tokens; of these `masked` become the mask, `random` a random token, the rest stay.

    Special tokens are never chosen and never drawn. Source: Devlin et al. 2019, section 3.1 (0.15, 0.8, 0.1).

    Raises:
        UsageError: a share that cannot be.
    """

    mask_id: int
    special_ids: tuple[int, ...]
    vocabulary: int
    rate: float
    masked: float
    random: float

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise UsageError(f"objective.rate = {self.rate}: a share above 0 and at most 1")
        if not (self.masked >= 0 and self.random >= 0 and self.masked + self.random <= 1 + 1e-9):
            raise UsageError(
                f"objective.masked = {self.masked}, objective.random = {self.random}: shares of at least 0, together "
                "at most 1"
            )

    def __call__(
        self, ids: NDArray[np.int64], sequences: NDArray[np.int64], key: int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The masked copy of `ids` (B, T) and where tokens were chosen (B, T).

        A pure function of `key`, the sequence numbers (B,) and the position: the rest of a batch plays no part.
        """
        rows, columns = sequences[:, None], np.arange(ids.shape[1])[None, :]
        eligible = ~np.isin(ids, self.special_ids)
        chosen = (uniform(derive(key, "chosen"), rows, columns) < self.rate) & eligible
        kind = uniform(derive(key, "kind"), rows, columns)
        drawable = self._drawable
        drawn = drawable[(uniform(derive(key, "drawn"), rows, columns) * drawable.size).astype(np.int64)]
        inputs = np.where(chosen & (kind < self.masked), self.mask_id, ids)
        inputs = np.where(chosen & (kind >= self.masked) & (kind < self.masked + self.random), drawn, inputs)
        return inputs, chosen

    @cached_property
    def _drawable(self) -> NDArray[np.int64]:
        """What a random token may be. Made anew for each batch it took most of the time of masking."""
        return np.setdiff1d(np.arange(self.vocabulary), self.special_ids)
