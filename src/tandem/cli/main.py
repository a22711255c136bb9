"""The command line: parses what a person asks for, and calls the lab."""

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import typer

from tandem.cli import (
    classify,
    data,
    doctor,
    embed,
    export,
    inspect,
    knock_out,
    look,
    match,
    nli,
    probe,
    score,
    serve,
    similarity,
    study,
    tag,
    train,
    translate,
    use,
)
from tandem.cli.app import app
from tandem.cli.torchrun import answer_together, one_of_several
from tandem.core.errors import TandemError
from tandem.text.readable import unobeyed

COMMANDS = (
    train, study, use, classify, nli, similarity, tag, translate, embed, score, look, knock_out, inspect, match, probe,
    doctor, export, serve, data,
)  # fmt: skip
"""The files that put their commands into the application when they are imported."""
INTERRUPTED = "Stopped: at once; what was saved before stays, and nothing half-written"
# torch has no error class of its own for a CPU that has no memory left.
OUT_OF_MEMORY = ("can't allocate memory", "out of memory")


def main() -> None:
    """Runs a command, alone or as one of the processes that torchrun starts."""
    # Waiting threads of libgomp spin: beside one other busy process a step took 2 to 12 times as long on two cores.
    # A short spin costs nothing alone; the variable is read when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    command = partial(app, prog_name="tandem")
    if one_of_several():
        answer_together(_answer, command)
    else:
        _answer(command)


def _answer(command: Callable[[], Any]) -> Any:
    """What `command` returns; a user's mistake becomes one line and an exit code, never a traceback."""
    try:
        return command()
    except TandemError as error:
        _fail(f"{type(error).__name__}: {error}", error.exit_code)
    except KeyboardInterrupt:
        _fail(INTERRUPTED, 130)
    except SystemExit as ended:
        # The library of the command line ends so after Ctrl-C, without a word.
        if ended.code != 130:
            raise
        _fail(INTERRUPTED, 130)
    except OSError as error:
        _fail(f"ResourceError: the system refused: {error}", 4)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(sign in str(error) for sign in OUT_OF_MEMORY):
            raise
        _fail("ResourceError: not enough memory; lower train.batch_tokens, model.width or tokenizer.size", 4)


def _fail(message: str, code: int) -> None:
    typer.echo(unobeyed(" ".join(message.split())), err=True)
    sys.exit(code)
