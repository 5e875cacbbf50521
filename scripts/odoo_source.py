"""Odoo 19 itself: from ODOO_PATH, from the virtual environment, or from Debian's package in `.local/odoo`."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .console import Stop, say, stage, warn
from .debian import DOWNLOADS, Archive, unpack
from .project import LOCAL, ODOO_SERIES, environment, python
from .venv import site_packages

UNPACKED = LOCAL / "odoo"
LINK = "crm_suite_odoo.pth"
ROOM = 2_500_000_000

# What links of the package point to. Without the icon font of version 4.7 every icon of the screens is missing.
COMPANIONS = (
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
ICONS = "fonts-font-awesome"
ICONS_VERSION = "4.7."
ICONS_WHEEL = "XStatic-Font-Awesome==4.7.0.0"
ICON_FILES = ("fontawesome-webfont.woff2", "fontawesome-webfont.woff", "fontawesome-webfont.ttf")
# Debian leaves out these files, which asset bundles name; the browser then logs an error, which fails every tour.
LEFT_OUT = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


@dataclass(frozen=True)
class Source:
    """An Odoo found on disk. ``root`` is what Python must import from."""

    root: Path
    version: str

    @property
    def package(self):
        return self.root / "odoo"


def ensure():
    """Make ``import odoo`` work in the virtual environment and return the :class:`Source`."""
    given = os.environ.get("ODOO_PATH", "").strip()
    if given:
        source = locate(Path(given).expanduser())
        _link(source.root)
        return source
    source = linked()
    if source is None:
        if not _complete():
            _download()
        source = locate(_debian_root())
        _link(source.root)
    return source


def locate(path):
    """The :class:`Source` at ``path``: a checkout, a folder that contains the package, or the package itself."""
    if not path.is_dir():
        raise Stop(f"ODOO_PATH is {path}, which is not a folder", "give the folder that contains odoo-bin or odoo/")
    path = path.resolve()
    for root in (path, path.parent):
        release = root / "odoo" / "release.py"
        if release.is_file() and (root == path or path.name == "odoo"):
            break
    else:
        raise Stop(
            f"There is no Odoo in {path} (looked for odoo/release.py)",
            "give the folder that contains odoo-bin or odoo/",
        )
    version = read_version(release)
    if version != ODOO_SERIES:
        raise Stop(
            f"{path} is Odoo {version or 'of an unknown version'}, this suite needs {ODOO_SERIES}",
            "set ODOO_PATH to an Odoo 19.0, or leave it out to download one",
        )
    if not any((folder / "web" / "__manifest__.py").is_file() for folder in (root / "addons", root / "odoo/addons")):
        raise Stop(f"The Odoo in {path} has no addons (web is missing)", "give a complete Odoo, or leave ODOO_PATH out")
    return Source(root, version)


def read_version(release):
    """``"19.0"`` from a release.py, without importing it."""
    text = release.read_text(encoding="utf-8", errors="replace")
    match = re.search(r"^version_info\s*=\s*\(\s*['\"]?([\w~]+)['\"]?\s*,\s*(\d+)", text, re.MULTILINE)
    return f"{match[1]}.{match[2]}" if match else None


def linked():
    """The Odoo that the virtual environment imports already, if it is one that fits."""
    # Packages of OCA's addons share the namespace: Odoo itself is the folder that knows its release.
    probe = (
        "import importlib.util as u, os; s = u.find_spec('odoo');"
        "print(next((f for f in s.submodule_search_locations if os.path.isfile(os.path.join(f, 'release.py'))), '')"
        " if s else '')"
    )
    result = subprocess.run([python(), "-I", "-c", probe], capture_output=True, text=True, check=False)
    folder = result.stdout.strip()
    if result.returncode or not folder:
        return None
    if Path(folder).is_relative_to(UNPACKED) and not _complete():
        return None
    try:
        return locate(Path(folder))
    except Stop:
        return None


def _link(root):
    path = site_packages() / LINK
    text = f"{root}\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _debian_root():
    return UNPACKED / "usr/lib/python3/dist-packages"


def _complete():
    return (UNPACKED / "complete").exists()


def _download():
    free = shutil.disk_usage(LOCAL).free
    if free < ROOM:
        raise Stop(f"Odoo needs 2.5 GB of disk space, {free / 1e9:.1f} GB are free here", "free some, then try again")
    with stage("fetching Debian's package lists"):
        archive = Archive(["sid", "trixie"])
        archive.open()
    with stage("downloading Odoo 19 (130 MB)"):
        packages = [archive.fetch("odoo-19", _newest_odoo(archive))]
        for name in COMPANIONS:
            packages += [archive.fetch(name, version) for version in archive.versions(name)[:1]]
        icons = [version for version in archive.versions(ICONS) if ICONS_VERSION in version]
        packages += [archive.fetch(ICONS, version) for version in icons[:1]]
    with stage("unpacking Odoo 19 (1.2 GB)"):
        fresh = LOCAL / "odoo.new"
        for leftover in (fresh, UNPACKED):
            shutil.rmtree(leftover, ignore_errors=True)
        for package in packages:
            unpack(package, fresh)
        complete(fresh)
        (fresh / "complete").write_text("\n".join(package.name for package in packages), encoding="utf-8")
        fresh.rename(UNPACKED)
    shutil.rmtree(DOWNLOADS, ignore_errors=True)


def _newest_odoo(archive):
    versions = [version for version in archive.versions("odoo-19") if version.startswith(f"{ODOO_SERIES}.")]
    if not versions:
        raise Stop("Debian's archive has no odoo-19 for this machine", "set ODOO_PATH to an Odoo 19 that you have")
    return versions[0]


def complete(tree):
    """Mend what Debian's package leaves out or links to nothing, in the unpacked ``tree``."""
    addons = tree / "usr/lib/python3/dist-packages/odoo/addons"
    for name in LEFT_OUT:
        path = addons / name
        if not path.exists() and path.parent.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            path.touch()
    if missing_icons(tree):
        _icons_from_wheel(tree)
    if missing_icons(tree):
        warn("no icon font of version 4.7 was found: screens work, but without icons")
    for link in dangling_scripts(tree):
        warn(f"{link.relative_to(tree)} of Odoo's package points to nothing")


def dangling_scripts(tree):
    """Links to scripts and styles that lead nowhere. (A font of point of sale does, in some releases: harmless.)"""
    links = (path for path in (tree / "usr/lib").rglob("*") if path.suffix in (".js", ".css") and path.is_symlink())
    return [link for link in links if not link.exists()]


def missing_icons(tree):
    """Names of the icon font's files that the unpacked package links to and that are not there."""
    fonts = tree / "usr/share/fonts-font-awesome/fonts"
    return [name for name in ICON_FILES if not (fonts / name).exists()]


def _icons_from_wheel(tree):
    """The same font from the Python package index, where Debian's archive only has a newer, different one."""
    say("  icon font: from the Python package index")
    target = LOCAL / "icons"
    command = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--target", str(target), "--upgrade", ICONS_WHEEL]
    subprocess.run(command, env=environment(), capture_output=True, check=False)
    fonts = tree / "usr/share/fonts-font-awesome/fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for path in target.rglob("fonts/*"):
        destination = fonts / path.name
        if not destination.exists():
            destination.unlink(missing_ok=True)  # a link to nothing
            shutil.copyfile(path, destination)
    shutil.rmtree(target, ignore_errors=True)
