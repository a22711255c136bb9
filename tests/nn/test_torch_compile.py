"""A compiled encoder learns what a plain one learns, and is a plain one wherever it does not learn.

Torch compiles in processes of their own: here warnings are errors, and shapes are checked, which it can do neither of.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from compilers import NO_COMPILER, can_compile
from running import python, tandem, tiny, written

from tandem.core.errors import UsageError
from tandem.lab.assemble import check

ROOT = Path(__file__).parents[2]
BEGIN = """
import sys
import torch
from tandem.nn.torch_compile import check_compiler, compile_training

check_compiler("default", torch.device("cpu"))
"""
TWO = """
import torch
from tandem.nn.encoder import Encoder, passed
from tandem.nn.layout import parse

def made():
    torch.manual_seed(0)
    layout = parse("attention*2")
    return Encoder(layout, vocabulary=50, width=16, sees="both", max_length=16, positions="rotary", dropout=0.2)

def learnt(encoder, longest, lengths):
    torch.manual_seed(1)
    ids = torch.randint(50, (len(lengths), longest))
    mask = torch.arange(longest)[None] < torch.tensor(lengths)[:, None]
    encoder.zero_grad(set_to_none=True)
    hidden = encoder(ids, mask)[mask]
    hidden.square().sum().backward()
    return [hidden.detach(), *(p.grad for p in encoder.parameters() if p.grad is not None)]

plain, fast = made(), made()
"""
TRACED = """
fast.passed_in_training = torch.compile(passed, backend="eager", fullgraph=True, dynamic=True)
for ours, theirs in zip(learnt(fast, 9, [9, 3, 4]), learnt(plain, 9, [9, 3, 4]), strict=True):
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
"""
SIZES = """
from torch._dynamo.utils import counters

compile_training(fast, "default")
assert list(fast.state_dict()) == list(plain.state_dict())
counters.clear()
for longest, lengths in ((12, [12] * 4), (9, [9, 3, 4, 1, 9, 9, 2]), (16, [16, 5, 6])):
    for ours, theirs in zip(learnt(fast, longest, lengths), learnt(plain, longest, lengths), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
assert counters["stats"]["unique_graphs"] == 1, counters["stats"]
assert not counters["graph_break"], counters["graph_break"]
for ours, theirs in zip(learnt(fast.eval(), 9, [9, 2]), learnt(plain.eval(), 9, [9, 2]), strict=True):
    assert torch.equal(ours, theirs)
"""
GOLDEN = """
import test_training_step as golden

class Compiled(golden.Encoder):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        compile_training(self, "default")

golden.Encoder = Compiled
for expression in ("attention*2 | lstm*2", "minlstm"):
    for ours, theirs in zip(golden.losses(expression), golden.GOLDEN[expression], strict=True):
        assert abs(ours - theirs) < 1e-4, (expression, ours, theirs)
"""
RESUMED = """
from pathlib import Path
from running import tiny
from tandem.lab.run import train_run
from tandem.train.loop import Step

folder = Path({folder!r})
recipe = tiny(
    Path({book!r}), encoder="attention", train__compile="reduce-overhead", train__checkpoint_seconds=0, budget__steps=4
)
for _ in train_run(recipe, folder / "whole"):
    pass
stopped = train_run(recipe, folder / "stopped")
next(event for event in stopped if isinstance(event, Step) and event.step == 2)
stopped.close()
for _ in train_run(recipe, folder / "stopped"):
    pass
for name in ("weights.safetensors", "log.jsonl"):
    assert (folder / "whole" / name).read_bytes() == (folder / "stopped" / name).read_bytes(), name
"""


@pytest.mark.skipif(not can_compile(), reason=NO_COMPILER)
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(TWO + SIZES, id="sizes", marks=pytest.mark.campaign),
        pytest.param(GOLDEN, id="golden", marks=pytest.mark.campaign),
        pytest.param(RESUMED, id="resumed", marks=pytest.mark.campaign),
    ],
)
def test_what_is_compiled_is_compiled_once_changes_rounding_only_and_can_be_resumed(
    script: str, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script is RESUMED:
        script = RESUMED.format(folder=str(tmp_path), book=str(book))
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests'}:{ROOT / 'tests/golden'}")
    command = [sys.executable, "-c", BEGIN + script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


def test_all_that_attention_and_dropout_do_is_one_graph_with_the_draws_of_the_plain_one(tmp_path: Path) -> None:
    done = python(TWO + TRACED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_machine_without_a_compiler_says_so_before_any_text_is_read(book: Path, cache: Path, tmp_path: Path) -> None:
    before = sorted(cache.rglob("*"))
    recipe = written(tmp_path / "mlm.toml", book, train__compile="default")
    compilers = {"CXX": "/no/such/compiler", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "compiled")}
    compilers["CUDA_VISIBLE_DEVICES"] = ""
    done = tandem("train", recipe, "--out", tmp_path / "run", cwd=tmp_path, **compilers)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert 'train.compile = "default": torch cannot compile on this machine' in done.stderr
    assert "No working C++ compiler" in done.stderr
    assert not (tmp_path / "run").exists()
    assert sorted(cache.rglob("*")) == before


def test_what_cannot_be_compiled_is_refused(book: Path) -> None:
    with pytest.raises(
        UsageError, match=r"objective\.carry: a carried state is not compiled; leave out train\.compile"
    ):
        check(tiny(book, task="clm", tokenizer__kind="char", objective__carry=True, train__compile="default"))
