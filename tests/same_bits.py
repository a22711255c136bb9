"""Whether two finished runs are equal, byte for byte."""

import json
from pathlib import Path
from typing import Any

from running import left_half_written

STEPS = 50
FILES = ("weights.safetensors", "log.jsonl", "scores.json", "tokenizer.json", "machine.json")
TENSORS = ("weights.safetensors", "optimiser.safetensors")


def assert_same_bits(folder: Path, reference: Path) -> None:
    """Weights, optimiser, position in the data, log and scores are equal, and nothing half-written lies about."""
    for name in FILES:
        assert (folder / name).read_bytes() == (reference / name).read_bytes(), name
    last = f"checkpoints/step-{STEPS}"
    for name in TENSORS:
        assert (folder / last / name).read_bytes() == (reference / last / name).read_bytes(), name
    assert _state(folder / last) == _state(reference / last)
    assert not left_half_written(folder)


def _state(checkpoint: Path) -> dict[str, Any]:
    """What the checkpoint knows, without what a clock decides."""
    state = json.loads((checkpoint / "state.json").read_text())
    del state["progress"]["seconds"], state["lengths"]["timings"]
    return dict(state)
