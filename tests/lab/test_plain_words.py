"""A corpus of plain words makes a tokenizer that finds them in any text, wherever a run reads one."""

from pathlib import Path

import numpy as np
import pytest
from captions import PAIR, mirrored
from running import tiny, trained
from tiny_bert import bert_in

from tandem.lab.answers import answers
from tandem.lab.embed import embed
from tandem.lab.fill_mask import fill_mask
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.nli import infer
from tandem.lab.text_pairs import TextPair
from tandem.text.plain import plain_words
from tandem.text.tokenizer import Tokenizer

SNLI = {"name": "snli"}
TYPED = 'A man, a "boy\'s" friend, [MASK]. He runs!'
PLAIN = "a man a boy's friend [MASK] he runs"


def captions(folder: Path, name: str, **changes: object) -> OpenRun:
    """A run of a few steps on the captions."""
    with mirrored(folder / "mirror"):
        recipe = tiny(folder, **{"corpus": SNLI, "data__length": 20, "budget__steps": 2, **changes})
        return open_run(trained(recipe, folder / name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="module")
def mlm(folder: Path) -> OpenRun:
    return captions(folder, "mlm", task="mlm", tokenizer__kind="wordpiece", tokenizer__size=120)


def test_the_tokenizer_of_a_run_carries_the_rules(mlm: OpenRun) -> None:
    tokenizer = Tokenizer.load(mlm.folder.tokenizer)
    assert tokenizer.encode(TYPED) == tokenizer.encode(PLAIN)


def test_masks_are_filled_and_vectors_made_of_plain_words(mlm: OpenRun) -> None:
    typed, plainly = (fill_mask(mlm.model, mlm.objective, text, top=3) for text in (TYPED, PLAIN))
    assert typed == plainly
    found, expected = (embed(mlm, text, layer=1) for text in (TYPED, PLAIN))
    assert np.array_equal(found.vectors, expected.vectors)
    assert [TYPED[start:end].lower() for start, end in found.spans[:4]] == ["a", "man", "a", "boy"]


def test_a_sample_of_a_training_is_read_so(folder: Path) -> None:
    run = captions(folder, "siamese", task="siamese", tokenizer__boundaries=True)
    typed, plainly = (
        answers(run.model, run.objective, " || ".join(texts), top=3) for texts in (PAIR, map(plain_words, PAIR))
    )
    assert typed == plainly


def test_a_run_that_begins_with_another_reads_as_that_one_did(mlm: OpenRun, book: Path, tmp_path: Path) -> None:
    content = {"encoder": "", "model": {}, "tokenizer": {}, "init": str(mlm.folder.path)}
    run = open_run(trained(tiny(book, task="mlm", budget__steps=2, **content), tmp_path / "run"))
    assert run.objective.tokenizer.fingerprint == mlm.objective.tokenizer.fingerprint


def test_so_does_a_pretrained_tokenizer(tmp_path: Path) -> None:
    content = {"encoder": "", "model": {}, "tokenizer": {}, "init": f"hf:{bert_in(tmp_path / 'bert')}"}
    run = captions(tmp_path, "run", task="cross", **content)
    typed, plainly = infer(run, [TextPair("the pair", *PAIR), TextPair("the pair", *map(plain_words, PAIR))])
    assert typed.probabilities == plainly.probabilities
