"""What the doctor finds on this machine, and what it says about made-up ones."""

import dataclasses
import json

import pytest
import torch

from tandem.core import parts
from tandem.lab.doctor import findings, layers
from tandem.lab.doctor import machine as machine_module
from tandem.lab.doctor import peak as peak_module
from tandem.lab.doctor.advice import advice, best
from tandem.lab.doctor.findings import Findings, examine
from tandem.lab.doctor.layers import Trial
from tandem.lab.doctor.machine import Machine, look_around, machine
from tandem.lab.doctor.network import hub_state, mirror_state
from tandem.lab.doctor.parity import Distance, parity
from tandem.lab.doctor.speed import Setting, settings, speeds
from tandem.train import muon

CPU = torch.device("cpu")
ONE, TWO, BF16, BF16_TWO = Setting("fp32", 1), Setting("fp32", 2), Setting("bf16", 1), Setting("bf16", 2)
NEAR = [Distance(0.004, 0.01), Distance(0.005, 0.01)]
MACHINE = Machine(
    processor="a processor", graphics=None, cores=2, threads=2, instructions=("avx2",), memory_free=16 * 2**30,
    disk_free={"runs": 2**40}, versions={"torch": "2.13"}, extras={"hub": (), "plots": ()},
)  # fmt: skip
PEAKS = {ONE: 1e11, BF16: 2e11, TWO: 1.9e11, BF16_TWO: 3.8e11}
FOUND = Findings(
    machine=MACHINE,
    peaks=PEAKS,
    speeds={"lstm": {ONE: 1000.0, BF16: 1700.0, TWO: 900.0, BF16_TWO: 1000.0}},
    parity={"lstm": NEAR},
    mirror="TANDEM_MIRROR is not set",
    hub=None,
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that no test waits for."""
    monkeypatch.setattr(layers, "WIDTH", 16)
    monkeypatch.setattr(layers, "LENGTH", 12)
    monkeypatch.setattr(peak_module, "SIZES", {"cpu": (32, 64)})


def changed(**values: object) -> Findings:
    return dataclasses.replace(FOUND, machine=dataclasses.replace(MACHINE, **values))


def test_the_fastest_setting_is_advised_with_its_gain() -> None:
    said = advice(FOUND)
    assert said[0] == "train lstm in bf16 with 1 thread: 1.7 times as fast as in fp32 with 1 thread"
    assert any(line.startswith("set OMP_NUM_THREADS=1 (it is 2 now); the other cores are free") for line in said)


def test_mixers_with_the_same_best_setting_share_a_sentence() -> None:
    found = dataclasses.replace(
        FOUND,
        speeds={
            "attention": {ONE: 100.0, BF16: 150.0, TWO: 180.0, BF16_TWO: 300.0},
            "cnn": {ONE: 100.0, BF16: 150.0, TWO: 180.0, BF16_TWO: 250.0},
            "gru": {ONE: 100.0, BF16: 50.0, TWO: 80.0, BF16_TWO: 40.0},
        },
    )
    said = advice(found)
    assert (
        said[0] == "train attention and cnn in bf16 with 2 threads: 2.5 to 3.0 times as fast as in fp32 with 1 thread"
    )
    assert said[1] == "train gru in fp32 with 1 thread: nothing else is faster"
    assert not any("OMP_NUM_THREADS" in line for line in said)


def test_a_gain_within_the_noise_changes_nothing() -> None:
    assert best({ONE: 100.0, BF16: 104.0, TWO: 103.0, BF16_TWO: 104.9}) == ONE
    assert best({ONE: 100.0, BF16: 150.0, TWO: 151.0, BF16_TWO: 152.0}) == BF16


def test_what_stands_in_the_way_is_said_and_nothing_else() -> None:
    assert len(advice(FOUND)) == 3
    far = dataclasses.replace(FOUND, parity={"lstm": [NEAR[0], Distance(0.01, 0.3)]})
    assert "lstm in bf16 is 30 % away from fp32: compare a short run in both" in advice(far)
    busy = dataclasses.replace(FOUND, peaks=PEAKS | {TWO: 1.1e11})
    assert "2 threads multiply hardly faster than one: other programs run; measure again alone" in advice(busy)
    assert any("1.0 GiB of memory" in line for line in advice(changed(memory_free=2**30)))
    assert any("2.0 GiB of disk are free for runs" in line for line in advice(changed(disk_free={"runs": 2**31})))
    lacking = advice(changed(extras={"hub": ("huggingface_hub",), "plots": (), "all": ("huggingface_hub",)}))
    assert lacking[-1] == "not installed: hub; pip install -e '.[hub]' in the clone"


def test_thread_counts_are_powers_of_two_and_all_cores() -> None:
    def counts(cores: int) -> list[int]:
        return [setting.threads for setting in settings(cores, CPU) if setting.precision == "fp32"]

    assert (counts(1), counts(2), counts(6), counts(64)) == ([1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8, 64])
    assert [setting.threads for setting in settings(8, torch.device("cuda"))] == [1, 1]


def test_measured_speeds_leave_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    found = speeds(["mingru"], [ONE, BF16, TWO], rounds=1, device=CPU)
    assert torch.get_num_threads() == before
    assert set(found["mingru"]) == {ONE, BF16, TWO}
    assert min(found["mingru"].values()) > 0
    assert peak_module.peak("fp32", seconds=0.01, device=CPU) > 1e6


def test_what_is_measured_has_the_products_of_muon_and_leaves_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    products: list[tuple[int, ...]] = []
    taken = muon.orthogonalised

    def counted(matrices: torch.Tensor) -> torch.Tensor:
        products.append((*matrices.shape, torch.is_autocast_enabled("cpu")))
        return taken(matrices)

    monkeypatch.setattr(muon, "orthogonalised", counted)
    trial = Trial("attention", layers=1, batch=2, device=CPU)
    before = [weight.clone() for weight in trial.encoder.parameters()]
    trial.step("bf16")
    # Queries, keys and values; the output; both matrices of the feed-forward network; all in bfloat16.
    assert sorted(products) == [(1, 16, 16, True), (1, 16, 64, True), (3, 16, 16, True), (4, 16, 16, True)]
    assert all(torch.equal(*pair) for pair in zip(before, trial.encoder.parameters(), strict=True))
    products.clear()
    speeds(["attention"], [ONE], rounds=1, device=CPU)
    assert len(products) == 8


def test_a_layer_is_at_no_distance_from_itself_and_at_a_small_one_in_bfloat16() -> None:
    first, again, rough = (
        Trial("lstm", layers=2, batch=2, device=CPU).traced(name) for name in ("fp32", "fp32", "bf16")
    )
    assert [output.shape for output, _ in first] == [(2, 12, 16)] * 2
    for (output, gradient), (same, equal), (other, away) in zip(first, again, rough, strict=True):
        assert torch.equal(output, same)
        assert torch.equal(gradient, equal)
        assert not torch.equal(output, other.float())
        assert not torch.equal(gradient, away)
    for layer in parity(["lstm"], device=CPU)["lstm"]:
        assert 0 < layer.output < 0.05
        assert 0 < layer.gradient < 0.05


def test_what_the_machine_is_and_has() -> None:
    found = look_around()
    assert found.cores >= 1
    assert found.threads == torch.get_num_threads()
    assert found.versions["torch"] == torch.__version__
    assert min(found.disk_free.values()) > 0
    assert {"hub", "eval", "plots"} <= set(found.extras)
    assert found.extras["plots"] == ()
    assert machine(CPU).startswith(found.processor)


def test_a_container_has_what_its_limit_leaves_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(machine_module, "CONTROL_GROUP", tmp_path)
    unlimited = look_around().memory_free
    for name, content in {"max": "5000", "current": "4000", "stat": "file 9\ninactive_file 300"}.items():
        (tmp_path / f"memory.{name}").write_text(f"{content}\n")
    assert look_around().memory_free == 1300
    (tmp_path / "memory.max").write_text("max\n")
    assert unlimited is None or look_around().memory_free > 1300


@pytest.mark.parametrize(("limit", "expected"), [("max 100000", 8), ("150000 100000", 2), ("1000 100000", 1)])
def test_a_container_has_no_more_cores_than_it_gets_the_time_of(
    limit: str, expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(machine_module, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(machine_module.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert look_around().cores == expected


def test_the_hub_is_asked_only_on_request_and_its_silence_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(parts, "names", lambda package: ["rnn"])
    # Two threads on cores that others use wait for each other.
    monkeypatch.setattr(findings, "settings", lambda cores, device: [ONE, BF16])
    monkeypatch.setattr(findings, "hub_state", lambda: "asked")
    found = [examine(network=network, seconds=0.01, rounds=1) for network in (False, True)]
    assert [each.hub for each in found] == [None, "asked"]
    assert json.loads(json.dumps(found[0].to_json()))["tokens_per_second"]["rnn"]["fp32"]["1"] > 0
    assert "cannot be asked" in hub_state()
    monkeypatch.setenv("TANDEM_MIRROR", str(tmp_path))
    (tmp_path / "someone/data").mkdir(parents=True)
    assert mirror_state() == f"TANDEM_MIRROR = {tmp_path}: 1 data sets"
    monkeypatch.setenv("TANDEM_MIRROR", str(tmp_path / "nowhere"))
    assert mirror_state().endswith("no such folder")
