"""Orders to the server of `loaded`: each of thousands of jobs starts with this, so it imports little."""

import marshal
import os
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket  # as `socket`, in half the time
from array import array


def run_script(address, arguments):
    """What Snakemake starts in the place of Python: the script runs in a fork, and this waits for it."""
    order = {"program": "script", "arguments": arguments, "folder": os.getcwd()}
    sys.exit(ask(address, order | {"environment": dict(os.environ)}, [0, 1, 2]))


def ask(address, order, files):
    """Give an order to the server, with the files that are to be its standard ones; return the exit code."""
    server = socket(AF_UNIX, SOCK_STREAM)
    server.connect(address)
    text = marshal.dumps(order)
    server.sendmsg([len(text).to_bytes(4, "big")], [(SOL_SOCKET, SCM_RIGHTS, array("i", files))])
    server.sendall(text)
    code = int(server.recv(16) or 1)
    server.close()
    return code
