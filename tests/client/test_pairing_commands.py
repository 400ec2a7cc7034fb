"""When a run of a command shows that what failed before passes now, and when it shows nothing."""

import pytest

from commontrace.pairing.commands import Run, match, parse


def how(failed: str, passed: str, *, failed_in: str = "/p", passed_in: str = "/p", output: str = "ok") -> str:
    """What `passed` shows of `failed`; the second folder is from after the command."""
    first, second = parse(failed, failed_in, failed=True), parse(passed, passed_in, output, moved=True)
    return (first and second and match(first, second)) or "nothing"


@pytest.mark.parametrize(
    ("failed", "passed"),
    [
        ("pytest", "pytest -q"),
        ("pytest tests/a.py", "timeout 60 python -m pytest -x tests/a.py 2>&1 | tail -5"),
        ("CI=1 pytest", "pytest"),
        ("pytest | tail -20", "pytest"),
        ("pytest; true", "pytest"),
        ("pytest", "pip install x && pytest"),
        ("pytest", "sed -i s/a/b/ x.py && pytest"),
        ("npm test", "npm run test"),
        ("make", "until make; do sleep 1; done"),
        ("pytest", "bash -lc 'pytest'"),
        ("curl http://localhost:8080/", "curl http://localhost:8080/"),
        ("make", "make -j8"),
        ("npm run build", "nice -n 10 npm run build 2>&1 | head -50"),
        ("pytest", "pytest > out.txt 2>&1; tail -5 out.txt"),
        ("ls; pytest", "pytest; ls"),
        ("pytest -n 4 --cov=src", "pytest"),
        ("git commit -m one", "git commit -m 'another message'"),
        ("python ./app.py", "python app.py"),
    ],
)
def test_the_same_command_passes(failed: str, passed: str) -> None:
    """What surrounds a command does not make it another one."""
    assert how(failed, passed) == "same"


@pytest.mark.parametrize(
    ("failed", "passed"),
    [
        ("npm install", "npm install --legacy-peer-deps"),
        ("git pull", "git pull --rebase"),
        ("gcc m.c -o m", "gcc m.c -o m -lm"),
        ("npm run build", "NODE_OPTIONS=--openssl-legacy-provider npm run build"),
        ("python app.py", ".venv/bin/python app.py"),
        ("pytest", "uv run pytest"),
        ("source .venv/bin/activate && make", "make"),
        ("pip install torch==9", "pip install torch==2"),
        ("git push", "git push -u origin main"),
        ("ruff check src", "ruff check --fix src"),
    ],
)
def test_the_same_target_passes_in_another_way(failed: str, passed: str) -> None:
    """Options, variables and launchers may be what made it pass."""
    assert how(failed, passed) == "varied"


@pytest.mark.parametrize(
    ("failed", "passed"),
    [
        ("pytest", "ls"),
        ("pytest", "cat pytest.log"),
        ("pytest", "pytest tests/a.py"),
        ("pytest", "pytest --lf"),
        ("mypy --strict src", "mypy src"),
        ("pytest tests/a.py", "pytest tests/b.py"),
        ("pytest tests/a.py::one", "pytest tests/a.py::two"),
        ("go test ./...", "go test ./pkg/a"),
        ("./api/run.sh", "./web/run.sh"),
        ("git push origin one", "git push origin two"),
        ("terraform apply", "terraform plan"),
        ("pytest", "pytest --ignore=tests/b.py"),
        ("pytest -k one", "pytest -k two"),
        ("pytest", "pytest | grep passed"),
        ("pytest", "pytest > log 2>&1 || true"),
        ("npm install", "npm install --dry-run"),
        ("npm test", "npm run lint"),
        ("make && make install", "make"),
        ("python - <<E\nimport a\nE", "python - <<E\nimport b\nE"),
        ("python -c 'import a'", "python -c 'import b'"),
        ("cat missing", "cat missing"),
        ("pytest $(cat first)", "pytest $(cat second)"),
    ],
)
def test_another_command_shows_nothing(failed: str, passed: str) -> None:
    """A narrower or another target, another script or an unseen exit status is no evidence."""
    assert how(failed, passed) == "nothing"


@pytest.mark.parametrize(
    ("failed", "passed"),
    [
        ("pytest tests/a.py", "pytest"),
        ("pytest tests/a.py::test_x", "pytest tests -q"),
        ("pytest -k one tests", "pytest tests"),
        ("pytest tests/a.py", "pytest tests/a.py tests/b.py"),
        ("mypy src/a.py", "mypy ."),
        ("npx eslint src/a.js", "npx eslint src"),
        ("go test ./pkg/a", "go test ./..."),
        ("go test -run TestA ./...", "go test ./..."),
        ("cargo test foo", "cargo test"),
        ("npx vitest run src/a.test.ts", "npx vitest run"),
        ("mvn -Dtest=A test", "mvn test"),
        ("python manage.py test orders", "python manage.py test"),
    ],
)
def test_a_checker_that_judges_more_than_what_failed(failed: str, passed: str) -> None:
    """What failed is among what passes; the other way round it shows nothing."""
    assert how(failed, passed) == "same"
    assert how(passed, failed) == "nothing"


@pytest.mark.parametrize(
    ("failed", "passed"),
    [
        ("npm ci && npm test", "npm test"),
        ("pip install -e . && pytest", "pytest -q"),
        ("make clean && make", "make"),
        ("docker compose up -d && pytest", "pytest"),
        ("cd api && npm ci && npm test", "cd api && npm test"),
        ("mkdir -p b && cargo build && cargo test", "cargo test"),
    ],
)
def test_what_only_prepares_need_not_pass_again(failed: str, passed: str) -> None:
    """Unless it is what failed."""
    assert how(failed, passed, passed_in="/p/api" if "cd api" in failed else "/p") == "same"
    broken = parse(failed, "/p", "npm error code EUSAGE\nERROR: No matching distribution\n", failed=True)
    again = parse(passed, "/p", "ok")
    assert broken is not None
    assert again is not None
    assert match(broken, again) is None


def test_a_hidden_exit_status_without_output_shows_nothing() -> None:
    """Had it failed, nobody would know."""
    assert how("make", "make || true", output="") == "nothing"


@pytest.mark.parametrize(
    ("failed", "failed_in", "passed", "passed_in", "shown"),
    [
        ("cd api && pytest", "/p", "cd api && pytest", "/p/api", "same"),
        ("cd api && pytest", "/p", "pytest", "/p/api", "same"),
        ("pytest", "/p/api", "cd ../api && pytest", "/p/api", "same"),
        ("cd api && pytest", "/p", "(cd api && pytest)", "/p", "same"),
        ("cd api && pytest", "/p", "cd /p/api && pytest", "/p", "same"),
        ("cd .. && make", "/p/api", "cd .. && make", "/p", "same"),
        ("cd api && pytest", "/p", "cd web && pytest", "/p/web", "nothing"),
        ("cd api && pytest", "/p", "pytest", "/p", "nothing"),
        ("cd api && pytest", "/p", "cd web && ls", "/p/web", "nothing"),
        ("pytest", "/p", "pytest", "/q", "nothing"),
        ("cd $DIR && pytest", "/p", "pytest", "/p", "nothing"),
    ],
)
def test_the_directory_decides(failed: str, failed_in: str, passed: str, passed_in: str, shown: str) -> None:
    """Claude Code reports the folder after a success and before a failure; both lead to where it ran."""
    assert how(failed, passed, failed_in=failed_in, passed_in=passed_in) == shown


def test_a_run_is_known_again_without_its_words() -> None:
    """What is kept on disk are digests."""
    run = parse("API_TOKEN=abc123 deploy --key=abc123 prod", "/p")
    assert run is not None
    kept = run.dump()
    assert "abc123" not in kept
    assert "prod" not in kept
    again = parse("API_TOKEN=abc123 deploy --key=abc123 prod", "/p")
    assert again is not None
    assert match(Run.load(kept, "/p"), again) == "same"


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("pip install x && pytest", ["pip install x"]),
        ("sed -i s/a/b/ x.py", ["sed -i s/a/b/ x.py"]),
        ("echo hi > conftest.py", ["echo hi > conftest.py"]),
        ("git checkout main", ["git checkout main"]),
        ("ruff check --fix", ["ruff check --fix"]),
        ("python - <<E\nopen('x', 'w').write('a')\nE", ["python -"]),
        ("cat a.py; grep -n x a.py; git log", []),
        ("pytest -q | tee /tmp/log", []),
        ("ruff check", []),
        ("python -c 'print(1)'", []),
        ("ls > /dev/null", []),
    ],
)
def test_what_may_change_something(command: str, changes: list[str]) -> None:
    """Reading, checking and probing change nothing."""
    run = parse(command, "/p")
    assert [act.line for act in run.changes] == changes if run else changes == []
