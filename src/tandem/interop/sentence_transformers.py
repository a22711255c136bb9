"""Importing this module makes `SentenceTransformer` open an exported folder.

Such a folder holds modules of that library only: one that loads our model through the Auto classes of transformers, and
one that pools. A module of our own in their place would load only with `trust_remote_code=True`.
"""

from pathlib import Path

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

import tandem.interop.transformers  # noqa: F401
from tandem.core.errors import UsageError
from tandem.nn.pooling import PoolingKind

POOLINGS: dict[PoolingKind, str] = {"mean": "mean", "max": "max", "first": "cls", "last": "lasttoken"}
"""How the library calls our ways of pooling; it has none whose weights are learnt."""


def add_pooling(folder: Path, pooling: PoolingKind, *, width: int, length: int) -> None:
    """Makes the exported model in `folder`, whose hidden states have `width` units, one of sentence-transformers.

    It reads `length` tokens of a text at most.

    Raises:
        UsageError: the library has no such pooling.
    """
    if pooling not in POOLINGS:
        raise UsageError(
            f"sentence-transformers has no pooling = {pooling} (legal: {', '.join(POOLINGS)}); export the run to "
            "transformers, or train it with another pooling"
        )
    tokens = Transformer(str(folder), max_seq_length=length)
    pooled = Pooling(width, POOLINGS[pooling])
    model = SentenceTransformer(modules=[tokens, pooled], device="cpu", similarity_fn_name="cosine")
    model.save(str(folder), create_model_card=False)
