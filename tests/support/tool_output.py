"""Output of common tools as a shell shows it: hand-written, one representative of each kind."""

from typing import NamedTuple


class Failing(NamedTuple):
    """A command that failed; `key` is what a search for help must contain."""

    command: str
    output: str
    exit_code: int
    key: str


class Passing(NamedTuple):
    """A command in which nothing failed, whatever its output talks about."""

    command: str
    output: str
    exit_code: int = 0


PYTEST = """\
    def test_total():
>       assert invoice.total() == 30
E       TypeError: unsupported operand type(s) for +: 'int' and 'Decimal128'

tests/test_invoice.py:8: TypeError
=========================== short test summary info ============================
FAILED tests/test_invoice.py::test_total - TypeError: unsupported operand type(s)...
1 failed, 12 passed in 0.41s
"""
CHAINED = """\
Traceback (most recent call last):
  File "/srv/shop/db.py", line 9, in connect
    sock.connect(address)
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 3, in <module>
    db.connect()
sqlalchemy.exc.OperationalError: (psycopg.OperationalError) FATAL:  database "shop" does not exist
"""
RUST = """\
error[E0502]: cannot borrow `rows` as mutable because it is also borrowed as immutable
  --> src/table.rs:21:9
   |
20 |     let first = &rows[0];
   |                  ---- immutable borrow occurs here

error: could not compile `table` (lib) due to 1 previous error
"""
JEST = """\
FAIL src/cart.test.js
  \u25cf cart \u203a adds an item

    ReferenceError: structuredClone is not defined

      at addItem (src/cart.js:4:15)

Tests:       1 failed, 6 passed, 7 total
"""
GO_TEST = """\
--- FAIL: TestParse (0.00s)
    parse_test.go:18: Parse("7d") returned unexpected error: time: unknown unit "d" in duration "7d"
FAIL
FAIL\texample.test/clock\t0.004s
FAIL
"""
JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: could not start the order service
\tat shop.Main.main(Main.java:12)
Caused by: java.lang.ClassNotFoundException: org.postgresql.Driver
\tat java.base/java.net.URLClassLoader.findClass(URLClassLoader.java:445)
\t... 3 more
"""
MAVEN = """\
[INFO] --- compiler:3.13.0:compile (default-compile) @ shop ---
[ERROR] /srv/shop/src/main/java/Order.java:[14,21] incompatible types: String cannot be converted to int
[INFO] BUILD FAILURE
[ERROR] Failed to execute goal compiler:3.13.0:compile (default-compile) on project shop: Compilation failure
[ERROR] Re-run Maven using the -X switch to enable full debug logging.
"""
ERESOLVE = """\
npm error code ERESOLVE
npm error ERESOLVE unable to resolve dependency tree
npm error Found: react@19.2.0
npm error Could not resolve dependency:
npm error peer react@"^17.0.0" from old-carousel@2.1.0
npm error A complete log of this run can be found in: /home/dev/.npm/_logs/2026-01-02-debug-0.log
"""
CI_ESLINT = """\
2026-02-03T04:05:06.0000000Z ##[group]Run npm run lint
2026-02-03T04:05:06.1000000Z /home/runner/work/shop/shop/src/list.js
2026-02-03T04:05:06.2000000Z   4:7  \x1b[31merror\x1b[0m  'total' is defined but never used  no-unused-vars
2026-02-03T04:05:06.3000000Z \u2716 1 problem (1 error, 0 warnings)
2026-02-03T04:05:06.4000000Z ##[error]Process completed with exit code 1.
"""
SHELLCHECK = """\
In deploy.sh line 4:
rm -rf $target/*
       ^-----^ SC2115 (warning): Use "${var:?}" to ensure this never expands to /* .
"""
RUBY = "app.rb:2:in `require': cannot load such file -- sinatra (LoadError)\n\tfrom app.rb:2:in `<main>'\n"
PHP = (
    "PHP Fatal error:  Uncaught Error: Call to undefined function mb_strlen() in /srv/a.php:3\nStack "
    "trace:\n#0 {main}\n"
)
LINKER = (
    "/usr/bin/ld: main.o: in function `main':\nmain.c:(.text+0x11): undefined reference to `sqrt'\n"
    "collect2: error: ld returned 1 exit status\n"
)
BUILDKIT = """\
#8 [4/6] RUN npm ci
#8 1.912 npm error code EUSAGE
#8 1.913 npm error `npm ci` needs your package.json and package-lock.json in sync.
#8 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
"""
COMPOSE_LOGS = """\
worker-1  | Traceback (most recent call last):
worker-1  |   File "/app/worker.py", line 3, in <module>
worker-1  | ModuleNotFoundError: No module named 'celery'
worker-1 exited with code 1
"""
TERRAFORM = """\
\u2577
\u2502 Error: Reference to undeclared resource
\u2502
\u2502   on main.tf line 9, in output "ip":
\u2502    9:   value = aws_instance.web.public_ip
\u2502
\u2502 A managed resource "aws_instance" "web" has not been declared in the root module.
\u2575
"""
UNITTEST = """\
ERROR: test_load (test_x.T)
Traceback (most recent call last):
  File "test_x.py", line 4, in test_load
zipfile.BadZipFile: File is not a zip file

Ran 1 test in 0.001s

FAILED (errors=1)
"""
VITEST = """\
 FAIL  src/a.test.ts > adds
AssertionError: expected 3 to be 4 // Object.is equality
 Test Files  1 failed (1)
      Tests  1 failed (1)
"""
MYPY = """\
a.py:3: error: Missing return statement  [return]
Found 1 error in 1 file (checked 2 source files)
"""

FAILING = [
    Failing("pytest -q", PYTEST, 1, "unsupported operand type(s) for +: 'int' and 'Decimal128'"),
    Failing("uv run pytest -q 2>&1 | tail -12", PYTEST, 0, "unsupported operand type(s)"),
    Failing("pytest -q || true", PYTEST, 0, "unsupported operand type(s)"),
    Failing("python -m unittest 2>&1 | tail", UNITTEST, 0, "File is not a zip file"),
    Failing("python main.py", CHAINED, 1, 'database "shop" does not exist'),
    Failing("python main.py | tee run.log", CHAINED, 0, 'database "shop" does not exist'),
    Failing("cargo check; git status", RUST, 0, "E0502"),
    Failing("cd web && npx jest 2>&1 | tail -30", JEST, 0, "structuredClone is not defined"),
    Failing("npx vitest run 2>&1 | tail -8", VITEST, 0, "expected 3 to be 4"),
    Failing("go test ./...", GO_TEST, 1, 'unknown unit "d"'),
    Failing("go test ./... | head -40", GO_TEST, 0, 'unknown unit "d"'),
    Failing("go build ./...", "./main.go:9:2: undefined: slog.Infof\n", 1, "undefined: slog.Infof"),
    Failing("java -jar app.jar 2>&1 | head", JAVA, 0, "ClassNotFoundException"),
    Failing("mvn -q compile", MAVEN, 1, "incompatible types"),
    Failing("npm install", ERESOLVE, 1, "ERESOLVE"),
    Failing("npm install 2>&1 | tail -20", ERESOLVE, 0, "ERESOLVE"),
    Failing("npm run lint", CI_ESLINT, 1, "no-unused-vars"),
    Failing("shellcheck deploy.sh | head", SHELLCHECK, 0, "SC2115"),
    Failing("flake8 src | head", "src/a.py:1:1: F401 'os' imported but unused\n", 0, "F401"),
    Failing("mypy src | tail -3", MYPY, 0, "Missing return statement"),
    Failing("npx tsc -p . | head", "src/a.ts(3,7): error TS2304: Cannot find name 'fetchUser'.\n",
        0, "TS2304"),
    Failing("ruby app.rb", RUBY, 1, "cannot load such file -- sinatra"),
    Failing("php a.php", PHP, 255, "undefined function mb_strlen"),
    Failing("gcc main.c 2>&1 | tail -3", LINKER, 0, "undefined reference to `sqrt'"),
    Failing("make -j8 > build.log 2>&1; tail -3 build.log", LINKER, 0, "undefined reference to `sqrt'"),
    Failing("docker build .", BUILDKIT, 1, "package-lock.json in sync"),
    Failing("docker compose logs worker", COMPOSE_LOGS, 0, "No module named 'celery'"),
    Failing("kubectl get pods", "NAME   READY   STATUS             RESTARTS\napi    0/1     "
        "CrashLoopBackOff   7\n", 0, "CrashLoopBackOff"),
    Failing("terraform validate", TERRAFORM, 1, "Reference to undeclared resource"),
    Failing("git push", " ! [rejected]        main -> main (non-fast-forward)\nerror: failed to push some "
        "refs to 'origin'\n", 1, "non-fast-forward"),
    Failing("git merge topic | tail -2", "CONFLICT (content): Merge conflict in app.py\nAutomatic merge "
        "failed; fix conflicts and then commit the result.\n", 0, "CONFLICT"),
    Failing("psql -f schema.sql", "CREATE TABLE\npsql:schema.sql:7: ERROR:  42P01: relation \"orders\" "
        "does not exist\n", 0, "42P01"),
    Failing("curl -sS https://api.example.test | jq .", "curl: (6) Could not resolve host: "
        "api.example.test\n", 0, "Could not resolve host"),
    Failing("ssh build.example.test uptime", "git@example.test: Permission denied (publickey).\n",
        255, "Permission denied (publickey)"),
    Failing("apt-get install -y foo", "E: Unable to locate package foo\n", 100, "Unable to locate package"),
    Failing("uv sync", "  \u00d7 No solution found when resolving dependencies:\n  \u2570\u2500\u25b6 "
        "Because rich was not found in the package registry, your requirements are unsatisfiable.\n",
            1, "No solution found"),
    Failing("pnpm install", "\u2009ERR_PNPM_OUTDATED_LOCKFILE\u2009 Cannot install with "
        "\"frozen-lockfile\"\n", 1, "ERR_PNPM_OUTDATED_LOCKFILE"),
    Failing("bash deploy.sh", "deploy.sh: line 3: aws: command not found\nfinished\n", 0, "aws: command "
        "not found"),
    Failing("./run.sh; echo \"exit=$?\"", "starting\nexit=3\n", 0, "starting"),
    Failing("cat config.yaml | head", "cat: config.yaml: No such file or directory\n", 0, "No such file "
        "or directory"),
    Failing("grep -r x missing", "grep: missing: No such file or directory\n", 2, "No such file or "
        "directory"),
    Failing("mysql -u root | cat",
        "ERROR 2002 (HY000): Can't connect to local MySQL server (2)\n", 0, "Can't connect"),
    Failing("composer install | tail",
        "Root composer.json requires php ^8.3, which could not be resolved.\n\n\n.\n", 0, "php ^8.3"),
    Failing("bun test | tail",
        "error: expect(received).toBe(expected)\nExpected: 3\nReceived: 2\n 1 fail\n", 0, "Expected: 3"),
    Failing("for f in a b; do python $f.py; done; ls", "KeyError: 'x'\na.py\nb.py\n", 0, "KeyError: 'x'"),
    Failing("sleep 300", "Command timed out after 2m 0.0s\n", 143, "timed out"),
    Failing("./serve & sleep 2; wait", "panic: listen tcp :8080: bind: address already in use\n\n"
        "goroutine 1 [running]:\n", 0, "address already in use"),
]  # fmt: skip

GREEN = (
    "tests/test_errors.py::test_fatal_error_is_logged PASSED\ntests/test_errors.py::test_raises_KeyError "
    "PASSED\n2 passed in 0.02s\n"
)
LOG = (
    "2026-01-01 10:00:00 ERROR db: connection refused\nTraceback (most recent call last):\n  File "
    "\"a.py\", line 1\nKeyError: 'x'\n"
)

PASSING = [
    Passing("pytest -v", GREEN),
    Passing("pytest -v 2>&1 | tail -3", GREEN),
    Passing("pytest -q -rx | tail -2", "XFAIL tests/test_a.py::test_bug - AssertionError: known\n3 "
        "passed, 1 xfailed in 0.1s\n"),
    Passing("npx jest 2>&1 | tail -4", "PASS src/error.test.js\n  console.error\n    Error: expected "
        "noise\nTests:       4 passed, 4 total\n"),
    Passing("cargo test 2>&1 | tail", "test error_is_returned ... ok\n\ntest result: ok. 1 passed; 0 "
        "failed; 0 ignored\n"),
    Passing("go test ./... | tail", "ok  \texample.test/errors\t0.004s\n"),
    Passing("make; echo rc=$?", "cc -Werror -o app main.c\nrc=0\n"),
    Passing("gcc -Wall main.c 2>&1 | head", "main.c:2:5: warning: unused variable 'error' "
        "[-Wunused-variable]\n"),
    Passing("mypy src | tail -1", "Success: no issues found in 3 source files\n"),
    Passing("npx eslint . | tail -3", "/srv/a.js\n  3:1  warning  Unexpected console statement  "
        "no-console\n\n\u2716 1 problem (0 errors, 1 warning)\n"),
    Passing("npm ci 2>&1 | tail -3", "npm warn deprecated inflight@1.0.6: This module is not supported\n"
        "added 12 packages in 2s\nfound 0 vulnerabilities\n"),
    Passing("python sync.py", "Error: cache miss, falling back to origin\nsynced 3 files\n"),
    Passing("python sync.py | tail -3", "Error: cache miss, falling back to origin\nsynced 3 files\n"),
    Passing("grep -rn TODO src", "", 1),
    Passing("rg 'panic!' src | head", "src/lib.rs:4:    panic!(\"cannot happen\");\n"),
    Passing("grep -rn Error src", "src/errors.py:4:class ApiError(Exception):\n"),
    Passing("cat app.log", LOG),
    Passing("tail -20 app.log | grep -A2 ERROR", LOG),
    Passing("sed -n 1,4p app.log; wc -l app.log", LOG),
    Passing("git log --oneline | head -3", "1a2b3c4 fix: FAILED build, fatal: bad revision\n"),
    Passing("git diff --exit-code", "-raise ValueError('x')\n+raise KeyError('x')\n", 1),
    Passing("git show HEAD | head -5", "    fix TypeError: cannot read property\n"),
    Passing("git push origin main 2>&1 | tail -1", "   1a2b3c4..5d6e7f8  main -> main\n"),
    Passing("ls src/errors; echo done", "Error.tsx\nFailure.tsx\ndone\n"),
    Passing("find . -name '*error*' | head", "./src/fatal_error.py\n"),
    Passing("diff a.txt b.txt", "1c1\n< error: old\n---\n> error: new\n", 1),
    Passing("test -f missing.txt", "", 1),
    Passing("[ -d build ] && echo built", "", 1),
    Passing("pgrep -f server", "", 1),
    Passing("which terraform || echo 'terraform not found'", "terraform not found\n"),
    Passing("python -c 'import numpy' 2>/dev/null || echo 'numpy is missing'", "numpy is missing\n"),
    Passing("ls missing 2>/dev/null || true", ""),
    Passing("alembic upgrade head", "INFO  [alembic.runtime.migration] Running upgrade 1f2e -> 9c8d, add "
        "error table\n"),
    Passing("curl -s https://api.example.test/x | jq .", '{\n  "error": "not found",\n  "status": 404\n}\n'),
    Passing("docker compose logs --tail 2 api", "api-1  | INFO request finished status=200 errors=0\n"),
    Passing("tool --help", "Usage: tool [--fail-fast]\n  --error-format FORMAT\n", 2),
    Passing("yes | head -1", "y\n", 141),
    Passing("echo 'FAILED: error'; true", "FAILED: error\n"),
    Passing("cat <<'EOF' > notes.md\nfatal: not a real error\nEOF\nls", "notes.md\n"),
    Passing("set -e; python build.py; ls dist", "warning: unknown option ignored\nerror-report.html\n"),
    Passing("kubectl get pods", "NAME READY STATUS\nerror-collector-1 1/1 Running\n"),
    Passing("psql -c 'select msg from logs'", "   msg\n-------\n ERROR: disk failed\n(1 row)\n"),
    Passing("make > /dev/null 2>&1; tail -3 old.log", "error: from an earlier run\n"),
    Passing("kubectl rollout status deploy/api", 'deployment "api" successfully rolled out\n'),
    Passing("terraform plan -detailed-exitcode", "Plan: 1 to add, 0 to change, 0 to destroy.\n", 2),
]  # fmt: skip
