"""How much memory a process holds, as the kernel of Linux counts it."""

import threading
from collections.abc import Sequence
from pathlib import Path


class Memory:
    """Looks, while the block lasts, at what running processes hold of their own: `most`, in megabytes of 10^6 bytes."""

    def __init__(self, processes: Sequence[int], *, every: float = 0.02) -> None:
        self.processes, self.every, self.most = processes, every, 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Memory":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while True:
            self.most = max(self.most, *(megabytes("RssAnon", process) for process in self.processes))
            if self.over.wait(self.every):
                return


def megabytes(name: str, process: int | str = "self") -> float:
    """One of the kernel's counts of a process: VmRSS is memory now, RssAnon what no file is behind, VmHWM the most."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))
