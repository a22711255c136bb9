"""Whether public data can be had: from a mirror, and from the hub."""

import os
from importlib import import_module
from pathlib import Path

from tandem.text.hub import MIRROR
from tandem.text.snapshot import PATIENCE, within

ASKED_FOR = "SetFit/sst2"


def mirror_state() -> str:
    """What TANDEM_MIRROR names, in words; a look at the disk."""
    named = os.environ.get(MIRROR)
    if not named:
        return f"{MIRROR} is not set"
    if not Path(named).is_dir():
        return f"{MIRROR} = {named}: no such folder"
    return f"{MIRROR} = {named}: {sum(1 for path in Path(named).glob('*/*') if path.is_dir())} data sets"


def hub_state() -> str:
    """Whether the hub answers a question about one data set, in words."""
    try:
        hub, constants = import_module("huggingface_hub"), import_module("huggingface_hub.constants")
    except ModuleNotFoundError:
        return "not asked: the extra hub is not installed"
    try:
        within(PATIENCE, lambda: hub.HfApi().dataset_info(ASKED_FOR))
    except Exception as error:
        reason = next(iter(str(error.__cause__ or error).strip().splitlines()), type(error).__name__)
        return f"{constants.ENDPOINT} cannot be asked ({reason.rstrip('.')})"
    return f"{constants.ENDPOINT} answers"
