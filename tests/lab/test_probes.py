"""Probes find what was broken on purpose, and nothing else."""

from functools import partial
from pathlib import Path

import pytest
import torch
from running import tiny, trained
from torch import Tensor, nn

from tandem.core.config import Recipe
from tandem.lab.assemble import assemble
from tandem.lab.folder import open_run
from tandem.lab.probes import Probe, probe_run, probes
from tandem.lab.reading import source_of
from tandem.nn.model import Model
from tandem.nn.recurrence import Recurrence
from tandem.objectives.clm import Clm

bounded = partial(tiny, tokenizer__boundaries=True)
PADDING, CAUSALITY = "does padding change what a model says", "does an answer depend on what stands behind it"


def probed(recipe: Recipe, break_it: object = None) -> dict[str, Probe]:
    assembly = assemble(recipe)
    if break_it is not None:
        break_it(assembly.model)  # type: ignore[operator]
    source = source_of(assembly.objective, assembly.store, "train", recipe)
    return {probe.question: probe for probe in probes(assembly.model, assembly.objective, source)}


class MeanOfAll(nn.Module):
    """Adds a little of the mean over a whole row, whatever stands there."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        output: Tensor = self.inner(hidden, mask)
        return output + 1e-2 * output.mean(dim=1, keepdim=True)


def leak(model: Model) -> None:
    model.encoder.body = MeanOfAll(model.encoder.body)


@pytest.mark.parametrize("encoder", ["lstm", "attention*2 | lstm > cnn", "gru > attention[window=3]"])
@pytest.mark.parametrize("task", ["mlm", "clm", "bilm", "mixed"])
def test_sound_models_pass(task: str, encoder: str, book: Path) -> None:
    found = probed(bounded(book, task=task, encoder=encoder, model__positions="distance"))
    assert set(found) == ({PADDING} if task == "mlm" else {PADDING, CAUSALITY})
    for probe in found.values():
        assert probe.holds, probe.sentence()
        assert probe.sentence() == f"{probe.question}: no"


@pytest.mark.parametrize("task", ["mlm", "clm"])
def test_no_row_grows_beyond_the_positions_that_were_learnt(task: str, book: Path) -> None:
    found = probed(bounded(book, task=task, encoder="positions[kind=learned] > attention"))
    assert all(probe.holds for probe in found.values())


@pytest.mark.parametrize("task", ["mlm", "clm"])
def test_what_mixes_whole_rows_is_found(task: str, book: Path) -> None:
    found = probed(bounded(book, task=task), leak)
    assert [probe.sentence() for probe in found.values() if probe.holds] == []
    assert "YES, by " in found[PADDING].sentence()


def test_a_backward_direction_that_reads_padding_first_is_found(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreversed(self: Recurrence, hidden: Tensor, mask: Tensor, *, sees: str) -> Tensor:
        ahead, behind = self.forwards(hidden)[0], self.backwards(hidden.flip(1))[0].flip(1)
        return torch.cat([ahead, behind], dim=-1)

    monkeypatch.setattr(Recurrence, "forward", unreversed)
    assert not probed(bounded(book, encoder="lstm"))[PADDING].holds


def test_a_text_that_is_not_moved_before_it_is_read_is_found(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.objectives.clm.moved", lambda rows, ids, begin: ids)
    found = probed(bounded(book, task="clm", encoder="lstm"))
    assert not found[CAUSALITY].holds
    assert found[PADDING].holds


def test_a_causal_model_whose_attention_sees_both_sides_is_found(book: Path) -> None:
    def look_ahead(model: Model) -> None:
        for module in model.modules():
            if hasattr(module, "window"):
                module.sees = "both"

    assert not probed(bounded(book, task="clm", encoder="lstm > attention"), look_ahead)[CAUSALITY].holds


def test_a_finished_run_is_probed_on_its_own_text_and_stays_as_it_is(book: Path, tmp_path: Path) -> None:
    run = open_run(trained(bounded(book, task="clm"), tmp_path / "run"))
    assert isinstance(run.objective, Clm)
    assert all(probe.holds for probe in probe_run(run))
    assert {parameter.dtype for parameter in run.model.parameters()} == {torch.float32}
