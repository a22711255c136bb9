"""Virtual environments of peers: made by the benchmark that needs them, in the cache folder, and used again."""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import venv

from tandem.data.store import cache_folder

REQUIREMENTS = {
    "trainer": ["transformers>=5,<6", "accelerate>=1.1"],
    "keras": [
        "keras>=3.10",
        "tensorflow-cpu>=2.20; platform_machine == 'x86_64' and sys_platform == 'linux'",
        "tensorflow>=2.20; platform_machine != 'x86_64' or sys_platform != 'linux'",
    ],
}
"""What is installed for each peer; it must not stand in ours, whose versions are other people's business."""
SHARES_TORCH = {"trainer"}
"""Peers that are to run on the very torch that Tandem runs on: they see our packages behind their own."""


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment, made first where it is not there yet."""
    if peer not in REQUIREMENTS:
        return sys.executable
    wanted = "\n".join([sys.version, sys.prefix if peer in SHARES_TORCH else "", *REQUIREMENTS[peer]])
    folder = cache_folder() / "peers" / f"{peer}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"installing {peer} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        if peer in SHARES_TORCH:
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            ours = folder / "lib" / version / "site-packages" / "ours.pth"
            ours.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS[peer]], check=True)
        (folder / "complete").touch()
    return str(python)
