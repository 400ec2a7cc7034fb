"""A named secret is removed however it is written down, and both halves of one that was cut are."""

import pytest

from commontrace_rules.redaction import redact
from support.fake_carriers import CARRIERS, NAMES, VALUES
from support.fake_secrets import build, leaks


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_named_secret_leaves_every_carrier(carrier: str) -> None:
    """Environment, data formats, code, flags, logs, tables and diffs: the name of the field decides."""
    left = []
    for name in NAMES:
        for value in VALUES:
            case = build(carrier, CARRIERS[carrier].format(n=name, v=f"[[{value}]]"), 1)
            if leaks(case.secrets[0], redact(case.text).text):
                left.append(case.text)
    assert left == []


@pytest.mark.parametrize(
    "mark",
    [
        "\n\n... [4821 characters truncated] ...\n\n",
        "\n... [12 lines truncated] ...\n",
        "[... 99 chars omitted ...]",
    ],
)
@pytest.mark.parametrize("token", ["ghp_~b62:16", "glpat-~b62:14", "sk-ant-api03-~b62:40"])
def test_both_halves_of_a_cut_token_are_dropped(token: str, mark: str) -> None:
    """What a client left before and after its truncation mark is dropped on both sides."""
    for seed in range(5):
        case = build("halves", f"refused [[{token}]]{mark}[[b62:24]] by the host", seed)
        redacted = redact(case.text).text
        assert not any(leaks(half, redacted) for half in case.secrets), redacted
        assert "refused" in redacted
        assert "by the host" in redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ('token_info.get("application")', None),
        ("from google.protobuf.internal import decoder", None),
        ('__all__ = ["AsyncOAuth1Mixin", "AsyncOAuth2Mixin"]', None),
        ("key_cls = mldsa.MLDSA44PrivateKey", None),
        ("Add 10.0.0.0/8 to the list", None),
        ("| name | string |", None),
        ("cat token | base64 -d", None),
        ("tina@work-pc:~/src$ make", "<user>@<host>:~/src$ make"),
        ("root@0f3c9a1b2d4e:/app# ls", None),
    ],
)
def test_code_and_prompts_stay_readable(text: str, redacted: str | None) -> None:
    """Lookups, imports, classes, blocks of addresses and containers name no secret and nobody."""
    assert redact(text).text == (redacted or text)
