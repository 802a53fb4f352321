"""Which Synthem this is: the version of pyproject.toml, and the commit where the project is a git checkout.

The library is not installed: it lies in the project, on the machine that computes too.
For the record alone: a commit that changes no code that a rule reaches reruns nothing.
"""

import os
import subprocess
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[3]
CODE = ("Snakefile", "rules", "workflow_scripts")  # config.yaml, which users edit, is recorded as a whole


def this_synthem(project=PROJECT):
    """{"version": "0.1.0", "commit": "<hash>[, with local changes]" or why it is unknown}."""
    return {"version": _version(project), "commit": _commit(project)}


def in_a_line(synthem):
    return f"{synthem['version']}, commit {synthem['commit']}"


def _version(project):
    try:
        return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, ValueError, KeyError) as error:
        return f"unknown: no version in pyproject.toml ({type(error).__name__})"


def _commit(project):
    try:
        top = _git(project, "rev-parse", "--show-toplevel")
        if not os.path.samefile(top, project):  # unpacked within another project
            return "unknown: not a git checkout"
        commit = _git(project, "rev-parse", "HEAD")
        changed = _git(project, "status", "--porcelain", "--", *CODE)
    except FileNotFoundError:
        return "unknown: no program git here"
    except subprocess.CalledProcessError as error:
        message = (error.stderr.strip().splitlines() or ["git failed"])[0]
        absent = "not a git repository" in message
        return "unknown: not a git checkout" if absent else f"unknown: {message}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown: {type(error).__name__}"
    return f"{commit}, with local changes" if changed else commit


def _git(project, *words):
    # GIT_DIR and its kin, set in hooks, would name another repository; the index is only read.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-C", str(project), *words]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, errors="replace", timeout=60, check=True
    )
    return done.stdout.strip()
