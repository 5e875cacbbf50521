"""The set-up: which Odoo is taken, where PostgreSQL lives, what the verbs say when something is missing."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import RpcError

from scripts import databases, debian, lint, odoo, odoo_source, postgres, processes, project
from scripts.console import Stop

ROOT = project.ROOT


def make(*arguments, **environment):
    """Run a verb as a user would. Returns the finished process; standard output and error are one text."""
    env = {**os.environ, **environment}
    env.pop("CRM_SUITE_INSIDE", None)
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )


def verb(name, stdin="", **environment):
    """A verb that talks to the database, inside the test run's own lock and environment."""
    env = {**os.environ, "CRM_SUITE_INSIDE": name, **environment}
    return subprocess.run(
        [sys.executable, "-m", "scripts", name],
        cwd=ROOT,
        env=env,
        text=True,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )


def fake_odoo(folder, version="(19, 0, 0, FINAL, 0, '')", package="odoo", addons="addons"):
    """The files by which an Odoo is recognised."""
    (folder / package).mkdir(parents=True)
    (folder / package / "release.py").write_text(f"version_info = {version}\n", encoding="utf-8")
    (folder / addons / "web").mkdir(parents=True)
    (folder / addons / "web" / "__manifest__.py").write_text("{}", encoding="utf-8")
    return folder


# -- which Odoo --------------------------------------------------------------------------------------------------------


def test_a_checkout_of_odoo_is_accepted(tmp_path):
    checkout = fake_odoo(tmp_path / "my odoo")
    assert odoo_source.locate(checkout) == odoo_source.Source(checkout, "19.0")


def test_a_folder_of_installed_packages_is_accepted(tmp_path):
    installed = fake_odoo(tmp_path / "dist-packages", addons="odoo/addons")
    assert odoo_source.locate(installed).root == installed


def test_the_package_folder_itself_is_accepted(tmp_path):
    installed = fake_odoo(tmp_path / "dist-packages", addons="odoo/addons")
    assert odoo_source.locate(installed / "odoo").root == installed


@pytest.mark.parametrize(
    ("version_info", "shown"), [("(18, 0, 0, FINAL, 0, '')", "18.0"), ("('saas~19', 1, 0)", "saas~19.1")]
)
def test_another_version_of_odoo_is_refused_by_name(tmp_path, version_info, shown):
    checkout = fake_odoo(tmp_path / "old", version=version_info)
    with pytest.raises(Stop) as problem:
        odoo_source.locate(checkout)
    assert f"is Odoo {shown}" in problem.value.what
    assert "ODOO_PATH" in problem.value.fix


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(Stop, match="There is no Odoo in"):
        odoo_source.locate(tmp_path)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(Stop, match="is not a folder"):
        odoo_source.locate(tmp_path / "nowhere")


def test_an_odoo_without_addons_is_refused(tmp_path):
    checkout = fake_odoo(tmp_path / "half")
    shutil.rmtree(checkout / "addons")
    with pytest.raises(Stop, match="web is missing"):
        odoo_source.locate(checkout)


def test_make_names_the_wrong_path_and_what_to_give_instead():
    result = make("setup", f"ODOO_PATH={ROOT / 'docs'}")
    assert result.returncode != 0
    assert "There is no Odoo in" in result.stdout
    assert "-> give the folder that contains odoo-bin or odoo/" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_wrong_path_leaves_the_working_odoo_alone():
    make("setup", f"ODOO_PATH={ROOT / 'docs'}")
    assert odoo_source.linked().version == "19.0"


def test_the_odoo_in_use_is_nineteen_and_has_its_icons():
    source = odoo_source.linked()
    assert source.version == "19.0"
    fonts = source.package / "addons/web/static/src/libs/fontawesome/fonts"
    if not fonts.is_dir():
        fonts = source.root / "addons/web/static/src/libs/fontawesome/fonts"
    for name in ("fontawesome-webfont.woff2", "fontawesome-webfont.woff"):
        assert (fonts / name).read_bytes()[:3] == b"wOF", f"{name} is no font"


def test_an_icon_font_of_another_version_counts_as_missing(tmp_path):
    fonts = tmp_path / "usr/share/fonts-font-awesome/fonts"
    fonts.mkdir(parents=True)
    (fonts / "fa-solid-900.woff2").touch()
    assert odoo_source.missing_icons(tmp_path) == list(odoo_source.ICON_FILES)


def test_the_script_that_the_package_leaves_out_is_replaced_by_an_empty_one(tmp_path):
    addons = tmp_path / "usr/lib/python3/dist-packages/odoo/addons"
    (addons / "mail/static/lib").mkdir(parents=True)
    fonts = tmp_path / "usr/share/fonts-font-awesome/fonts"
    fonts.mkdir(parents=True)
    for name in odoo_source.ICON_FILES:
        (fonts / name).touch()
    odoo_source.complete(tmp_path)
    script = addons / "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    assert script.read_bytes() == b""


def test_a_cut_off_package_is_not_taken_for_a_whole_one(tmp_path):
    if not debian.have_apt():
        assert odoo_source.linked()  # no packages on this system: Odoo came another way
        return
    broken = tmp_path / "odoo-19_19.0_all.deb"
    broken.write_bytes(b"!<arch>\ndebian-binary   1234567890  0     0     100644  4         `\n2.0\n")
    assert not debian.readable(broken)


def test_a_machine_without_a_debian_archive_is_told_about_odoo_path(monkeypatch, tmp_path):
    monkeypatch.setattr(debian, "APT", tmp_path)
    monkeypatch.setattr(debian, "os_release", lambda: {"ID": "fedora"})
    monkeypatch.setattr(debian, "have_apt", lambda: True)
    with pytest.raises(Stop) as problem:
        debian.Archive(["sid"]).open()
    assert "ODOO_PATH" in problem.value.fix


def test_without_root_a_missing_program_ends_with_the_command_to_type(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Stop) as problem:
        debian.apt_install(["chromium"], "The tours need a browser")
    assert problem.value.fix == "sudo apt-get install --no-install-recommends chromium"


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def modes(path):
    """Mode and owner of a folder and of everything above it."""
    return {str(part): (part.stat().st_mode, part.stat().st_uid) for part in (path, *path.parents)}


@pytest.fixture
def cluster_in(monkeypatch, short_folder):
    """Make, start and stop an embedded server for a project in a given folder below ``short_folder``."""
    short_folder.chmod(0o755)
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    started = []

    def start(local):
        local.mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(postgres, "LOCAL", local)
        monkeypatch.setattr(postgres, "CLONE", f"t{os.getpid()}")
        place = postgres.cluster()
        started.append(place)
        assert postgres.ensure() is True
        return place

    yield start
    if started:
        postgres.remove()


def test_starting_postgres_changes_no_existing_folder(cluster_in, short_folder):
    project_folder = short_folder / "home" / "project with space"
    project_folder.mkdir(parents=True)
    (short_folder / "home").chmod(0o755)
    before = modes(project_folder)
    place = cluster_in(project_folder / ".local")
    assert modes(project_folder) == before
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.data.stat().st_mode) == 0o700
    with postgres.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
        cursor.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")


def test_below_a_private_folder_postgres_goes_elsewhere_and_the_folder_stays_private(cluster_in, short_folder):
    private = short_folder / "private"
    private.mkdir(mode=0o700)
    before = modes(private)
    place = cluster_in(private / "project" / ".local")
    assert modes(private) == before
    if os.geteuid() == 0:
        assert not place.home.is_relative_to(private)
        assert postgres.running(place)
        postgres.remove()
        assert not place.home.exists()
    else:
        assert place.home == private / "project" / ".local" / "pg"


def test_a_second_start_finds_the_running_server_and_stop_ends_it(cluster_in, short_folder):
    place = cluster_in(short_folder / ".local")
    assert postgres.ensure() is False
    assert postgres.stop() is True
    assert postgres.running(place) == 0
    assert postgres.stop() is False


def test_after_a_crash_the_server_starts_again_though_its_number_belongs_to_another_process(cluster_in, short_folder):
    place = cluster_in(short_folder / ".local")
    lock = (place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    assert postgres.stop() is True
    lock[0] = str(os.getpid())
    (place.data / "postmaster.pid").write_text("\n".join(lock) + "\n", encoding="utf-8")
    assert postgres.running(place) == 0
    assert postgres.ensure() is True


def test_the_socket_keeps_below_the_systems_limit_however_deep_the_project_lies():
    deep = Path("/srv") / ("x" * 120) / ".local" / "pg"
    folder = postgres.socket_folder(deep, None)
    assert not folder.is_relative_to("/srv")
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 100


def test_a_socket_folder_of_somebody_else_is_not_used(tmp_path):
    if os.geteuid() == 0:
        target = tmp_path / "taken"
        target.mkdir()
        with pytest.raises(Stop, match="belongs to somebody else"):
            postgres._own_folder(target, "nobody", 0o700)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(Stop, match="belongs to somebody else"):
        postgres._own_folder(link, None, 0o700)


def test_a_server_of_yours_that_does_not_answer_is_named_with_the_settings_to_check():
    result = verb("db", NAME="never", PGHOST="/nowhere/at/all", PGUSER="odoo")
    assert result.returncode == 1
    assert "PostgreSQL at /nowhere/at/all" in result.stdout
    assert "PGHOST" in result.stdout
    assert "Traceback" not in result.stdout


def test_odoo_conf_can_name_the_server(monkeypatch, tmp_path):
    conf = tmp_path / "odoo.conf"
    conf.write_text(
        "[options]\ndb_host = db.example.com\ndb_port = 5433\ndb_user = suite\ndb_password = False\n", encoding="utf-8"
    )
    monkeypatch.setattr(postgres, "CONF", conf)
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    assert postgres.external() == {"PGHOST": "db.example.com", "PGPORT": "5433", "PGUSER": "suite"}
    monkeypatch.setenv("PGHOST", "other.example.com")
    assert postgres.external()["PGHOST"] == "other.example.com"


# -- verbs -------------------------------------------------------------------------------------------------------------


def test_help_names_every_verb():
    text = make("help").stdout
    for name in (
        "setup",
        "demo",
        "test",
        "test-unit",
        "test-integration",
        "lint",
        "bench",
        "core-tests",
        "shell",
        "db",
        "stop",
        "clean",
    ):
        assert f"make {name} " in text


def test_a_port_that_is_in_use_is_named_with_a_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not processes.port_is_free(port)
        result = verb("demo", PORT=str(port))
    assert result.returncode == 1
    assert f"Port {port} is used by another program" in result.stdout
    assert f"make demo PORT={port + 1}" in result.stdout


@pytest.mark.parametrize(
    ("reason", "exit_code"), [("Chrome executable not found", 1), ("needs another module", 0)], ids=["browser", "other"]
)
def test_a_tour_without_a_browser_fails_instead_of_being_skipped(tmp_path, reason, exit_code):
    test = tmp_path / "test_tour.py"
    test.write_text(f"import unittest\ndef test_it():\n    raise unittest.SkipTest({reason!r})\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "scripts.pytest_tours", "-p", "no:odoo", "-c", os.devnull]
    result = subprocess.run([*command, str(test)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == exit_code, result.stdout + result.stderr


def test_core_tests_without_tags_say_what_to_type():
    result = verb("core-tests", TAGS="")
    assert result.returncode == 1
    assert "make core-tests TAGS=/sale:TestSaleOrder" in result.stdout


def test_a_database_name_that_is_ours_is_refused():
    result = verb("db", NAME="suite_x")
    assert result.returncode == 1
    assert "is not a name for a database of yours" in result.stdout


def test_an_unknown_addon_is_named_with_those_that_exist():
    result = verb("db", NAME="never", ADDONS="crm_crdit")
    assert result.returncode == 1
    assert "There is no addon crm_crdit" in result.stdout
    assert "crm_credit" in result.stdout.split("ADDONS is a list of:")[1]


def test_what_is_piped_into_the_shell_is_executed(server):
    result = verb("shell", "print('partners', env['res.partner'].search_count([]) > 10)", NAME=server.database)
    assert result.returncode == 0, result.stdout
    assert "partners True" in result.stdout


def test_an_exception_in_the_shell_ends_with_an_exit_code(server):
    result = verb("shell", "raise ValueError('this went wrong')", NAME=server.database)
    assert result.returncode != 0
    assert "this went wrong" in result.stdout


def test_the_shell_on_a_missing_database_says_how_to_make_one(server):
    result = verb("shell", "1", NAME="nothing_here")
    assert result.returncode == 1
    assert "make db NAME=nothing_here" in result.stdout


def test_a_database_of_another_version_is_refused_by_name(server):
    name = databases.template_name("it_old", True)
    databases.drop(name)
    databases.query(f'CREATE DATABASE "{name}"')
    try:
        with pytest.raises(Stop, match="is not Odoo's"):
            databases.check_is_ours(name)
        databases.query("CREATE TABLE ir_module_module (name text, latest_version text, state text)", None, name)
        databases.query("INSERT INTO ir_module_module VALUES ('base', '17.0.1.3', 'installed')", None, name)
        with pytest.raises(Stop, match=r"belongs to Odoo 17\.0\.1\.3"):
            databases.check_is_ours(name)
    finally:
        databases.drop(name)


# -- the log, the settings, the repository -----------------------------------------------------------------------------


def test_a_logged_warning_is_found_with_its_traceback_and_odoos_own_noise_is_not():
    log = (
        "2026-01-05 09:00:00,000 1 WARNING ? odoo.service.server: Running as user 'root' is a security risk.\n"
        "2026-01-05 09:00:01,000 1 INFO x odoo.modules.loading: fine\n"
        "2026-01-05 09:00:02,000 1 ERROR x odoo.addons.crm_credit: it broke\n"
        "Traceback (most recent call last):\n"
        "ValueError: why\n"
        "2026-01-05 09:00:03,000 1 WARNING x odoo.models: The field crm.touchpoint.x has no label\n"
    )
    first, second = odoo.complaints(log)
    assert first.endswith("ValueError: why")
    assert "it broke" in first
    assert "has no label" in second


def test_the_settings_are_safe_for_a_machine_on_a_network(server):
    visitor = server.anonymous()
    assert "disabled by the administrator" in visitor.get("/web/database/manager").text
    form = {"master_pwd": "admin", "name": "intruder", "login": "a", "password": "a", "lang": "en_US", "phone": ""}
    assert "disabled" in visitor.post("/web/database/create", form, allow_redirects=True).text
    assert not databases.exists("intruder")
    with pytest.raises(RpcError):
        visitor.json("/web/database/list")


def test_the_default_master_password_is_not_accepted():
    probe = (
        "from odoo.tools import config\n"
        "config.parse_config(['-c', 'odoo.conf'])\n"
        "print(config.verify_admin_password('admin'))\n"
    )
    result = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "False", result.stderr


def test_users_get_english_and_may_choose_chinese(admin):
    codes = {row["code"] for row in admin.search_read("res.lang", [], "code")}
    assert {"en_US", "zh_CN"} <= codes
    assert admin.context["lang"] == "en_US"


def test_every_addon_of_the_repository_is_installed(admin):
    names = list(project.addons())
    rows = admin.search_read("ir.module.module", [("name", "in", names)], "name", "state")
    assert {row["name"]: row["state"] for row in rows} == dict.fromkeys(names, "installed")


@pytest.mark.parametrize(
    "line",
    [
        "path = '/wo" + "rk/main/addons'",
        "see ../sha" + "red/DESIGN.md",
        "curl https://files.py" + "pi.example/simple",
        "data at /ro" + "ot/.cache",
    ],
)
def test_lint_finds_what_must_not_be_in_the_repository(line):
    assert any(pattern.search(line) for pattern, _meaning in lint.FORBIDDEN)


def test_nothing_forbidden_is_in_the_repository():
    assert lint.forbidden_strings() == []
