"""The import table of the design, held by a test: who may know whom."""

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("certs", "registry", "workers")

IMPURE = frozenset(
    [
        "sqlalchemy",
        "sqlmodel",
        "alembic",
        "fastapi",
        "starlette",
        "uvicorn",
        "celery",
        "redis",
        "kombu",
        "httpx",
        "requests",
        "urllib",
        "socket",
        "smtplib",
        "subprocess",
        "multiprocessing",
        "asyncio",
        "ctypes",
        "threading",
        "os",
        "sys",
        "pathlib",
        "tempfile",
        "time",
        "random",
        "secrets",
        "http",
        "ssl",
        "imaplib",
        "httpcore2",
        "pydantic_settings",
        "structlog",
    ]
)
"""What `certs` may not import: it has no web, database, queue, network, clock or environment."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield str(node.module), node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def offences(package: str, forbidden: frozenset[str] | tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for name, line in imports(path)
        if any(within(name, banned) for banned in forbidden)
    ]


def test_certs_is_pure() -> None:
    assert offences("certs", frozenset({"registry", "workers", *IMPURE})) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_modules_need_each_other(package: str) -> None:
    """Not for their types either. A package that hands on names of its modules is no module here."""
    paths = {module_name(path): path for path in modules(package) if path.name != "__init__.py"}
    needed = {name: {other for other, _ in imports(path) if other in paths} for name, path in paths.items()}
    TopologicalSorter(needed).prepare()


CLOCKS = frozenset(
    [
        *((owner, name) for owner in ("datetime", "date") for name in ("now", "utcnow", "today")),
        *(("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")),
    ]
)
"""Calls that say what time it is; `time.monotonic` measures how long something takes."""


def clock_readings(package: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(package)
        if path.name != "clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]


def test_every_library_that_is_imported_is_named() -> None:
    """One that comes only with another may go with it, or change its version unseen."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {dependency.partition("==")[0].partition("[")[0] for dependency in project["dependencies"]}
    ours = {*PACKAGES, *sys.stdlib_module_names}
    distributions = packages_distributions()
    imported = {
        distribution.lower().replace("_", "-")
        for package in PACKAGES
        for path in modules(package)
        for name, _ in imports(path)
        if (top := name.partition(".")[0]) not in ours
        for distribution in distributions[top]
    }
    assert imported - named == set()


def test_certs_reads_no_environment() -> None:
    readings = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("certs")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert readings == []


def test_the_register_does_not_know_the_workers() -> None:
    assert offences("registry", ("workers",)) == []


def test_workers_know_nothing_of_the_web() -> None:
    assert offences("workers", ("registry.web", "fastapi", "starlette")) == []
    assert [o for o in offences("workers", ("registry",)) if o.endswith((".routes", ".pages"))] == []


def test_a_worker_loads_nothing_of_the_web() -> None:
    """Nor does anything that it imports."""
    code = "import sys, workers.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [each for each in loaded.split() if any(within(each, web) for web in ("registry.web", "fastapi"))] == []
    assert [each for each in loaded.split() if within(each, "registry") and each.endswith((".routes", ".pages"))] == []


def test_features_know_of_the_web_only_what_routes_and_pages_need() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("registry")
        if path.relative_to(ROOT).parts[1] not in {"web", "cli", "demo"}
        for name, line in imports(path)
        if within(name, "registry.web") or within(name, "fastapi") or within(name, "starlette")
        if path.name not in {"routes.py", "pages.py"}
    ]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_clock_reads_the_time(package: str) -> None:
    assert clock_readings(package) == []


def test_table_modules_keep_their_annotations() -> None:
    """Postponed annotations break relationships of table classes."""
    assert [str(path) for path in (ROOT / "registry").rglob("tables.py") if "__future__" in path.read_text()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_can_be_imported_with_an_empty_environment(package: str, tmp_path: Path) -> None:
    """Importing reads no setting, opens no connection and writes no file."""
    names = [
        module_name(path) for path in modules(package) if "migrations" not in path.parts and path.stem != "__main__"
    ]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *names], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrations_match_the_tables(tmp_path: Path) -> None:
    from alembic import command

    from registry.db.engine import create_database_engine
    from registry.db.migrations import alembic_config, is_current, migrate

    engine = create_database_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    assert not is_current(engine)
    migrate(engine)
    command.check(alembic_config(engine))
    assert is_current(engine)
    engine.dispose()
