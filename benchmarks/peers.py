"""Peers: other programs, each in a process of its own that stays, so that they can take turns with ours.

They live in an environment of their own: SYNTHEM_PEERS, or .peers in the project (make peers). A peer tells
about itself in a first line; then, for every line that it is sent, it works and answers with a line.
"""

import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(os.environ.get("SYNTHEM_PEERS") or Path(__file__).parents[1] / ".peers")
PYTHON = ENVIRONMENT / "bin" / "python"


class Peer:
    """Running while the block lasts."""

    def __init__(self, name, script, *arguments, environment=()):
        if not PYTHON.exists():
            sys.exit(f"no peers in {ENVIRONMENT}: make peers, or set SYNTHEM_PEERS")
        self.name = name
        command = [PYTHON, Path(__file__).parent / script, *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | dict(environment),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # its loop ends there
        self.process.wait()

    def hear(self):
        line = self.process.stdout.readline().strip()
        if not line:
            sys.exit(f"the peer {self.name} ended too early")
        return line

    def ask(self, request):
        self.process.stdin.write(f"{request}\n")
        return self.hear()
