"""torch.compile for the passes of an encoder in training."""

from collections.abc import Callable
from typing import Any

import torch

from tandem.core.choices import CompileMode
from tandem.core.errors import ResourceError
from tandem.nn.encoder import Encoder, passed


def compile_training(encoder: Encoder, mode: CompileMode) -> None:
    """From now on the body of `encoder` runs compiled in training; the first step of training compiles it.

    Weights, their names and the draws of dropout stay as they are, and numbers agree to rounding. What is evaluated or
    looked at runs as if nothing had been compiled. Torch runs its own kernels of RNN, GRU and LSTM between the compiled
    pieces. On a CPU this pays late or never (`benchmarks.compile`).
    """
    if mode != "none":
        encoder.passed_in_training = compiled(passed, mode)


def compiled(function: Callable[..., Any], mode: CompileMode) -> Callable[..., Any]:
    """`function`, to be compiled when it is first called, once for batches of all sizes.

    An associative scan is the exception: its levels follow from the two leading binary digits of the length, so that it
    is compiled for each of those that occur. From torch's limit of eight on it runs as it stands.
    """
    # Takes more than a second to load.
    from torch import _inductor

    # Of its own accord torch draws other random numbers where it compiles.
    options = {**_inductor.list_mode_options(mode), "fallback_random": True}
    return torch.compile(function, options=options, dynamic=True)


def check_compiler(mode: CompileMode, device: torch.device) -> None:
    """Compiles a sum on `device`, since a compiler may lack, or what it needs: a few seconds the first time.

    Raises:
        ResourceError: it does not work.
    """
    if mode == "none":
        return
    try:
        compiled(torch.add, mode)(torch.zeros(2, device=device), 1.0)
    except Exception as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        needed = "triton and a C compiler" if device.type == "cuda" else "a C++ compiler such as g++"
        raise ResourceError(
            f'train.compile = "{mode}": torch cannot compile on this machine ({reason}); install {needed}, or set '
            'train.compile = "none"'
        ) from error
