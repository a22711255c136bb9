"""Encoders with decoders learn toys between sequences, scored by whole answers to sequences never trained on.

Copy and reverse: 2 to 5 letters of 6. Where all of a longer text must fit into one vector, the network that attends is
right far more often.
"""

from pathlib import Path

import pytest
from translating import reverser

from tandem.lab.folder import open_run
from tandem.lab.translation_report import translated_split
from tandem.nn.search import Beam


def share_of_right_answers(
    folder: Path, encoder: str, decoder: str, *, steps: int, corpus: str = "reverse", longest: int = 5
) -> float:
    run = reverser(
        folder / "run", encoder=encoder, objective={"decoder": decoder}, budget={"steps": steps},
        corpus={"name": corpus, "rows": 4000, "shortest": 2, "longest": longest, "symbols": 6},
        data={"length": longest + 2}, train={"batch_tokens": 1024, "precision": "fp32", "evaluate_every": 1.0},
        model={"width": 32, "dropout": 0.0, "positions": "learned"}, optimiser={"learning_rate": 8e-3},
    )  # fmt: skip
    pairs, _ = translated_split(open_run(run), split="test", beam=Beam(size=1))
    return sum(pair.same for pair in pairs) / len(pairs)


@pytest.mark.parametrize(
    ("encoder", "decoder", "corpus", "steps"),
    [
        pytest.param("gru", "recurrent", "copy", 350, marks=pytest.mark.campaign),
        pytest.param("lstm", "transformer", "reverse", 450, marks=pytest.mark.campaign),
        pytest.param("attention", "recurrent[cell=lstm,attention=general]", "copy", 250, marks=pytest.mark.campaign),
        ("attention*2", "transformer", "reverse", 350),
    ],
)
def test_encoders_with_attending_decoders_solve_toys(
    encoder: str, decoder: str, corpus: str, steps: int, tmp_path: Path
) -> None:
    assert share_of_right_answers(tmp_path, encoder, decoder, corpus=corpus, steps=steps) >= 0.99


def test_one_vector_holds_less_than_attention_finds(tmp_path: Path) -> None:
    with_attention, without = (
        share_of_right_answers(tmp_path / kind, "gru", f"recurrent[attention={kind}]", steps=300, longest=8)
        for kind in ("dot", "none")
    )
    assert with_attention > 0.8
    assert without < 0.6
