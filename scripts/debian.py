"""Debian's archive, as the machine itself is set up to reach it: no host is named here.

Two uses: packages installed into the system (as root, else the command is printed), and packages that are only
unpacked into this project (as anybody, with package lists of our own, nothing changes in /etc).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .console import Stop, say, stage
from .project import LOCAL

APT = LOCAL / "apt"
DOWNLOADS = LOCAL / "downloads"
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
OTHER_ODOO = (
    "set ODOO_PATH to an Odoo 19 that you have (a checkout, or the folder that contains the package `odoo`), "
    "for example: make demo ODOO_PATH=/path/to/odoo"
)


def have_apt():
    return all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg-deb"))


def apt_install(packages, reason):
    """Install system packages as root; otherwise stop with the command to type."""
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise Stop(f"{reason}: install {', '.join(packages)} with your system's package manager")
    if os.geteuid() != 0:
        raise Stop(reason, f"sudo {command}")
    with stage(f"installing {', '.join(packages)}"):
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "capture_output": True, "text": True}
        # A list that is out of date asks for versions that the archive no longer has.
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        result = subprocess.run(install, check=False, **quiet)
        if result.returncode:
            say("\n".join(f"    {line}" for line in result.stderr.strip().splitlines()[-5:]))
            raise Stop(reason, f"{command}   (it failed just now, see above)")


class Archive:
    """Packages of the machine's own Debian mirror, from suites that the machine itself does not use."""

    def __init__(self, suites):
        self.suites = suites

    def open(self):
        """Fetch the package lists, from the first mirror that has all suites."""
        if not have_apt():
            raise Stop("This machine has no apt to fetch Debian's odoo-19 with", OTHER_ODOO)
        mirrors = own_mirrors()
        keyring = next((path for path in KEYRINGS if path.exists()), None)
        if not mirrors or keyring is None:
            raise Stop("This machine's package sources contain no Debian archive", OTHER_ODOO)
        problem = ""
        for mirror in mirrors:
            self._configure(mirror, keyring)
            result = self._run("apt-get", "update", "-q")
            # apt-get ends with 0 when an index is missing and an older one is there: ask for errors and warnings.
            problem = "\n".join(line for line in result.stderr.splitlines() if line[:2] in ("E:", "W:"))
            if result.returncode == 0 and not problem:
                return
        raise Stop(
            "Debian's package lists could not be fetched:\n" + "\n".join(f"    {x}" for x in problem.splitlines()[:6]),
            f"check the network and try again, or {OTHER_ODOO}",
        )

    def versions(self, package):
        """Versions on offer, newest first."""
        result = self._run("apt-cache", "madison", package)
        return [line.split("|")[1].strip() for line in result.stdout.splitlines() if line.count("|") >= 2]

    def fetch(self, package, version):
        """Path of the downloaded package. apt verifies signature and checksum; a cut-off download never counts."""
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        done = DOWNLOADS / f"{package}_{re.sub(r'[^0-9A-Za-z.+~-]', '_', version)}.deb"
        if done.exists():
            if readable(done):
                return done
            done.unlink()
        partial = DOWNLOADS / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        result = self._run("apt-get", "download", f"{package}={version}", cwd=partial)
        files = list(partial.glob("*.deb"))
        if result.returncode or len(files) != 1 or not readable(files[0]):
            detail = result.stderr.strip().splitlines()[-3:]
            raise Stop(
                f"{package} {version} could not be downloaded:\n" + "\n".join(f"    {line}" for line in detail),
                "check network and disk space (3 GB), then the same command again",
            )
        files[0].rename(done)
        shutil.rmtree(partial, ignore_errors=True)
        return done

    def _configure(self, mirror, keyring):
        for folder in ("lists/partial", "cache/archives/partial", "etc/preferences.d"):
            (APT / folder).mkdir(parents=True, exist_ok=True)
        (APT / "status").touch()
        lines = [f"deb [signed-by={keyring}] {mirror} {suite} main\n" for suite in self.suites]
        (APT / "sources.list").write_text("".join(lines), encoding="utf-8")

    def _run(self, tool, *arguments, cwd=None):
        """apt with state, lists and cache of its own; the empty status file hides what is installed here."""
        options = {
            "Dir::Etc::SourceList": APT / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::PreferencesParts": APT / "etc/preferences.d",
            "Dir::State": APT,
            "Dir::State::Lists": APT / "lists",
            "Dir::State::status": APT / "status",
            "Dir::Cache": APT / "cache",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "APT::Sandbox::User": "root",  # the user _apt may not reach a private project folder
        }
        command = [tool]
        for name, value in options.items():
            command += ["-o", f"{name}={value}"]
        env = {**os.environ, "LC_ALL": "C"}
        command += arguments
        return subprocess.run(command, cwd=cwd or APT, env=env, capture_output=True, text=True, check=False)


def own_mirrors():
    """Addresses of the Debian archive in the machine's own package sources, the main one first."""
    identity = os_release()
    if identity.get("ID") != "debian":
        return []
    fields = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = {tuple(line.split("|")) for line in listing.stdout.splitlines() if line.count("|") == 2}
    release = identity.get("VERSION_CODENAME", "")
    names = (release, "stable", "oldstable", "testing", "unstable", "sid")
    found = [(names.index(suite), uri) for uri, suite, component in rows if suite in names and component == "main"]
    return list(dict.fromkeys(uri for _rank, uri in sorted(found)))


def os_release():
    """Fields of /etc/os-release."""
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def readable(package):
    """Whether a .deb is whole."""
    check = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return check.returncode == 0


def unpack(package, target):
    result = subprocess.run(["dpkg-deb", "-x", str(package), str(target)], capture_output=True, text=True, check=False)
    if result.returncode:
        detail = result.stderr.strip().splitlines()[-1:] or [""]
        raise Stop(f"{package.name} could not be unpacked: {detail[0]}", "free 3 GB of disk space and try again")
