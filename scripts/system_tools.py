"""Programs of the system that Odoo calls: a browser for tours, wkhtmltopdf for PDF, a font with Chinese characters."""

import shutil
import subprocess

from .console import Stop, warn
from .debian import apt_install
from .project import flag

# The order in which Odoo itself looks for a browser.
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def browser():
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def wkhtmltopdf():
    return shutil.which("wkhtmltopdf")


def chinese_font():
    if not shutil.which("fc-list"):
        return False
    result = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(result.stdout.strip())


def ensure_for_printing():
    """wkhtmltopdf and a Chinese font. Without them Odoo works, except for PDF: a warning is enough."""
    missing = []
    if not wkhtmltopdf():
        missing.append("wkhtmltopdf")
    if not chinese_font():
        missing += ["fonts-noto-cjk", "fontconfig"]
    if not missing:
        return
    try:
        apt_install(missing, "Printing (PDF, Chinese) is not complete on this machine")
    except Stop as problem:
        warn(f"{problem}\n  (go on without)")


def ensure_for_tests():
    """What tours and PDF tests need. Missing programs fail the tests instead of skipping them."""
    if not flag("TOURS", default=True):
        warn("TOURS=0: tours and everything else that needs a browser is left out")
        return
    missing = [] if browser() else ["chromium"]
    if missing:
        apt_install(missing, "The tours need a browser (or leave them out: make test TOURS=0)")
        if not browser():
            raise Stop("The browser was installed but can't be found", "put chromium on the PATH, or TOURS=0")
    if not wkhtmltopdf():
        apt_install(["wkhtmltopdf"], "The tests print PDF and need wkhtmltopdf")
    if not chinese_font():
        apt_install(["fonts-noto-cjk", "fontconfig"], "The tests print Chinese and need a font for it")
    works = subprocess.run(
        [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    if works.returncode:
        raise Stop(f"The browser does not start: {works.stderr.strip()[-300:]}", "reinstall chromium, or TOURS=0")
