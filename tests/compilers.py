"""Whether a machine has what torch.compile needs, asked of the machine and not of what is tested."""

import os
import shutil
import sysconfig
from pathlib import Path

NO_COMPILER = "this machine has no C++ compiler, or no Python.h"


def can_compile() -> bool:
    """A C++ compiler by one of its usual names, or the one that CXX names, and the headers of this Python."""
    named = any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "g++", "c++", "clang++"))
    return named and Path(sysconfig.get_path("include"), "Python.h").is_file()
