"""A PostgreSQL cluster that lives as long as the tests: Debian's programs, a Unix socket, a folder under /tmp."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Self

_PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parts[-2]), default=Path("/nonexistent"))


def installed() -> bool:
    """Say whether a cluster can be made here."""
    return (_PROGRAMS / "initdb").exists()


class Cluster:
    """Starts, stops and makes databases; PostgreSQL refuses root, so root acts as the user `postgres`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
        self._names = count()
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")

    def __enter__(self) -> Self:
        self._run("initdb", "-D", f"{self._folder}/d", "-A", "trust", "-U", "timbre", "-N", "--no-locale", "-E", "UTF8")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it, and wait until it answers; no test here cuts the power, so it need not wait for the disk."""
        self._control(
            "-l", f"{self._folder}/log", "-o", f"-c listen_addresses= -c fsync=off -k {self._folder}", "start"
        )

    def stop(self) -> None:
        """Stop it, whatever its clients are doing."""
        self._control("-m", "fast", "stop")

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._folder / ".s.PGSQL.5432"

    def database(self) -> str:
        """Make an empty database; its address."""
        name = f"t{next(self._names)}"
        self._run("createdb", "-h", str(self._folder), "-U", "timbre", name)
        return f"postgres://timbre@/{name}?host={self._folder}"

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", f"{self._folder}/d", "-w", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        # Not to a pipe: the server would inherit it, and reading it would never end.
        with open(f"{self._folder}/out", "w") as out:
            done = subprocess.run([_PROGRAMS / program, *arguments], stdout=out, stderr=out, cwd="/tmp", **user)  # type: ignore[call-overload]
        if done.returncode:
            raise RuntimeError(f"{program}: {Path(f'{self._folder}/out').read_text()}")
