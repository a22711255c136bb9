"""A polite stop saves the step, says so, and costs nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import num_lines, started, tiny
from same_bits import STEPS, assert_same_bits

from tandem.core.config import read_recipe
from tandem.core.errors import Stopped
from tandem.lab.events import Event, Notice
from tandem.lab.run import train_run
from tandem.train.loop import Step
from tandem.train.signals import stop_requests


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_saves_its_step_and_goes_on_to_the_same_bits(
    sent: signal.Signals, code: int, workplace: Path
) -> None:
    # Nothing but the stop itself saves here.
    folder, change = workplace / "stopped" / sent.name, "train.checkpoint_seconds=1000.0"
    with started("train", "hybrid.toml", "--set", change, "--out", folder, cwd=workplace) as process:
        while num_lines(folder / "log.jsonl") < 15 and process.poll() is None:
            pass
        process.send_signal(sent)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == code
    (saved,) = (folder / "checkpoints").iterdir()
    step = saved.name.removeprefix("step-")
    assert 10 < int(step) < STEPS
    assert complaint == f"Stopped: after step {step}; the same command goes on from there\n"
    events = list(train_run(read_recipe(workplace / "hybrid.toml", [change]), folder))
    assert Notice(f"continuing after step {step}") in events
    assert_same_bits(folder, workplace / "runs" / "hybrid")


def test_a_signal_is_answered_after_the_step_in_hand(book: Path, tmp_path: Path) -> None:
    seen: list[Event] = []

    def train() -> None:
        for event in train_run(tiny(book), tmp_path / "run"):
            seen.append(event)
            if isinstance(event, Step) and event.step == 2:
                signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped, match="after step 2") as stopped:
        train()
    assert stopped.value.exit_code == 143
    assert [event.step for event in seen if isinstance(event, Step)] == [1, 2]
    assert (tmp_path / "run/checkpoints/step-2/manifest.json").exists()


@pytest.fixture
def usual_interrupt() -> Iterator[None]:
    """A process that was started in the background of a shell ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("usual_interrupt")
def test_a_request_is_noted_once_and_the_second_has_its_usual_effect() -> None:
    with stop_requests() as request:
        assert request.number is None
        signal.raise_signal(signal.SIGINT)
        assert request.number == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_signals_mean_what_they_meant_when_the_block_is_left() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stop_requests():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
