"""Orders to the server of `loaded`: each of thousands of jobs starts with this, so it imports little."""

import array
import json
import os
import socket
import sys


def run_script(address, arguments):
    """What Snakemake starts in the place of Python: the script runs in a fork, and this waits for it."""
    order = {"program": "script", "arguments": arguments, "folder": os.getcwd()}
    sys.exit(ask(address, order | {"environment": dict(os.environ)}, [0, 1, 2]))


def ask(address, order, files):
    """Give an order to the server, with the files that are to be its standard ones; return the exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        text = json.dumps(order).encode()
        handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
        server.sendmsg([len(text).to_bytes(4, "big")], handed)
        server.sendall(text)
        return int(server.recv(16) or 1)
