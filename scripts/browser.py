"""A small driver of headless Chromium over its DevTools protocol: log in, open a page, wait, take a picture."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Browser:
    """One browser with one page; use as a context manager.

    :param width: width of the window in CSS pixels
    :param height: height of the window in CSS pixels
    :raises RuntimeError: when no Chromium is installed, or it doesn't start within 20 seconds
    """

    def __init__(self, width=1400, height=900):
        self.width, self.height = width, height
        self.process = self.socket = None
        self.profile = tempfile.mkdtemp(prefix="suite-browser-")
        self.counter = 0
        self.console = []

    def __enter__(self):
        binary = next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)
        if not binary:
            raise RuntimeError("No Chromium found. Install it (apt-get install chromium) and try again.")
        self.process = subprocess.Popen(
            [
                binary,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={self.profile}",
                f"--window-size={self.width},{self.height}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port_file = Path(self.profile) / "DevToolsActivePort"
        deadline = time.monotonic() + 20
        while not port_file.exists() or not port_file.read_text().strip():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.close()
                raise RuntimeError("Chromium didn't start.")
            time.sleep(0.05)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = json.load(answer)
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self.socket = websocket.create_connection(address, timeout=60)
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        self.resize(self.width, self.height)
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        if self.socket:
            self.socket.close()
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **params):
        """Send one command and return its result; what the page prints meanwhile is kept in `console`."""
        self.counter += 1
        self.socket.send(json.dumps({"id": self.counter, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.counter:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            if message.get("method") == "Runtime.exceptionThrown":
                self.console.append(message["params"]["exceptionDetails"].get("text", ""))

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def evaluate(self, script):
        """Run JavaScript in the page (promises are awaited) and return its value."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for('document.readyState === "complete"')

    def wait_for(self, condition, seconds=30):
        """Wait until a JavaScript condition holds.

        :raises RuntimeError: naming the condition when it doesn't hold in time
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.evaluate(f"Boolean({condition})"):
                    return
            except RuntimeError:
                pass
            time.sleep(0.15)
        raise RuntimeError(f"The page never reached: {condition}")

    def login(self, base_url, login, password):
        self.open(f"{base_url}/web/login")
        self.evaluate(
            f'document.querySelector("input[name=login]").value = {json.dumps(login)};'
            f'document.querySelector("input[name=password]").value = {json.dumps(password)};'
            'document.querySelector("form.oe_login_form").submit();'
        )
        self.wait_for('document.querySelector(".o_main_navbar, .o_portal, .alert-danger")')

    def screenshot(self, path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))
