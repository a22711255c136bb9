"""`tandem doctor`, for a machine that is made up: measuring this one takes half a minute."""

import json

import pytest
from running import Ask

from tandem.lab.doctor import findings
from tandem.lab.doctor.findings import Findings
from tandem.lab.doctor.machine import Machine
from tandem.lab.doctor.parity import Distance
from tandem.lab.doctor.speed import Setting

SPEEDS = {Setting("fp32", 1): 1000.0, Setting("bf16", 1): 1700.0}


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(
        "a processor", None, 1, 1, ("avx2", "fma"), None, {"runs": 2**40}, {"torch": "2"}, {"hub": ("x",)}
    )
    found = Findings(
        machine, {setting: 1e9 * speed for setting, speed in SPEEDS.items()}, {"lstm": SPEEDS},
        {"lstm": [Distance(0.001, 0.002), Distance(0.003, 0.004)]}, "TANDEM_MIRROR is not set", None,
    )  # fmt: skip
    monkeypatch.setattr(findings, "examine", lambda network, say: asked(found, "the hub answers" if network else None))


def asked(found: Findings, hub: str | None) -> Findings:
    return Findings(found.machine, found.peaks, found.speeds, found.parity, found.mirror, hub)


def test_it_prints_what_there_is_what_is_fast_and_what_to_do(ask: Ask) -> None:
    done = ask("doctor")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "processor  a processor, cores 1, threads 1"
    assert "extras     hub (lacks x)" in lines
    assert "hub  " not in done.out
    assert any(line.split() == ["lstm,", "tokens/s", "1,000", "1,700"] for line in lines)
    assert any(line.split() == ["lstm", "0.10", "%", "0.20", "%", "0.30", "%", "0.40", "%"] for line in lines)
    assert "- train lstm in bf16 with 1 thread: 1.7 times as fast as in fp32 with 1 thread" in lines


def test_the_network_is_told_about_when_it_is_asked(ask: Ask) -> None:
    assert "hub        the hub answers" in ask("doctor", "--network").out


def test_json_holds_every_number_and_the_advice(ask: Ask) -> None:
    found = json.loads(ask("doctor", "--json").out)
    assert found["tokens_per_second"] == {"lstm": {"fp32": {"1": 1000.0}, "bf16": {"1": 1700.0}}}
    assert found["parity"]["lstm"][1] == {"output": 0.003, "gradient": 0.004}
    assert found["machine"]["instructions"] == ["avx2", "fma"]
    assert found["hub"] is None
    assert found["advice"][0].startswith("train lstm in bf16")
