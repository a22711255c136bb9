"""`SentenceTransformer` gives the vectors of the run: the mean over what it reads, or the pooling of its head."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from own_numbers import TEXTS, own_vector
from sentence_transformers import SentenceTransformer

import tandem.interop.sentence_transformers  # noqa: F401
from tandem.lab.embed import embed, num_layers
from tandem.lab.folder import OpenRun
from tandem.nn.pooling import Pooling

LONG = "We wait for the spring wind! " * 9


@pytest.mark.parametrize(
    ("name", "pooling"),
    [("mlm", "mean"), ("clm", "mean"), ("bilm", "mean"), ("classify", "max"), ("cross", "first"), ("siamese", "last")],
)
def test_vectors_are_our_own(
    name: str, pooling: str, run_of: Callable[[str], OpenRun], exported: Callable[..., Path], tmp_path: Path
) -> None:
    run = run_of(name)
    model = SentenceTransformer(str(exported(name, "sentence-transformers")), device="cpu")
    pool = next((part for part in run.model.head.modules() if isinstance(part, Pooling)), None)
    pool = pool or Pooling(run.model.encoder.width, kind="mean")
    found = model.encode([*TEXTS, LONG])
    expected = np.stack([own_vector(run, text, pool).numpy() for text in [*TEXTS, LONG]])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert model.get_embedding_dimension() == run.model.encoder.width
    model.save(str(tmp_path), create_model_card=False)
    assert np.array_equal(SentenceTransformer(str(tmp_path), device="cpu").encode(TEXTS), model.encode(TEXTS))


@pytest.mark.parametrize("name", ["mlm", "mlm-pieces", "mlm-nsp", "classify", "cross", "siamese"])
def test_it_gives_what_embed_gives(name: str, run_of: Callable[[str], OpenRun], exported: Callable[..., Path]) -> None:
    model = SentenceTransformer(str(exported(name, "sentence-transformers")), device="cpu")
    for text in [*TEXTS, LONG]:
        ours = embed(run_of(name), text, layer=num_layers(run_of(name)) - 1)
        np.testing.assert_allclose(model.encode(text), ours.pooled, atol=1e-5)


def test_an_empty_text_is_zeros_beside_others_and_alone(exported: Callable[..., Path]) -> None:
    model = SentenceTransformer(str(exported("mlm", "sentence-transformers")), device="cpu")
    assert not model.encode(["", "Wind"])[0].any()
    assert not model.encode([""])[0].any()
    assert model.similarity(model.encode(["Wind"]), model.encode(["Wind"])).item() == pytest.approx(1)
