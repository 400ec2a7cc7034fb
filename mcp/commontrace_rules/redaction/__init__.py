"""Redaction: the one place where secrets and personal data leave a text.

``redact`` looks at the whole text, so it belongs before any truncation. It knows what a credential looks like in
three ways: by its own form (``tokens``, ``keyblocks``), by where it stands (``urls``, ``headers``, ``assignments``,
``commands``), and it knows personal data by form and context (``people``, ``network``). Every rule takes linear time:
repetitions are possessive or bounded, and no rule looks at a character more than a fixed number of times.
"""

from commontrace_rules.redaction import (
    assignments,
    commands,
    headers,
    keyblocks,
    names,
    network,
    people,
    places,
    tokens,
    urls,
)
from commontrace_rules.redaction.elision import elided, seen
from commontrace_rules.redaction.spans import Finding, Redaction, merge, rewrite, source
from commontrace_rules.redaction.values import forget

__all__ = ["Finding", "Redaction", "redact"]

RULES = (
    # scanner, reason
    (keyblocks.private_keys, "whoever holds the body of a private key is its owner"),
    (tokens.announced, "a vendor's prefix names the secret"),
    (tokens.web_tokens, "a signed token is a session"),
    (tokens.halves, "half a token is still a secret, and nothing tells its half from another word's"),
    (tokens.shaped, "a form that nothing else has"),
    (urls.credentials, "user information of a URL holds a password"),
    (urls.one_off, "a code in a redirect is a login"),
    (urls.webhooks, "the path of a webhook is its password"),
    (headers.authorization, "the scheme announces the credential"),
    (headers.cookies, "a session cookie is a login"),
    (assignments.assigned, "the name of a field says that its value is secret"),
    (assignments.named_apart, "name and value are given as two fields, as Kubernetes does"),
    (places.branded, "the name of a vendor says what a random value beside it opens"),
    (places.called, "a client is made with its credential"),
    (places.paired, "two literals log somebody in: a name and a password"),
    (places.codes, "a code of a second factor is a login while it lasts"),
    (places.prefixed, "a short prefix before a long random run is how vendors mark tokens"),
    (places.spoken, "a sentence says that it is a key"),
    (places.manifests, "everything in a Kubernetes Secret is one"),
    (commands.passed, "an option of a known program takes a password"),
    (commands.password_files, "a line of a password file"),
    (people.mail, "an address names a person"),
    (names.names, "a field or a sentence says that a person's name follows"),
    (people.owners, "a home directory and an account name their owner"),
    (people.numbers, "phone, card, social security and bank account numbers"),
    (people.papers, "a date of birth or the number of a passport"),
    (network.addresses, "an address tells where a machine stands"),
    (network.hosts, "an internal name maps a private network"),
    (network.prompts, "a shell prompt names the machine"),
)
"""Everything that ``redact`` applies, in order; earlier rules see the same original text as later ones."""


def redact(text: str) -> Redaction:
    """Replace secrets and personal data by stable placeholders.

    Args:
        text: any text, whole: a secret that was already cut in half is only recognised at the end of the text.

    Returns:
        The redacted text and what was found, with positions in ``text``. Redacting the result again changes nothing.
    """
    shown = seen(text)
    short = elided(shown.text)
    given = source(short.text)
    try:
        found = merge(finding for scan, _ in RULES for finding in scan(given))
    finally:
        forget()
    findings = tuple(shown.restored(short.restored(finding)) for finding in found)
    return Redaction(rewrite(text, findings), findings)
