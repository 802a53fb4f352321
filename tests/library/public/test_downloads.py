import fcntl
import hashlib
import http.server
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from synthem.errors import SynthemError
from synthem.public import downloads
from synthem.public.datasets import PUBLIC, Download
from synthem.public.downloads import fetch

LIBRARY = str(Path(downloads.__file__).parents[2])
DATA = random.Random(0).randbytes(1_000_003)
SHA256 = hashlib.sha256(DATA).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves one file and remembers what was asked for; knows parts (HTTP Range) unless told otherwise."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.knows_parts, self.status = DATA, True, 200
        self.names_length, self.ends_after, self.pause = True, None, 0
        self.holds_after, self.let_go = None, threading.Event()  # bytes; then it waits and sends nothing more
        self.asked, self.sent = [], []  # of each request: Range header; bytes of its body

    def handle_error(self, *_):
        """A client that goes away is what is tested here."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/volume.hdf"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        number = len(server.asked)
        server.asked.append(wanted)
        server.sent.append(0)
        first = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and server.knows_parts else 0
        if server.status != 200 or first >= len(server.data):
            self.send_error(server.status if server.status != 200 else 416)
            return
        body = server.data[first:]
        self.send_response(206 if first else 200)
        if server.names_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(0, len(body[: server.ends_after]), 10_000):
            if place == server.holds_after:
                server.let_go.wait()
                return
            piece = body[: server.ends_after][place : place + 10_000]
            server.sent[number] += len(piece)  # before it goes: the client may be done first
            self.wfile.write(piece)
            time.sleep(server.pause)

    def log_message(self, *_):
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def error_of(*arguments, **named):
    with pytest.raises(SynthemError) as caught:
        fetch(*arguments, **named)
    return caught.value


def test_a_file_arrives_whole_and_alone(tmp_path, server):
    fetch(server.url, tmp_path / "a" / "v.hdf", sha256=SHA256)
    assert (tmp_path / "a" / "v.hdf").read_bytes() == DATA
    assert os.listdir(tmp_path / "a") == ["v.hdf"]
    assert server.asked == [None]


def test_a_file_arrives_from_a_server_that_does_not_tell_its_size(tmp_path, server):
    server.names_length = False
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (tmp_path / "v.hdf").read_bytes() == DATA


def test_a_right_file_is_left_alone_without_network_or_pooch(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setattr(urllib.request, "urlopen", None)
    (tmp_path / "v.hdf").write_bytes(DATA)
    before = (tmp_path / "v.hdf").stat()
    fetch("https://example.invalid/v.hdf", tmp_path / "v.hdf", sha256=SHA256)
    assert (tmp_path / "v.hdf").stat() == before


def test_a_wrong_file_is_an_error_and_never_overwritten(tmp_path, server):
    (tmp_path / "v.hdf").write_bytes(b"mine")
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert error.code == "DATA_FORMAT"
    assert error.found == f"4 bytes with sha256 {hashlib.sha256(b'mine').hexdigest()}"
    assert error.expected == f"the pinned file, sha256 {SHA256}"
    assert (tmp_path / "v.hdf").read_bytes() == b"mine"
    assert server.asked == []


def test_a_killed_download_goes_on_with_the_rest_only(tmp_path, server):
    program = f"import sys; sys.path.insert(0, {LIBRARY!r}); from synthem.public.downloads import fetch; "
    program += "fetch(sys.argv[1], sys.argv[2], sha256=sys.argv[3])"
    target, part = tmp_path / "v.hdf", tmp_path / "v.hdf.part"
    server.holds_after = 600_000
    run = subprocess.Popen([sys.executable, "-c", program, server.url, str(target), SHA256])
    while not (part.exists() and part.stat().st_size > 300_000):
        assert run.poll() is None
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    kept = part.stat().st_size
    assert 300_000 < kept <= 600_000 and os.listdir(tmp_path) == ["v.hdf.part"]
    server.let_go.set()
    server.holds_after = None
    fetch(server.url, target, sha256=SHA256)
    assert server.asked == [None, f"bytes={kept}-"]
    assert server.sent[1] == len(DATA) - kept
    assert target.read_bytes() == DATA and os.listdir(tmp_path) == ["v.hdf"]


def test_a_connection_that_ends_early_is_an_error_and_the_next_run_goes_on(tmp_path, server):
    server.ends_after = 400_000
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (error.code, error.where) == ("DATA_DOWNLOAD", server.url)
    assert error.found == "the connection ended after 400000 of 1000003 bytes"
    server.ends_after = None
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert server.asked == [None, "bytes=400000-"]
    assert (tmp_path / "v.hdf").read_bytes() == DATA


def test_a_server_that_knows_no_parts_starts_over(tmp_path, server):
    server.knows_parts = False
    (tmp_path / "v.hdf.part").write_bytes(DATA[:400_000])
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (tmp_path / "v.hdf").read_bytes() == DATA
    assert sum(server.sent) == len(DATA)


def test_a_part_that_is_whole_already_is_used(tmp_path, server):
    (tmp_path / "v.hdf.part").write_bytes(DATA)
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (tmp_path / "v.hdf").read_bytes() == DATA
    assert (server.asked, server.sent) == ([f"bytes={len(DATA)}-"], [0])


@pytest.mark.parametrize("old", [bytes(400_000), bytes(len(DATA) + 5)], ids=["shorter", "longer"])
def test_a_part_of_another_version_is_deleted_and_the_next_run_starts_anew(tmp_path, server, old):
    (tmp_path / "v.hdf.part").write_bytes(old)
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    spoilt = hashlib.sha256(old + DATA[len(old) :]).hexdigest()
    assert error.code == "DATA_FORMAT"
    assert spoilt in error.found and SHA256 in error.expected
    assert "deleted" in error.fix and server.url in error.fix
    assert os.listdir(tmp_path) == []
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (tmp_path / "v.hdf").read_bytes() == DATA


def test_a_file_that_changed_at_the_server_is_refused(tmp_path, server):
    server.data = b"a page that says sorry"
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert error.code == "DATA_FORMAT"
    assert error.found.startswith("22 bytes with sha256")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("status", [403, 404, 416, 500, 503])
def test_a_refusal_of_the_server_is_an_error_with_its_number(tmp_path, server, status):
    server.status = status
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert (error.code, error.where) == ("DATA_DOWNLOAD", server.url)
    assert f"HTTP Error {status}" in error.found


def test_offline_the_error_says_how_to_go_on(tmp_path):
    with socket.socket() as deaf:  # has a port and listens to nobody
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v.hdf"
        error = error_of(url, tmp_path / "v.hdf", sha256=SHA256)
    assert (error.code, error.where) == ("DATA_DOWNLOAD", url)
    assert "refused" in error.found
    assert f"download it by other means to {tmp_path / 'v.hdf'}; it is then used as it is" in error.fix
    assert not (tmp_path / "v.hdf").exists()


def test_a_server_that_falls_silent_is_given_up(tmp_path, server, monkeypatch):
    monkeypatch.setattr(downloads, "SILENT_SECONDS", 0.2)
    server.pause = 1
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert error.code == "DATA_DOWNLOAD" and "timed out" in error.found
    server.pause = 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.invalid/v", "v.hdf", "http://[bad"])
def test_only_readable_web_addresses_are_asked(tmp_path, url):
    assert error_of(url, tmp_path / "v.hdf", sha256=SHA256).code == "DATA_DOWNLOAD"
    assert not (tmp_path / "v.hdf").exists()


def test_without_pooch_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    error = error_of("https://example.invalid/v.hdf", tmp_path / "v.hdf", sha256=SHA256)
    assert (error.code, error.fix) == ("DATA_MISSING", "pip install pooch")


def test_two_processes_do_not_fill_one_part(tmp_path, server):
    with (tmp_path / "v.hdf.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert error.code == "DATA_DOWNLOAD" and "another process" in error.found
    assert server.asked == []


def test_a_full_disk_is_a_write_error(tmp_path, server):
    (tmp_path / "v.hdf.part").symlink_to("/dev/full")
    error = error_of(server.url, tmp_path / "v.hdf", sha256=SHA256)
    assert error.code == "FILE_WRITE" and "quota" in error.found  # there is room
    assert not (tmp_path / "v.hdf").exists()


def test_a_folder_that_cannot_be_made_is_a_write_error(tmp_path, server):
    (tmp_path / "file").write_text("")
    assert error_of(server.url, tmp_path / "file" / "v.hdf", sha256=SHA256).code == "FILE_WRITE"
    assert error_of(server.url, tmp_path, sha256=SHA256).code == "FILE_WRITE"


def test_a_folder_without_permission_is_a_write_error(server):
    pytest.importorskip("requests.exceptions")  # before another user may not
    with tempfile.TemporaryDirectory() as folder, as_no_owner(folder):
        error = error_of(server.url, Path(folder) / "v.hdf", sha256=SHA256)
    assert error.code == "FILE_WRITE" and "Permission denied" in error.found


@contextmanager
def as_no_owner(folder):
    """Root may write anywhere: let it be nobody for a while."""
    user = os.geteuid()
    os.chmod(folder, 0o555)
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)
        os.chmod(folder, 0o755)


def test_progress_is_plain_lines(tmp_path, server, monkeypatch, capfd):
    monkeypatch.setattr(downloads, "PROGRESS_SECONDS", 0)
    (tmp_path / "v.hdf.part").write_bytes(DATA[:400_000])
    fetch(server.url, tmp_path / "v.hdf", sha256=SHA256)
    lines = [line.split(" ", 1)[1] for line in capfd.readouterr().err.splitlines()]
    assert lines[0] == "v.hdf: 0.4 MB were here already"
    assert lines[-1] == "v.hdf: 1.0 MB, complete"
    assert len(lines) > 5
    assert all(re.fullmatch(r"v\.hdf: \d\.\d MB of 1\.0 MB", line) for line in lines[1:-1])


def test_the_table_has_whole_hashes_and_web_addresses():
    files = [file for files in PUBLIC.values() for file in files]
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in files)
    assert all(re.match("https?://", file.url) for file in files)
    assert len({file.sha256 for file in files}) == len(files)


@pytest.mark.parametrize("name", ["../x", "/x", "..", "", "a/b"])
def test_no_file_of_the_table_leaves_its_folder(name):
    with pytest.raises(AssertionError):
        Download(name, "https://example.invalid", SHA256)
