"""Networks that torch compiles for this machine: worth a minute at the start of long trainings on GPUs."""

import os
import shutil

from synthem.compute.devices import repeats_bits
from synthem.errors import SynthemError

COMPILERS = ("c++", "g++", "clang++")  # of which torch needs one, or what CXX names


def compiled(net, *, wanted):
    """The network itself; where wanted, its calls in training are compiled, each form at its first.

    Nothing else of it changes: weights, their names, copies of it, and `net.forward`, which stays plain. What
    is drawn by chance is what the plain network draws.
    """
    if wanted:
        refuse_missing_compiler()
        # No kernel is chosen by its speed of the moment where bits have to repeat themselves.
        net.compile(dynamic=False, options={"fallback_random": True, "deterministic": repeats_bits()})
    return net


def refuse_missing_compiler():
    own = [os.environ["CXX"]] if os.environ.get("CXX") else []
    if not any(shutil.which(name) for name in [*own, *COMPILERS]):
        raise SynthemError(
            "CONFIG_VALUE",
            "training.compile",
            "true, but there is no C++ compiler on this machine",
            expected=f"one of {', '.join(COMPILERS)} on PATH, or CXX to name one",
            fix="install a compiler, or set it to false",
        )
