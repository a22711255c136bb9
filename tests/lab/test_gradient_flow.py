"""Norms of Jacobians: of maps whose derivative is known, and of every kind of encoder."""

import math
from pathlib import Path

import pytest
import torch
from running import tiny, trained
from torch import Tensor
from toys import PIECES, objective, random_model

from tandem.core.errors import DataError, UsageError
from tandem.lab.folder import open_run
from tandem.lab.gradient_flow import Flow, by_distance, flow_of_fresh, flow_of_run, jacobian_norms


def powers_of(matrix: Tensor) -> object:
    """A linear recurrence: h_t = W h_{t-1} + x_t, so that d h_t / d x_s is the power t - s of W."""

    def body(hidden: Tensor, mask: Tensor) -> Tensor:
        state, states = torch.zeros_like(hidden[:, 0]), []
        for place in range(hidden.shape[1]):
            state = state @ matrix.T + hidden[:, place]
            states.append(state)
        return torch.stack(states, dim=1)

    return body


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_a_linear_recurrence_has_the_norms_of_the_powers_of_its_matrix() -> None:
    matrix = 0.3 * drawn(6, 6)
    norms = jacobian_norms(powers_of(matrix), drawn(1, 8, 6))  # type: ignore[arg-type]
    for place in range(8):
        for read in range(8):
            expected = torch.linalg.matrix_power(matrix, place - read).norm() if read <= place else 0.0
            assert norms[place, read].item() == pytest.approx(float(expected), abs=1e-10)


def test_sixty_four_probes_of_a_wide_encoder_come_close_and_are_exact_for_a_multiple_of_the_identity() -> None:
    same = jacobian_norms(powers_of(0.5 * torch.eye(100, dtype=torch.float64)), drawn(1, 4, 100))  # type: ignore[arg-type]
    assert same[3].tolist() == pytest.approx([10 * 0.5**distance for distance in (3, 2, 1, 0)])
    matrix = drawn(100, 100) / 10
    norms = jacobian_norms(powers_of(matrix), drawn(1, 3, 100))  # type: ignore[arg-type]
    assert norms[2, 1].item() == pytest.approx(matrix.norm().item(), rel=0.1)
    assert norms[2, 1].item() != pytest.approx(matrix.norm().item(), rel=1e-9)


@pytest.mark.parametrize("name", ["mlm", "bilm"])
def test_the_norms_of_an_encoder_are_those_of_its_whole_jacobian(name: str) -> None:
    encoder = random_model(objective(name, PIECES), "attention[heads=2] | lstm", width=4).encoder.eval()
    inputs, everything = drawn(1, 5, 4), torch.ones(1, 5, dtype=torch.bool)
    whole = torch.autograd.functional.jacobian(lambda read: encoder.body(read, everything)[0], inputs)[:, :, 0]
    expected = whole.square().sum(dim=(1, 3)).sqrt()
    torch.testing.assert_close(jacobian_norms(encoder.body, inputs), expected, rtol=0, atol=1e-10)


def test_distances_are_averaged_geometrically() -> None:
    norms = torch.tensor([[1.0, 0.5, 0.0], [2.0, 1.0, 2.0], [9.0, 8.0, 1.0]])
    found = by_distance(norms)
    assert list(found) == [-2, -1, 0, 1, 2]
    assert list(found.values()) == pytest.approx([0, 1, 1, 4, 9])


def test_gradients_of_a_new_encoder_reach_back_and_vanish_as_far_as_it_can_see() -> None:
    flows = {name: flow_of_fresh(name, width=8, length=12, samples=2) for name in ("rnn", "gru", "attention", "cnn")}
    for flow in flows.values():
        assert flow.distances == tuple(range(12))
        assert all(low <= norm <= high for low, norm, high in zip(flow.lowest, flow.norms, flow.highest, strict=True))
    assert flows["cnn"].norms[2] > 0
    assert flows["cnn"].norms[3:] == (0,) * 9
    gru, attention = flows["gru"].factor, flows["attention"].factor
    assert gru is not None
    assert attention is not None
    assert gru < 0.9 < attention
    assert flows["rnn"] == flow_of_fresh("rnn", width=8, length=12, samples=2)
    one = flow_of_fresh("rnn", width=8, length=12, samples=1)
    assert one.lowest == one.highest == pytest.approx(one.norms)


def test_the_factor_is_that_of_a_geometric_fall() -> None:
    places = tuple(range(-2, 6))
    falling = tuple(3 * 0.5 ** abs(place) for place in places)
    flow = Flow("made", places, falling, falling, falling)
    assert flow.factor == pytest.approx(0.5)
    assert (flow.at(2), flow.at(99)) == (0.75, None)
    ones = (1.0, 1.0)
    assert Flow("short", (0, 1), ones, ones, ones).factor is None


def test_the_flow_of_a_run_is_over_its_held_out_text(words_run: Path) -> None:
    run = open_run(words_run)
    flow = flow_of_run(run, length=10, samples=2)
    # It sees both sides.
    assert flow.distances == tuple(range(-9, 10))
    assert all(norm > 0 and math.isfinite(norm) for norm in flow.norms)
    assert flow_of_run(run, length=10, samples=2) == flow
    assert run.model.encoder.embedding.weight.dtype is torch.float32
    assert flow.name == "attention | lstm, trained (run)"


@pytest.mark.parametrize("changes", [{"objective__carry": True}, {"data__pack": "examples"}, {"task": "bilm"}])
def test_every_way_of_reading_has_a_flow(book: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    recipe = tiny(book, **{"task": "clm", "encoder": "gru", "tokenizer__kind": "char", "budget__steps": 1, **changes})
    flow = flow_of_run(open_run(trained(recipe, tmp_path / "run")), length=6, samples=1)
    assert max(flow.distances) == 5
    assert (min(flow.distances) < 0) == ("task" in changes)


@pytest.mark.parametrize("name", ["siamese", "translate"])
def test_pairs_and_translations_have_a_flow(name: str, run_folders: dict[str, Path]) -> None:
    flow = flow_of_run(open_run(run_folders[name]), length=12, samples=3)
    assert 0 in flow.distances
    assert all(math.isfinite(norm) for norm in flow.norms)


def test_rows_of_unequal_lengths_have_a_flow_over_what_they_share(book: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number, paragraph in enumerate(book.read_text(encoding="utf-8").split("\n\n")[:60]):
        (texts / f"{number:02}.txt").write_text(paragraph, encoding="utf-8")
    recipe = tiny(
        book, task="mlm-nsp", encoder="lstm", corpus={"name": "file", "path": str(texts)}, budget__steps=1,
        tokenizer__boundaries=True, data__length=24,
    )  # fmt: skip
    flow = flow_of_run(open_run(trained(recipe, tmp_path / "run")), length=24, samples=6)
    assert 0 in flow.distances
    assert max(flow.distances) < 23


def test_numbers_out_of_range_and_wrong_expressions_are_refused(words_run: Path) -> None:
    for wrong in ({"length": 1, "samples": 1}, {"length": 4, "samples": 0}):
        with pytest.raises(UsageError, match="at least 2 tokens and 1 sample"):
            flow_of_fresh("rnn", width=8, **wrong)
        with pytest.raises(UsageError, match="at least 2 tokens and 1 sample"):
            flow_of_run(open_run(words_run), **wrong)
    with pytest.raises(UsageError, match="did you mean"):
        flow_of_fresh("lstmm", width=8, length=4, samples=1)


def test_a_run_whose_text_is_gone_is_named(book: Path, tmp_path: Path) -> None:
    own = tmp_path / "book.txt"
    own.write_bytes(book.read_bytes())
    run = open_run(trained(tiny(own, budget__steps=1, seed=9), tmp_path / "run"))
    own.unlink()
    with pytest.raises(DataError, match=r"book\.txt"):
        flow_of_run(run, length=4, samples=1)
