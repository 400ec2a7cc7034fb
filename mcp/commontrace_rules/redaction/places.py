"""Random values in places that are kept for secrets: beside a vendor's name, in a client's call, in a manifest."""

from collections.abc import Iterator
from functools import cache

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.tokens import bounded
from commontrace_rules.redaction.values import is_dense, is_digest, is_placeholder, is_random

_VENDORS = (
    "adafruit adobe adyen airtable algolia alibaba amplitude apify asana assemblyai auth0 binance bitbucket bittrex braintree "
    "browserstack bugsnag calendly circleci clickup cloudflare cloudinary codacy codeclimate codecov cohere coinbase confluent "
    "contentful coveralls datadog deepgram deepl digitalocean discord dropbox droneci duo elevenlabs etsy facebook fastly finicity "
    "finnhub flickr freshbooks freshdesk giphy gocardless grafana heroku honeycomb hubspot infura instagram intercom ipinfo ipstack "
    "jfrog artifactory jumpcloud klaviyo kraken kucoin launchdarkly line linkedin lob logdna loggly logzio looker mailchimp mailgun "
    "mailjet mapbox maxmind meraki messagebird mistral mixpanel mattermost netlify newrelic new-relic new_relic nytimes okta onelogin "
    "onesignal openai openweather openweathermap opsgenie pagerduty papertrail paypal pinecone pingdom plaid plivo postmark pusher "
    "rapidapi recaptcha recurly replicate rollbar salesforce saucelabs segment sendbird sendgrid sendinblue sentry serpapi shodan "
    "shopify snyk sonarcloud sparkpost splunk spotify squarespace statuspage stripe sumo sumologic telegram tiingo travis trello "
    "twilio twitch twitter typeform uptimerobot vercel virustotal vonage vultr wandb weatherapi webflow wistia xero yandex zendesk "
    "zoom".split()
)
_VALUE = r"(?P<value>[a-z0-9][\w=-]{15,200})"
_BESIDE = rf"[\w .-]{{0,24}}+[\"'`]?[ \t]{{0,3}}(?:=>?|:=?|,|\|\|)[ \t]{{0,3}}[\"'`]?{_VALUE}(?![\w./:@-])"
_CALL = (
    r"(?:client|sdk|auth|login|bot|connect|search|api)(?:async|sync)?\("
    r"(?P<arguments>(?:\s{0,20}(?:[\"'][^\"'\n]{0,120}[\"']|[\w.]{1,40}),?){1,4})"
)
_LITERAL = r"[\"']([A-Za-z0-9_-]{20,100})[\"']"
_PREFIXED = r"[a-z](?<![\w./@-].)[a-z]{1,11}_(?:(?:live|test|prod|dev|api|key|sec|secret|sk|pat|at|v\d|[a-z]{2})_)?([A-Za-z0-9]{26,200})(?![\w.-])"
_OBJECTS = r"(?:msg|toolu|run|call|thread|asst|req|resp|evt|chunk|trace|span|pi|ch|cs|cus|sub|in|prod|price|acct|sha|md|rev|snap|fig)_"
_SPOKEN = r"\b(?:key|token|secret|credential) (?:is |was |of |= )?([A-Za-z0-9+/_-]{32,200}={0,2})(?![\w./-])"
_MANIFEST = r"(?m)^(?P<indent>[ \t]{0,16})(?:data|stringData):[ \t]*\r?\n(?P<body>(?:(?P=indent)[ \t]+[^\s#][^\n]{0,9999}(?:\n|\Z)){1,200})"
_ENTRY = r"(?m)^[ \t]+[\w.-]{1,100}:[ \t]+[\"']?([A-Za-z0-9+/=]{4,9000})[\"']?[ \t\r]*$"
_DOCUMENT = r"\"(?:data|stringData)\" ?: ?\{([^{}]{1,9000})\}"
_MEMBER = r": ?\"([A-Za-z0-9+/=]{4,9000})\""


@cache
def _beside() -> str:
    return f"(?:{bounded(_VENDORS, before='a-z')}){_BESIDE}"


def branded(source: Source) -> Iterator[Finding]:
    """Yield random values that are assigned to something named after a vendor (``HEROKU=...``, ``x-honeycomb-team: ...``)."""
    text, lowered = source
    if not any(map(str.isdigit, text)):
        return
    for match in compiled(_beside()).finditer(lowered):
        start, end = match.span("value")
        value = text[start:end]
        if not value.isdigit() and is_dense(value) and not is_placeholder(value) and _digits(value) >= 2:
            yield Finding("secret:credential", start, end)


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def called(source: Source) -> Iterator[Finding]:
    """Yield random literals that a client is made with (``Client("...")``, ``login('...')``)."""
    text, lowered = source
    if "(" not in text:
        return
    for match in compiled(_CALL).finditer(lowered):
        for literal in compiled(_LITERAL).finditer(text, *match.span("arguments")):
            value = literal[1]
            if is_dense(value) and _digits(value) >= 2 and not (is_digest(value) and "-" in value):
                yield Finding("secret:credential", *literal.span(1))


def prefixed(source: Source) -> Iterator[Finding]:
    """Yield long random runs behind a short prefix and an underscore: what most vendors give out today."""
    if "_" not in source.text:
        return
    for match in compiled(_PREFIXED).finditer(source.text):
        value = match[1]
        mixed = is_dense(value, least=24) and _digits(value) >= 3
        if mixed and not is_placeholder(value) and not compiled(_OBJECTS).match(match[0]):
            yield Finding("secret:token", *match.span())


def spoken(source: Source) -> Iterator[Finding]:
    """Yield a long value of mixed case after "key" or "token" in a sentence."""
    for match in compiled(_SPOKEN).finditer(source.text):
        value = match[1]
        if value != value.lower() and value != value.upper() and is_dense(value, least=32) and _digits(value) >= 3:
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
