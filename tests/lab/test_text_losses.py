"""What each text adds to a loss: all of it together is the loss, whatever batches the texts were read in."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tandem.core.errors import ArtifactError
from tandem.lab.evaluate import answered
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.text_losses import TextLosses, read_text_losses, write_text_losses
from tandem.objectives.base import told


def losses(run: OpenRun, *, batch_tokens: int = 256) -> TextLosses:
    train = run.recipe.train.model_copy(update={"batch_tokens": batch_tokens})
    recipe = run.recipe.model_copy(update={"train": train})
    found = answered(run.model, run.objective, run.store(), recipe, split="test").texts
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["words_run", "classes_run"])
def test_all_texts_together_have_the_scores_of_the_run(name: str, request: pytest.FixtureRequest) -> None:
    run = open_run(request.getfixturevalue(name))
    kept = read_text_losses(run.folder.text_losses)
    for split, scores in run.folder.read_json(run.folder.scores)["scores"].items():
        count = kept[split].count.sum()
        assert count == scores["count"]
        assert kept[split].loss.sum() / count == pytest.approx(scores["loss"], rel=1e-6)
        assert kept[split].right.sum() / count == pytest.approx(scores["accuracy"])


def test_a_text_of_a_language_model_is_a_document_and_of_a_classifier_an_example(
    words_run: Path, classes_run: Path
) -> None:
    words, classes = open_run(words_run), open_run(classes_run)
    assert losses(words).texts.tolist() == list(range(len(words.store().split("test").documents) - 1))
    assert losses(classes).texts.tolist() == list(range(len(classes.store().split("test").examples) - 1))
    assert set(losses(classes).count.tolist()) == {1}


def test_the_size_of_a_batch_moves_nothing_from_text_to_text(words_run: Path) -> None:
    run = open_run(words_run)
    one, other = losses(run), losses(run, batch_tokens=40)
    assert one.count.tolist() == other.count.tolist()
    np.testing.assert_allclose(one.loss, other.loss, rtol=1e-5)


def test_rows_of_one_text_are_added_up() -> None:
    scores, labels = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 0, 1])
    outcome = told(scores, labels, torch.tensor([0, 0, 1, 2, 2]))
    found = TextLosses.of(outcome, np.array([7, 4, 7]))
    assert found is not None
    each = torch.nn.functional.cross_entropy(scores, labels, reduction="none").double().numpy()
    assert found.texts.tolist() == [4, 7]
    assert found.count.tolist() == [1, 4]
    np.testing.assert_allclose(found.loss, [each[2], each[[0, 1, 3, 4]].sum()], rtol=1e-6)


def test_what_is_written_is_read_again_exactly(tmp_path: Path) -> None:
    known = TextLosses(np.array([0, 3]), np.array([0.1 + 0.2, 1e-17]), np.array([1, 0]), np.array([2, 1]))
    write_text_losses(tmp_path / "losses.csv", {"test": known})
    again = read_text_losses(tmp_path / "losses.csv")
    assert list(again) == ["test"]
    for name, column in vars(known).items():
        assert vars(again["test"])[name].tolist() == column.tolist(), name


@pytest.mark.parametrize("damage", ["", "split,text\n", "split,text,loss,right,count\ntest,0,much,1,2\n"])
def test_damage_is_named(damage: str, tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text(damage)
    with pytest.raises(ArtifactError, match=r"losses\.csv: cannot be read as losses of texts"):
        read_text_losses(tmp_path / "losses.csv")
