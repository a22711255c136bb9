"""Whether two runs read the same: digests of what the first batches of a recipe hold."""

import hashlib
from dataclasses import asdict, dataclass
from itertools import islice

from torch import Tensor

from tandem.core.config import Recipe
from tandem.core.seeds import derive
from tandem.data.store import Store
from tandem.data.stream import Position
from tandem.lab.reading import source_of, stream_of
from tandem.objectives.base import Objective

BATCHES = 20


@dataclass(frozen=True)
class DataDigest:
    """SHA-256 of the tokenizer, of the order of sequences, and of all that the model gets: masked ids and targets."""

    tokenizer: str
    order: str
    inputs: str

    def differences(self, other: "DataDigest") -> list[str]:
        """The names of what is not equal."""
        return [name for name, digest in asdict(self).items() if digest != asdict(other)[name]]


def data_digest(recipe: Recipe, objective: Objective, store: Store, *, batches: int = BATCHES) -> DataDigest:
    """What a training of `recipe` reads first, which no encoder changes.

    Raises:
        DataError: there is nothing to read.
    """
    stream = stream_of(source_of(objective, store, "train", recipe), recipe)
    order, inputs = hashlib.sha256(), hashlib.sha256()
    for sequences, epoch, _ in islice(stream.after(Position()), batches):
        order.update(f"{epoch} {sequences.tolist()}\n".encode())
        key = derive(recipe.seed, "mask", epoch)
        batch = objective.collate(stream.source.rows(sequences, key=key), key=key)
        for name, value in sorted(vars(batch).items()):
            if isinstance(value, Tensor):
                inputs.update(f"{name} {tuple(value.shape)} {value.dtype}\n".encode())
                inputs.update(value.contiguous().numpy().tobytes())
    tokenizer = hashlib.sha256(store.tokenizer.to_json().encode())
    return DataDigest(*(digest.hexdigest() for digest in (tokenizer, order, inputs)))
