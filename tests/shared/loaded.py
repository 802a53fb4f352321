"""Snakemake, and the scripts of its jobs, as forks of a process that has loaded their packages once.

To load them takes a job of the nano workflow longer than its work, and the tests ask for thousands. A fork
reads the library itself anew, from the copy of the project that it works in. Tests of what kills, stops or
starts processes have processes of their own (`nano_workflow.Workflow.start`), whose results are the same to
the byte.
"""

import array
import atexit
import gc
import marshal
import os
import re
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from tests.shared.orders import ask

HUNG = 900  # seconds: the longest run of a test takes a tenth of it. What takes longer hangs.
PROJECT = Path(__file__).parents[2]
PACKAGES = (
    *("snakemake.cli", "snakemake.script", "jsonschema", "yaml", "numpy", "pandas", "h5py", "tifffile"),
    *("PIL.Image", "scipy.ndimage", "scipy.optimize", "scipy.special", "scipy.stats", "skimage.measure"),
    *("smart_open", "matplotlib.style", "matplotlib.patheffects"),
    *(
        "matplotlib.figure",
        "matplotlib.backends.backend_agg",
        "numba",
        "torch",
        "torch.utils.serialization",
        "sklearn.ensemble",
        "imagecodecs",
        "nbformat",
        "snakemake.report.html_reporter",
    ),
    *(f"skimage.{part}" for part in ("draw", "exposure", "filters", "morphology", "segmentation", "util")),
    *(f"PIL.{kind}ImagePlugin" for kind in ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "Tiff", "WebP")),
)
# As Snakemake sets them for jobs of one thread: libraries read them when they are loaded.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "GOTO", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")}
PYTHON = """#!{python} -ISE
import sys
sys.path.append({tests!r})
from orders import run_script
run_script({address!r}, sys.argv[1:])
"""


def run_snakemake(arguments, folder, environment, output):
    """Run snakemake with these arguments in a folder, its output to a file; return its exit code."""
    with open(os.devnull) as nothing, open(output, "w") as written:
        files = [nothing.fileno(), written.fileno(), written.fileno()]
        order = {"program": "snakemake", "arguments": arguments, "folder": str(folder)}
        return ask(address_of_server(), order | {"environment": environment}, files)


@cache
def address_of_server():
    """The socket of the server of this process of pytest, which ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="loaded-")
    atexit.register(folder.cleanup)
    address, python = Path(folder.name, "socket"), Path(folder.name, "python")
    words = {"python": sys.executable, "tests": str(PROJECT / "tests/shared"), "address": str(address)}
    python.write_text(PYTHON.format(**words))
    python.chmod(0o755)
    command = [
        sys.executable,
        "-c",
        "from tests.shared.loaded import serve; serve(*__import__('sys').argv[1:])",
    ]
    clean = os.environ | ONE_THREAD | {"PYTHONDONTWRITEBYTECODE": "1", "EAGER_IMPORT": "1"}  # scikit-image's
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen([*command, str(address), str(python)], cwd=PROJECT, env=clean, **pipes)
    atexit.register(server.stdin.close)  # then it ends
    server.stdout.readline()
    return str(address)


def serve(address, python):
    """Obey every order in a process of its own, until the one that started this has gone."""
    import numba

    sys.path.remove("")
    for name in PACKAGES:
        with suppress(ImportError):  # an environment without torch
            __import__(name)
    sys.modules["snakemake.cli"].get_argument_parser()  # loads the plugins of Snakemake
    numba.njit(lambda: 0)()  # the first compilation loads the other half of numba
    remember_rules()
    # What is loaded stays: forks need neither look through it for garbage nor take it apart at their end.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    weakref.finalize._registry.clear()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    print("ready", flush=True)
    running = {}  # {descriptor of a process, readable when it has ended: (its number, who asked for it)}
    while True:
        asking = [asks for _, asks in running.values() if asks]
        ready, _, _ = select.select([listening, sys.stdin, *running, *asking], [], [])
        if sys.stdin in ready:
            for process, _ in running.values():
                os.kill(process, signal.SIGTERM)
            return
        for descriptor, (process, asks) in [*running.items()]:
            if descriptor in ready:
                answer(process, asks)
                os.close(descriptor)
                del running[descriptor]
            elif asks in ready:  # who asked has gone
                os.kill(process, signal.SIGTERM)
                asks.close()
                running[descriptor] = process, None
        if listening in ready:
            asks, _ = listening.accept()
            with suppress(LookupError, ValueError, EOFError, OSError):  # killed before it had asked
                order, files = received(asks)
                process = start(order, files, python, [listening, asks, *asking])
                running[os.pidfd_open(process)] = process, asks


def remember_rules():
    """Parse the project's rules: forks that read the same text take what Snakemake's parser made of it.

    It is a quarter of a start of Snakemake.
    """
    workflow, remembered = sys.modules["snakemake.workflow"], {}
    parse_anew = workflow.parse

    def parse(source, reader, linemap, overwrite_shellcmd=None, rulecount=0):
        place = source.get_path_or_uri(secret_free=True)
        with reader.sourcecache.open(source) as file:
            key = file.read(), rulecount
        if key not in remembered:
            lines = {}
            remembered[key] = *parse_anew(source, reader, lines, overwrite_shellcmd, rulecount), lines, place
        code, count, lines, first = remembered[key]
        linemap |= lines
        return code.replace(repr(first), repr(place)), count

    workflow.parse = parse
    local = SimpleNamespace(open=lambda source: open(source.get_path_or_uri(secret_free=True)))
    count, text = 0, (PROJECT / "Snakefile").read_text()
    for name in ("Snakefile", *re.findall(r'^include: "(.*)"$', text, re.MULTILINE)):
        source = workflow.LocalSourceFile(str(PROJECT / name))
        _, count = parse(source, SimpleNamespace(sourcecache=local), {}, rulecount=count)


def received(asks):
    """An order, and the files that are to be the standard ones of the process that obeys it."""
    files = array.array("i")
    size, handed, _, _ = asks.recvmsg(4, socket.CMSG_SPACE(3 * files.itemsize))
    files.frombytes(handed[0][2])
    try:
        with asks.makefile("rb") as text:
            return marshal.loads(text.read(int.from_bytes(size, "big"))), files
    except Exception:
        for file in files:
            os.close(file)
        raise


def start(order, files, python, sockets):
    """Begin what an order asks for, in a fork; return its number."""
    process = os.fork()
    if process == 0:
        for one in sockets:
            one.close()
        end_with(lambda: obey(files, python, **order))
    for file in files:
        os.close(file)
    return process


def answer(process, asks):
    """Say how a process ended, if who asked still listens."""
    _, status = os.waitpid(process, 0)
    if asks:
        with asks, suppress(BrokenPipeError):
            asks.send(str(os.waitstatus_to_exitcode(status) % 256).encode())


def end_with(work):
    """Do what is left to do and end, as Python does, but for taking apart all that is loaded."""
    code = 0
    try:
        work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def obey(files, python, *, program, arguments, folder, environment):
    """Become what `python -m snakemake`, or `python script`, is in this folder and environment."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.argv[1:] = arguments
    if program == "snakemake":
        signal.alarm(HUNG)
        sys.executable = python
        sys.modules["snakemake.cli"].main(arguments)
    else:
        sys.argv, sys.path[0] = arguments, str(Path(arguments[0]).parent)
        runpy.run_path(arguments[0], run_name="__main__")
