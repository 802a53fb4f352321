"""A real Chromium without a window, driven through a pipe (DevTools protocol): real keys, real downloads."""

import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 120  # seconds: a busy machine is slow
# What a key is beside its name: {key: (code, virtual key, text)}
KEYS = {"ArrowLeft": ("ArrowLeft", 37, ""), "ArrowRight": ("ArrowRight", 39, "")}
KEYS |= {"Backspace": ("Backspace", 8, ""), "Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, "")}


class Browser:
    """One page. `heard` collects every event: console messages, requests, errors."""

    def __init__(self, sends, receives):
        self.sends, self.receives = sends, receives
        self.session, self.number, self.buffer, self.heard = None, 0, b"", []

    def call(self, method, **parameters):
        """The result of a command of the protocol."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.sends, json.dumps(message).encode() + b"\0")
        own = self.number
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = self._message(until)
            if answer.get("id") != own:
                self.heard.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]
        raise TimeoutError(method)

    def _message(self, until):
        while b"\0" not in self.buffer:
            if not select.select([self.receives], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            data = os.read(self.receives, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression):
        """The value of a JavaScript expression; of a promise, what it promised."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression):
        until = time.monotonic() + PATIENCE
        while not self.evaluate(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.02)

    def press(self, key):
        """A key of the keyboard, down and up."""
        code, number, text = KEYS.get(key) or (f"Key{key.upper()}", ord(key.upper()), key)
        event = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", **event, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def events(self, *methods):
        return [one for one in self.heard if one.get("method") in methods]


@contextmanager
def opened(path, folder, *, width=1280, height=900):
    """A Browser that shows the file; downloads land in `folder`. Without a Chromium the test is skipped."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if not program:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    command = [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"]
    command += ["--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
    command += [f"--window-size={width},{height}", "about:blank"]
    to_browser, sends = os.pipe()
    receives, from_browser = os.pipe()
    # The protocol has fixed numbers: the browser reads from 3 and writes to 4.
    wiring = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
    process = subprocess.Popen(
        ["bash", "-c", wiring, *command],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    browser = Browser(sends, receives)
    try:
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        browser.call(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True
        )
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            browser.call(f"{domain}.enable")
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        browser.call("Page.navigate", url=path.resolve().as_uri())
        browser.wait_for("document.readyState === 'complete' && location.protocol === 'file:'")
        yield browser
    finally:
        process.kill()
        process.wait()
        os.close(sends)
        os.close(receives)
