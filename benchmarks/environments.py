"""Virtual environments of peers: made by the benchmark that needs them, in the cache folder, and used again."""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tandem.data.store import cache_folder

ALONE = {"trainer": ["transformers==5.23.0"], "datasets_map": ["datasets==5.2.0"]}
"""Packages that stand in a peer's own environment even where ours has them, so that its version is the one told."""
REQUIREMENTS = {
    "trainer": [*ALONE["trainer"], "accelerate==1.15.0"],
    "datasets_map": [*ALONE["datasets_map"]],
    "keras": [
        "keras==3.15.1",
        "tensorflow-cpu==2.21.0; platform_machine == 'x86_64' and sys_platform == 'linux'",
        "tensorflow==2.21.0; platform_machine != 'x86_64' or sys_platform != 'linux'",
    ],
}
"""What is installed for each peer. Numbers that are compared later need versions that do not change by themselves."""
BEHIND_OURS = {"trainer", "datasets_map"}
"""Peers that run on the very torch and tokenizers that Tandem runs on: behind their own packages they see ours, and
what those satisfy is not installed again."""


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment, made first where it is not there yet."""
    if peer not in REQUIREMENTS:
        return sys.executable
    wanted = "\n".join([sys.version, sys.prefix if peer in BEHIND_OURS else "", *REQUIREMENTS[peer]])
    folder = cache_folder() / "peers" / f"{peer}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if not (folder / "complete").exists():
        print(f"installing {peer} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        if peer in BEHIND_OURS:
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            ours = folder / "lib" / version / "site-packages" / "ours.pth"
            ours.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        if peer in ALONE:
            _install(folder, "--ignore-installed", "--no-deps", *ALONE[peer])
        _install(folder, *REQUIREMENTS[peer])
        (folder / "complete").touch()
    return str(folder / "bin" / "python")


def _install(folder: Path, *wanted: str) -> None:
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *wanted], check=True)
