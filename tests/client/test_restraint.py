"""How often the same error may be asked about, and how much a session is given."""

from concurrent.futures import ThreadPoolExecutor

from commontrace.recall import SESSION_BUDGET
from commontrace.recognition import Failure
from commontrace.restraint import FIRST_SECONDS, LONGEST_SECONDS, Cooldown
from commontrace.runtime import Runtime
from commontrace.stores import Found
from support import stand_in_store


def test_the_same_error_rests_ever_longer_but_not_for_ever() -> None:
    """Twice as long after each answer, up to a limit; another error or reader does not rest."""
    now = [1000.0]
    cooldown = Cooldown(lambda: now[0])
    rests = []
    for _ in range(10):
        assert not cooldown.spares(("s", ""), "e")
        cooldown.answered(("s", ""), "e")
        began = now[0]
        assert not cooldown.spares(("s", ""), "other")
        assert not cooldown.spares(("s", "helper"), "e")
        while cooldown.spares(("s", ""), "e"):
            now[0] += FIRST_SECONDS / 2
        rests.append(now[0] - began)
    assert rests[:3] == [FIRST_SECONDS, FIRST_SECONDS * 2, FIRST_SECONDS * 4]
    assert rests[-1] == LONGEST_SECONDS


def test_calls_at_once_share_one_budget(runtime: Runtime) -> None:
    """Sixteen failures at once get no more than one after the other would."""

    def given(number: int) -> int:
        failure = Failure(f"Error: part {number} is missing", f"1:{number:032x}", "part is missing")
        hit = stand_in_store.hit(" ".join(f"Install part {number} of kind {kind}." for kind in range(60)))
        found = Found.model_validate({"hits": [hit], "abstained": False, "degraded": []})
        said = runtime.recall.inject("s", str(number % 3), failure, [("local", found)])
        return len(said.text) if said else 0

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(given, range(16)))
    assert SESSION_BUDGET - 1000 < sum(told) <= SESSION_BUDGET
    assert runtime.memory.characters("s") >= sum(told)
