"""How often the same error may be asked about."""

from commontrace.restraint import FIRST_SECONDS, LONGEST_SECONDS, Cooldown


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
