#!/usr/bin/env bash
# Make .venv: every package in its pinned version, and the build of torch that fits this machine. TORCH=cuda takes that
# for GPUs, TORCH=none none; the choice holds until another one is named (TORCH=auto: the machine's again).
set -eu
cd "$(dirname "$0")/.."
script=envs/$(basename "$0")
venv=.venv
lock=envs/requirements.lock
done=$venv/complete
choice=${TORCH:-$(cat "$venv/torch" 2>/dev/null || echo auto)}
torch=$(sed -n 's/.*"torch *\(==[^"]*\)".*/torch\1/p' pyproject.toml)

fail() {
  printf 'ERROR SETUP %s\n' "$1" >&2
  exit 1
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; } # macOS has the second
wanted=$( (cat "$lock"; echo "$torch ${choice#auto}") | sha256)
if [ "$(cat "$done" 2>/dev/null)" = "$wanted" ]; then
  [ -e "$venv/torch" ] || echo "$choice" >"$venv/torch" # of a set-up that did not keep the choice yet
  exit 0
fi

case $choice in
  auto | cuda | none) ;;
  *) fail "TORCH: '$choice' (expected auto, cuda or none). Fix: name one of them, or none of them for what $venv has." ;;
esac

python=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || fail "python3: none of version 3.11 or newer found (expected one on PATH). Fix: install one, or name it: make PYTHON=/path/to/python3.12."

# One set-up at a time: this script starts itself anew with a lock that ends with it, however it ends. The one that
# waited finds all done. By Python, since macOS has no `flock`.
if [ "${1:-}" != locked ]; then
  exec "$python" - "$script" "$venv.lock" <<'PY'
import fcntl, os, sys

script, path = sys.argv[1:]
lock = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print(f"Another set-up is at work: waiting for it ({path})", flush=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
except OSError:
    pass  # a disk that knows no locks
os.set_inheritable(lock, True)
os.execvp("bash", ["bash", script, "locked"])
PY
fi

echo "Setting up $venv with $($python --version) (once, some minutes at the most)"
rm -rf "$venv"
mkdir "$venv"
echo "$choice" >"$venv/torch"
"$python" -m venv "$venv" ||
  fail "$venv: $python cannot make a virtual environment (expected the module venv with ensurepip). Fix: apt install python3-venv, or use a python from conda or uv."

# uv is ten times faster, but does not read pip's settings: where it fails, pip tries. Compiled once here, not by each
# job on a cluster whose nodes may not write to the folder: Snakemake starts in 1.2 s instead of 4.
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
pip install --quiet "$(grep '^uv==' "$lock" | sed 's/ .*//')" ||
  fail "package index: pip could not install uv (expected to reach the package index). Fix: check the network, or set PIP_INDEX_URL to a mirror."
uv() { VIRTUAL_ENV=$PWD/$venv "$venv/bin/uv" "$@"; }
uv pip install --quiet --compile-bytecode -r "$lock" || pip install --quiet -r "$lock" ||
  fail "$lock: some package could not be installed (expected all of them). Fix: read the message above."

# torch, built for CUDA where a driver answers or TORCH=cuda asks, else for processors (a tenth of the download).
backend=auto
[ "$choice" = cuda ] && backend=cu130
if [ "$choice" = none ]; then
  echo "Without torch: check, volumes and all that trains no network run"
  echo "$wanted" >"$done"
  exit 0
fi
local_wheel() { pip install --quiet --no-index --no-deps "$torch" 2>/dev/null; } # a folder of wheels that pip is told of
if [ "$choice" = cuda ] || nvidia-smi -L 2>/dev/null | grep -q GPU; then
  uv pip install --quiet --compile-bytecode --torch-backend="$backend" "$torch" || pip install --quiet "$torch" || local_wheel ||
    fail "torch: no CUDA build of $torch found (expected one in the package index). Fix: install torch into $venv by hand, then: echo '$wanted' > $done."
else
  local_wheel || uv pip install --quiet --compile-bytecode --torch-backend=cpu "$torch" ||
    fail "torch: no processor build of $torch found (expected in PyTorch's own index, or in a folder of wheels). Fix: put the +cpu wheel in a folder and set PIP_FIND_LINKS to it, or run: $venv/bin/pip install '$torch' (3 GB with CUDA), then: echo '$wanted' > $done."
fi
"$venv/bin/python" -c 'import torch; print("torch", torch.__version__)'
echo "$wanted" >"$done"
