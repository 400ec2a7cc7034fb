"""What redaction promises of every text."""

import pytest

from commontrace_rules.redaction import Finding, redact
from commontrace_rules.redaction.elision import elided
from support.fake_personal_texts import CLEAN, PERSONAL
from support.fake_secret_places import PLACES
from support.fake_secret_texts import SECRETS
from support.fake_secrets import Case, build, cases, leaks

SEEDS = 3


def _named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", cases({**SECRETS, **PLACES}, SEEDS), ids=_named)
def test_no_window_of_a_secret_survives(case: Case) -> None:
    """Eight characters in a row of a secret never stand in the redacted text."""
    redacted = redact(case.text).text
    assert not any(leaks(secret, redacted) for secret in case.secrets), redacted


@pytest.mark.parametrize("case", cases(PERSONAL, SEEDS), ids=_named)
def test_personal_data_is_replaced(case: Case) -> None:
    """Mail, home directories, accounts, addresses, numbers and internal hosts do not survive."""
    redacted = redact(case.text).text
    assert not any(leaks(datum, redacted) for datum in case.secrets), redacted


@pytest.mark.parametrize("case", cases(CLEAN, SEEDS), ids=_named)
def test_look_alikes_survive_unchanged(case: Case) -> None:
    """Digests, ids, versions, placeholders, code and messages about secrets come out as they went in."""
    assert redact(case.text).text == case.text


@pytest.mark.parametrize("case", cases({**SECRETS, **PLACES, **PERSONAL, **CLEAN}, 1), ids=_named)
def test_redacting_twice_changes_nothing(case: Case) -> None:
    """A redacted text has nothing left to redact."""
    once = redact(case.text).text
    assert redact(once) == (once, ())


def test_an_address_at_the_end_of_a_sentence_is_replaced() -> None:
    """The full stop of a sentence is not part of the address, and does not protect it."""
    address = "robin" + "@" + "acme.com"
    assert redact(f"Ask {address}. Then wait.").text == "Ask <email>. Then wait."


def test_findings_point_into_the_original_text() -> None:
    """Positions are those of the text that was given, in order, without overlap."""
    case = build(
        "positions", "mail [[jane@acme.test]] or use DB_PASSWORD=[[b62:12]] from /home/[[janeroe]]/x", 1
    )
    findings = redact(case.text).findings
    found = [case.text[finding.start : finding.end] for finding in findings]
    assert found == [case.secrets[0], case.secrets[1], "/home/" + case.secrets[2]]
    assert [finding.kind for finding in findings] == ["email", "secret:password", "home"]


def test_placeholders_keep_an_error_readable() -> None:
    """A home directory becomes ``~``; everything else is replaced by what it was."""
    text = 'File "/home/janeroe/app.py", line 3: no mail from jane@acme.test'
    assert redact(text).text == 'File "~/app.py", line 3: no mail from <email>'


def test_a_known_account_name_is_replaced_wherever_it_stands() -> None:
    """The owner of a home directory is not named elsewhere in the same text either."""
    assert redact("/home/janeroe/x belongs to janeroe").text == "~/x belongs to <user>"


def test_the_kind_names_the_vendor() -> None:
    """A placeholder says whose secret stood there."""
    case = build("vendor", "key [[AKIA~b32:16]] used", 1)
    assert redact(case.text).text == "key <secret:aws-access-key> used"


def test_everything_around_a_secret_stays() -> None:
    """Only the secret goes: user, host, database and the next fields stay readable."""
    case = build("around", "postgres://app:[[b62:16]]@db.example.com:5432/app?sslmode=require", 1)
    assert (
        redact(case.text).text == "postgres://app:<secret:password>@db.example.com:5432/app?sslmode=require"
    )


def test_a_session_cookie_goes_and_a_preference_stays() -> None:
    """Cookies are judged one by one."""
    case = build("cookies", "Cookie: theme=dark; sid=[[b62:32]]; lang=en", 1)
    assert redact(case.text).text == "Cookie: theme=dark; sid=<secret:cookie>; lang=en"


@pytest.mark.parametrize("mark", ["", "...", "…", "... [truncated]", "\n[truncated 300 lines]"])
def test_a_token_cut_at_a_truncation_is_dropped(mark: str) -> None:
    """The rest of a token that a client cut in the middle leaves with it."""
    case = build("cut", "denied for [[ghp_~b62:8]]", 2)
    assert not leaks(case.secrets[0], redact(case.text + mark).text)


def test_a_key_whose_header_was_cut_is_dropped() -> None:
    """A private key is recognised by its footer alone."""
    case = build("footer", "[[b64:64]]\n[[b64:64]]\n-----END " + "PRIVATE KEY-----", 1)
    redacted = redact(case.text).text
    assert not any(leaks(secret, redacted) for secret in case.secrets)


def test_a_secret_in_an_address_wins_over_the_address() -> None:
    """``password@host`` looks like mail; it is reported as the password that it is."""
    case = build("overlap", "https://ci:[[b62:14]]@ci.acme.test/job", 1)
    assert redact(case.text).findings == (Finding("secret:password", 11, 25),)


def test_upper_case_letters_that_grow_do_not_shift_positions() -> None:
    """A letter whose lower case is two characters long leaves the positions right."""
    case = build("dotted", "\u0130\u0130 PASSWORD=[[b62:12]]", 1)
    assert redact(case.text).text == "\u0130\u0130 PASSWORD=<secret:password>"


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\x00", "\ud800", "=" * 50, "<secret:password>", "-----BEGIN"]
)
def test_odd_texts_are_left_alone(text: str) -> None:
    """Nothing in, nothing out; placeholders and stray markers are no secrets."""
    assert redact(text) == (text, ())


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ("PresharedKey = ", "amw9Nw/OP" + "eIeGASF9Ba" + "bk3LYFDO33gFQomDI5GX=", ""),
        ("algolia admin key ", "c26a0fbb7791" + "b2fa6b437e792cbee7b0", ""),
        ('echo "bob:', "cwLRD" + "Mskgt", '" | chpasswd'),
        ("argocd login x --password ", "DKALKf" + "mruPRe", ""),
        ("<password>", "qTCSH" + "LJqnCxB", "</password>"),
        ("bad credentials for ghp_", "Bgyf2dJ0TDEmjPDN" + "mLnSmM6uXgTodocGz2hC", ""),
        ("dvc remote modify origin password ", "MsdeTI" + "aOXM#9", ""),
        ("wrangler secret put K <<< ", "5s5sJDh7GkwNOI3XI" + "Xqv3e0vCw16ochVvMDZ6ZsH", ""),
    ],
)
def test_a_secret_without_digits_or_with_a_telling_word_inside_goes(
    before: str, secret: str, after: str
) -> None:
    """Chance makes random values of letters alone, or with "todo" within; their place tells what they are."""
    assert secret not in redact(before + secret + after).text


@pytest.mark.parametrize(
    "text", ['secret "db-credentials" not found', "GPG key 0x17E5EBC303031977", "token = HTTPServer.token"]
)
def test_the_name_of_an_object_is_no_secret(text: str) -> None:
    """Names of objects, identifiers of public keys and attributes stay."""
    assert redact(text).text == text


ENDLESS = "Zq7" * 4000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("password=", " and more"),
        ('password="', '" and more'),
        ("Bearer ", "\n"),
        ("https://app:", "@db:5432/x"),
    ],
)
def test_an_endless_secret_is_redacted_whole(before: str, after: str) -> None:
    """Nothing of a secret stays, however long it is, and all around it does."""
    text = redact(f"run 7: {before}{ENDLESS}{after}").text
    assert text.startswith(f"run 7: {before}<secret:")
    assert text.endswith(f">{after}")


def test_what_stands_around_endless_words_is_found_in_its_place() -> None:
    """Positions are those of the whole text, around words whose middle is not looked at too."""
    secret = "ghp_" + "R7vQ2mXw9LkT4bNz" + "8sHd1pYc6gJf3uEa5oWi"
    text = f"{secret} {ENDLESS} {secret}\n{ENDLESS} mail anna.schmidt@web.de"
    found = redact(text)
    assert [text[start:end] for _, start, end in found.findings] == [secret, secret, "anna.schmidt@web.de"]
    assert found.text == f"<secret:github-token> {ENDLESS} <secret:github-token>\n{ENDLESS} mail <email>"


@pytest.mark.parametrize("word", ["a", "A1", "é", "password", "0", "api_key_"])
def test_of_an_endless_word_only_the_ends_are_looked_at(word: str) -> None:
    """What the rules look at does not grow with the word; its ends are as they were."""
    text = f"({word * 20_000})"
    elision = elided(text)
    assert len(elision.text) < 3000
    assert elision.text[:512] == text[:512]
    assert elision.text[-512:] == text[-512:]


def test_words_that_end_are_looked_at_whole() -> None:
    """Nothing is left out of a text whose words are shorter than a thousand characters."""
    text = " ".join(["a" * 999] * 90)
    assert elided(text).text == text


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060\u200d", "\ufeff"])
def test_characters_that_nobody_sees_hide_nothing(unseen: str) -> None:
    """A token, a name of a field and an address are what they look like, wherever such a character stands."""
    token = unseen.join("ghp_" + "R7vQ2mXw9LkT4bNz" + "8sHd1pYc6gJf3uEa5oWi")
    address = f"anna.schm{unseen}idt@web.de"
    text = f"key {token}, pass{unseen}word=Kx9{unseen}ttt7azrf, {address}{unseen} na{unseen}ïve"
    assert redact(text).text == (
        f"key <secret:github-token>, pass{unseen}word=<secret:password>, <email>{unseen} na{unseen}ïve"
    )
