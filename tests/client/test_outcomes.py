"""What is told of a trace that was shown: only what was seen to happen."""

import pytest

from commontrace import outcomes as told_later
from commontrace.hooks import Hooks
from commontrace.memory import meter, repos
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from support.hook_session import HookSession, knows, outcomes
from support.stand_in_store import StandInStore

ERROR = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"
OTHER = "Traceback (most recent call last):\nKeyError: 'berth seven of the ferry'"
FIX = "The package has another name: `pip install pyyaml`"


def test_a_pass_after_the_traces_change_is_a_good_outcome(
    session: HookSession, store: StandInStore, runtime: Runtime
) -> None:
    """Fails, shown, changed as the trace says, passes: told once, and the brief prefers the trace."""
    trace = knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    session.passes("python app.py")
    session.passes("python app.py")
    assert outcomes(store) == [True]
    (known,) = repos.best(runtime.memory, session.repo, 5)
    assert known.trace == trace
    assert meter.read(runtime.memory).attributed == 1


def test_a_pass_after_another_change_is_no_outcome(
    session: HookSession, store: StandInStore, runtime: Runtime
) -> None:
    """It is resolved, nobody is credited, and nothing leaves the memory."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.edits("app.py", "-import yaml", "+import json")
    session.passes("python app.py")
    assert outcomes(store) == []
    assert (meter.read(runtime.memory).resolved, meter.read(runtime.memory).attributed) == (1, 0)


def test_a_pass_without_a_change_is_luck(session: HookSession, store: StandInStore, runtime: Runtime) -> None:
    """A flaky command resolves nothing."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("cat app.py")
    session.passes("python app.py")
    assert outcomes(store) == []
    assert meter.read(runtime.memory).resolved == 0


@pytest.mark.parametrize(
    ("command", "cwd"),
    [("ls", ""), ("python other.py", ""), ("python app.py", "/elsewhere"), ("python app.py | grep x", "")],
)
def test_the_pass_of_another_command_ends_nothing(
    session: HookSession, store: StandInStore, command: str, cwd: str
) -> None:
    """Another program, target or folder, or a pass that nobody saw."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    session.passes(command, cwd=cwd or None)
    assert outcomes(store) == []


def test_a_command_in_the_background_has_not_passed(session: HookSession, store: StandInStore) -> None:
    """Claude Code reports it as a success when it has only begun."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    session.passes("python app.py", "", background="trueb7k2")
    assert outcomes(store) == []


def test_the_same_failure_after_the_traces_change_is_a_bad_outcome(
    session: HookSession, store: StandInStore
) -> None:
    """It was tried and did not help; a later success of the same trace is told in its place."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.fails("python app.py", ERROR)
    assert outcomes(store) == []
    session.passes("pip install pyyaml")
    session.fails("python app.py", ERROR)
    assert outcomes(store) == [False]
    session.passes("pip install pyyaml --force-reinstall")
    session.passes("python app.py")
    assert outcomes(store) == [False, True]


def test_another_failure_after_the_traces_change_is_not_held_against_it(
    session: HookSession, store: StandInStore
) -> None:
    """The error is gone; that the command fails for another reason says nothing against the trace."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    session.fails("python app.py", OTHER)
    assert outcomes(store) == []
    session.edits("app.py", "-berths[7]", "+berths.get(7)")
    session.passes("python app.py")
    assert outcomes(store) == [True]


def test_sub_agents_are_kept_apart(session: HookSession, store: StandInStore) -> None:
    """What a sub-agent sees pass ends nothing of its session; what it changes counts there."""
    knows(store, FIX)
    helper = HookSession(session.hooks, session.repo, agent="helper")
    session.fails("python app.py", ERROR)
    helper.passes("pip install pyyaml")
    helper.passes("python app.py")
    assert outcomes(store) == []
    session.passes("python app.py")
    assert outcomes(store) == [True]


def test_a_resumed_session_goes_on_where_it_was(
    session: HookSession, store: StandInStore, runtime: Runtime
) -> None:
    """Every step may be another process's."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    HookSession(Hooks(runtime), session.repo).passes("pip install pyyaml")
    HookSession(Hooks(runtime), session.repo).passes("python app.py")
    HookSession(Hooks(runtime), session.repo).passes("python app.py")
    assert outcomes(store) == [True]


def test_nothing_of_a_command_is_kept_in_clear(
    session: HookSession, runtime: Runtime, folders: Paths, store: StandInStore
) -> None:
    """The memory holds no secret of a command, a patch or an output."""
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    session.fails(f"API_KEY={secret} python app.py --token={secret}", f"{ERROR}\ntoken {secret}")
    session.edits("app.py", f'+TOKEN = "{secret}"')
    session.passes(f"export GITHUB_TOKEN={secret}; echo {secret} > .env")
    session.passes(f"API_KEY={secret} python app.py --token={secret}")
    runtime.release()
    for file in folders.memory.parent.iterdir():
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_a_variant_that_the_trace_names_and_that_fails_is_a_bad_outcome(
    session: HookSession, store: StandInStore
) -> None:
    """The change may be the command itself; what passes in the end is another matter."""
    knows(store, "Run `npm install --legacy-peer-deps`.")
    conflict = "npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree"
    session.fails("npm install", conflict)
    session.fails("npm install --legacy-peer-deps", conflict)
    assert outcomes(store) == [False]
    session.passes("npm install --force")
    assert outcomes(store) == [False]


def test_a_change_from_before_the_trace_was_shown_is_not_its_merit(
    session: HookSession, store: StandInStore
) -> None:
    """The agent had found it alone."""
    session.fails("python app.py", ERROR)
    knows(store, FIX)
    session.passes("pip install pyyaml")
    session.fails("python tool.py", ERROR.replace("yaml", "toml"))
    session.passes("python app.py")
    assert outcomes(store) == []


def test_what_an_ended_session_could_not_tell_is_told_by_the_next(
    session: HookSession, store: StandInStore, runtime: Runtime
) -> None:
    """The pass is on disk at once; what helped is looked into later."""
    knows(store, FIX)
    session.fails("python app.py", ERROR)
    session.passes("pip install pyyaml")
    lost, store.traces = store.traces, {}
    session.passes("python app.py")
    assert outcomes(store) == []
    store.traces = lost
    with runtime.memory.write() as connection:  # as if the process had ended before it could ask
        connection.execute("UPDATE failures SET resolution = json_set(resolution, '$.judged', json('false'))")
    told_later.catch_up(runtime)
    told_later.catch_up(runtime)
    assert outcomes(store) == [True]
