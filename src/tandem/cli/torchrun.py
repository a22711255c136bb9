"""Commands that torchrun starts in several processes: the first answers, the others train with it."""

import os
import sys
from collections.abc import Callable
from typing import Any

from tandem.core.errors import UsageError

SPREAD = ("train", "compare")


def one_of_several() -> bool:
    """Whether torchrun has started this process together with others."""
    return "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def answer_together(answer: Callable[[Callable[[], Any]], Any], command: Callable[[], Any]) -> None:
    """Lets the first process answer `command`, and the others train with it; all end with the exit code of the first.

    `answer` calls what it is given, and turns an error into a line and the end of the process.
    """
    from tandem.lab.follow import follow
    from tandem.train.processes import ending_together, join, rank

    with ending_together():
        answer(join)
        if rank() > 0:
            sys.exit(answer(follow))
        answer(_refuse_what_does_not_train)
        answer(command)


def _refuse_what_does_not_train() -> None:
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    if asked not in (*SPREAD, None):
        raise UsageError(
            f"torchrun spreads {' and '.join(f'tandem {name}' for name in SPREAD)} over processes, and not tandem "
            f"{asked}; give that command without torchrun"
        )
