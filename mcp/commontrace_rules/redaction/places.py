"""Random values in places that are kept for secrets: beside a vendor's name, in a client's call, in a manifest."""

from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.values import is_dense, is_digest, is_placeholder, is_random, remembered

_VENDORS = (
    "adafruit adobe adyen airtable algolia alibaba amplitude apify asana assemblyai auth0 binance bitbucket bittrex braintree "
    "browserstack bugsnag calendly circleci clickup cloudflare cloudinary codacy codeclimate codecov cohere coinbase confluent "
    "contentful coveralls datadog deepgram deepl digitalocean discord dropbox droneci duo elevenlabs etsy facebook fastly finicity "
    "finnhub flickr freshbooks freshdesk giphy gocardless grafana heroku honeycomb hubspot infura instagram intercom ipinfo ipstack "
    "jfrog artifactory jumpcloud klaviyo kraken kucoin launchdarkly linkedin lob logdna loggly logzio looker mailchimp mailgun "
    "mailjet mapbox maxmind meraki messagebird mistral mixpanel mattermost netlify newrelic relic nytimes okta onelogin "
    "onesignal openai openweather openweathermap opsgenie pagerduty papertrail paypal pinecone pingdom plaid plivo postmark pusher "
    "rapidapi recaptcha recurly replicate rollbar salesforce saucelabs sendbird sendgrid sendinblue sentry serpapi shodan "
    "shopify snyk sonarcloud sparkpost splunk spotify squarespace statuspage stripe sumo sumologic telegram tiingo travis trello "
    "twilio twitch twitter typeform uptimerobot vercel virustotal vonage vultr wandb weatherapi webflow wistia xero yandex zendesk "
    "zoom".split()
)
_VALUE = r"(?P<value>[a-z0-9][\w=-]{15,200})"
_BESIDE = rf"[\w .-]{{0,24}}+[\"'`]?[ \t]{{0,3}}(?:=>?|:=?|,|\|\|)[ \t]{{0,3}}[\"'`]?{_VALUE}(?![\w./:@-])"
_CALL = r"(?i)(?:client|sdk|auth|login|bot|connect|search|api)(?:async|sync)?\Z"
_ARGUMENTS = 120
_LITERAL = r"[\"']([A-Za-z0-9_-]{20,100})[\"']"
_LOGIN = (
    r"(?:[Aa]uth|login)(?: ?= ?)?\(\s{0,20}[\"'][^\"'\n]{1,200}[\"'],\s{0,20}"
    r"(?:password ?= ?)?[\"']([^\"'\n]{4,200})[\"']\s{0,20},?\s{0,20}\)"
)
_SENT = "verification confirmation security login sign-in one-time 2fa mfa authentication access".split()
_ONE_TIME = (
    rf"(?:code(?:{'|'.join(f'(?<={kind} code)' for kind in _SENT)})|otp(?<!\wotp))"
    r"(?: is|:| =)? {0,2}[\"']?(\d{4}(?:\d{1,4}|[ -]\d{4})?)(?![\w.-])"
)
_RANDOM = r"_([A-Za-z0-9]{26,200}+)(?![\w.-])"
_PREFIX = r"(?<![\w./@-])[a-z]{2,12}(?:_(?:live|test|prod|dev|api|key|sec|secret|sk|pat|at|v\d|[a-z]{2}))?\Z"
_LONGEST_MARKER = 24
_OBJECTS = r"(?:msg|toolu|run|call|thread|asst|req|resp|evt|chunk|trace|span|pi|ch|cs|cus|sub|in|prod|price|acct|sha\d*|md\d*|rev|snap|fig)_"
_SPOKEN = r"(?:key|token|secret|credential) (?:is |was |of |= )?([A-Za-z0-9+/_-]{32,200}={0,2})(?![\w./-])"
_LONG = r" ((?=[a-z]{0,63}[0-9])[a-z0-9]{32,64})(?![\w./-])"
_NAMED = (
    r"\b(?:(?:api|admin|access|secret|private|auth|deploy|license|personal access)[ _-](?:key|token|secret)|pat|access token)"
    r"(?: is| was| of|:)?\Z"
)
_SHORTEST_KEY = 32
_MANIFEST = r"(?m)^(?P<indent>[ \t]{0,16})(?:data|stringData):[ \t]*\r?\n(?P<body>(?:(?P=indent)[ \t]+[^\s#][^\n]{0,9999}(?:\n|\Z)){1,200})"
_ENTRY = r"(?m)^[ \t]+[\w.-]{1,100}:[ \t]+[\"']?([A-Za-z0-9+/=]{4,9000})[\"']?[ \t\r]*$"
_DOCUMENT = r"\"(?:data|stringData)\" ?: ?\{([^{}]{1,9000})\}"
_MEMBER = r": ?\"([A-Za-z0-9+/=]{4,9000})\""


def branded(source: Source) -> Iterator[Finding]:
    """Yield random values that are assigned to something named after a vendor (``HEROKU=...``, ``x-honeycomb-team: ...``)."""
    text, lowered, words = source.text, source.lowered, source.words
    for vendor in words.intersection(_VENDORS):
        for match in compiled(vendor + _BESIDE).finditer(lowered):
            start, end = match.span("value")
            value = text[start:end]
            if _is_unlike_words(value, 16) and not value.isdigit() and _digits(value) >= 2:
                yield Finding("secret:credential", start, end)


@remembered
def _is_unlike_words(value: str, least: int) -> bool:
    return is_dense(value, least=least) and not is_placeholder(value)


@remembered
def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def called(source: Source) -> Iterator[Finding]:
    """Yield random literals that a client is made with (``Client("...")``, ``login('...')``)."""
    text = source.text
    for literal in compiled(_LITERAL).finditer(text):
        value = literal[1]
        if is_dense(value) and _digits(value) >= 2 and not (is_digest(value) and "-" in value):
            start, end = literal.span(1)
            called = text.rfind("(", max(0, start - _ARGUMENTS), start)
            if called < 0 or any(mark in text[called:start] for mark in ")\n"):
                continue
            if compiled(_CALL).search(text, max(0, called - 16), called):
                yield Finding("secret:credential", start, end)


def paired(source: Source) -> Iterator[Finding]:
    """Yield the second of two literals that log somebody in (``auth=("joe", "...")``)."""
    if source.has_any("auth", "login"):
        for match in compiled(_LOGIN).finditer(source.text):
            if is_random(match[1]) and not is_placeholder(match[1]):
                yield Finding("secret:password", *match.span(1))


def codes(source: Source) -> Iterator[Finding]:
    """Yield codes that a second factor sends."""
    if "code" in source.words or "otp" in source.words:
        for match in compiled(_ONE_TIME).finditer(source.lowered):
            yield Finding("secret:code", *match.span(1))


def prefixed(source: Source) -> Iterator[Finding]:
    """Yield long random runs behind a short prefix and an underscore: what most vendors give out today."""
    text = source.text
    for match in compiled(_RANDOM).finditer(text):
        value = match[1]
        if not _is_unlike_words(value, 24) or _digits(value) < 3:
            continue
        length = _marker(text[max(0, match.start() - _LONGEST_MARKER - 1) : match.start()])
        if length:
            yield Finding("secret:token", match.start() - length, match.end())


@remembered
def _marker(before: str) -> int:
    """Return the length of a vendor's mark at the end of ``before``, 0 if there is none or that of a mere object."""
    mark = compiled(_PREFIX).search(before, max(0, len(before) - _LONGEST_MARKER))
    return len(mark[0]) if mark and not compiled(_OBJECTS).match(mark[0] + "_") else 0


def spoken(source: Source) -> Iterator[Finding]:
    """Yield a long value of mixed case after "key" or "token" in a sentence, or any after "API key" and its like."""
    lowered = source.lowered
    if max(map(len, source.words), default=0) >= _SHORTEST_KEY:
        for match in compiled(_LONG).finditer(lowered):
            if compiled(_NAMED).search(lowered, max(0, match.start() - 32), match.start()):
                value = source.text[match.start(1) : match.end(1)]
                if _digits(value) >= 3 and not is_placeholder(value):
                    yield Finding("secret:key", *match.span(1))
    if not source.has_any("key", "token", "secret", "credential"):
        return
    for match in compiled(_SPOKEN).finditer(source.text):
        value = match[1]
        if (
            value != value.lower()
            and value != value.upper()
            and is_dense(value, least=32)
            and _digits(value) >= 3
        ):
            yield Finding("secret:key", *match.span(1))


def manifests(source: Source) -> Iterator[Finding]:
    """Yield the data of Kubernetes Secrets: its keys may have any name."""
    text = source.text
    if "kind" not in text or "Secret" not in text:
        return
    if compiled(r"(?m)^[ \t]{0,16}kind:[ \t]+[\"']?Secret\b").search(text):
        for block in compiled(_MANIFEST).finditer(text):
            for entry in compiled(_ENTRY).finditer(text, *block.span("body")):
                if len(entry[1]) >= 8 or is_random(entry[1]):
                    yield Finding("secret:value", *entry.span(1))
    if compiled(r"\"kind\" ?: ?\"Secret\"").search(text):
        for document in compiled(_DOCUMENT).finditer(text):
            for member in compiled(_MEMBER).finditer(text, *document.span(1)):
                yield Finding("secret:value", *member.span(1))
