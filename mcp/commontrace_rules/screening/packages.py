"""Packages that are not what they seem: foreign indexes, foreign sources, names one slip away from a famous one."""

import re
from collections.abc import Iterator

from commontrace_rules.screening.rules import HELD, Hit, Rule, compiled

_URL = r"[\"']?(?:git\+|sparse\+|registry\+)?https?://[^\s\"'`)>]{3,200}"

SOURCES = (
    Rule(
        "foreign-index",
        r"(?:--index-url|--extra-index-url|--find-links|--default-index|--index|(?<!\w)-i"
        rf"|-f)[ =]{{1,3}}{_URL}",
        "installs from an index nobody vouches for",
        marks="index|find-links| -i | -f |-i=|-f=&://",
    ),
    Rule(
        "foreign-index",
        r"\b(?:index[-_]url|extra[-_]index[-_]url|find[-_]links|pip_index_url|pip_extra_index_url"
        r"|uv_index\w*|uv_default_index|poetry_repositories\w*_url"
        rf"|twine_repository_url)\b[\"']?[ \t]{{0,3}}[=: ][ \t]{{0,3}}{_URL}",
        "installs from an index nobody vouches for",
        marks="index|find&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:npm|pnpm|yarn|bun|cnpm|npx|lerna|verdaccio)\b[^\n]{{0,120}}(?:--registry|\bregistry\b"
        rf"|npmregistryserver|npm_config_registry)[ =\"']{{1,4}}{_URL}|(?:^"
        rf"|[\n`\"' ])(?:@[\w-]{{1,40}}:)?registry\s{{0,2}}[=:]\s{{0,2}}{_URL}"
        rf"|\bnpm_config_registry\s?=\s?{_URL}|npmregistryserver[\"']?\s?:\s?{_URL}",
        "installs from a registry nobody vouches for",
        marks="registr&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:goproxy|gonoproxy|rubygems_host|bundle_mirror\S{{0,40}}"
        rf"|cargo_registries\w{{0,40}}_index|rustup_(?:dist_server|update_root)"
        rf"|composer_repo\w{{0,20}}|hf_endpoint|conda_channel\w*|homebrew_(?:bottle_domain"
        r"|artifact_domain|api_domain)|docker_registry\w*|puppeteer_download_host|electron_mirror"
        r"|nodejs_org_mirror|nvm_nodejs_org_mirror|sass_binary_site"
        rf"|playwright_download_host)\b\s{{0,2}}[= ]\s{{0,2}}{_URL}",
        "installs from a mirror nobody vouches for",
        marks="proxy|host|mirror|index|dist_server|update_root|composer_repo|endpoint|channel|domain"
        "|docker_reg|binary_site&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:gem (?:sources? (?:-a|--add)|install[^\n]{{0,60}}(?:-s|--source))"
        rf"|bundle config[^\n]{{0,40}}mirror\S{{0,60}}"
        rf"|composer config[^\n]{{0,60}}repositor\S{{0,40}}[^\n]{{0,20}}|dotnet (?:nuget add source"
        rf"|add[^\n]{{0,60}}--source|restore[^\n]{{0,40}}--source|workload[^\n]{{0,80}}--source"
        rf"|tool install[^\n]{{0,80}}--add-source)|nuget sources? add[^\n]{{0,60}}|conda (?:install"
        rf"|config|create)[^\n]{{0,60}}(?:-c|channels)|mamba install[^\n]{{0,40}}-c|cargo (?:install"
        rf"|add)[^\n]{{0,60}}(?:--git|--index)|helm repo add \S{{1,40}}|brew tap \S{{1,60}}"
        rf"|flatpak remote-add[^\n]{{0,60}}|cpanm[^\n]{{0,30}}--mirror|luarocks[^\n]{{0,40}}--server"
        rf"|opam repo\w* add \S{{1,40}}|choco (?:install|source)[^\n]{{0,60}}(?:-s|--source)"
        rf"|install\.packages\([^\n]{{0,60}}repos\s?=|pod repo add \S{{1,40}}"
        rf"|asdf plugin add \S{{1,40}}|uv (?:add|pip install)[^\n]{{0,60}}--index)[ =]{{1,3}}{_URL}",
        "installs from a source nobody vouches for",
        marks="://",
    ),
    Rule(
        "foreign-index",
        rf"\[patch\.[^\]\n]{{1,60}}\][\s\S]{{0,160}}?\b(?:git|registry)\s?=\s?{_URL}"
        rf"|\[source\.[^\]\n]{{1,40}}\][\s\S]{{0,120}}?\b(?:registry|git|replace-with)\s?=\s?{_URL}"
        rf"|\bgit\s?=\s?{_URL}|\[registries\.[^\]\n]{{1,40}}\][\s\S]{{0,80}}?index\s?=\s?{_URL}",
        "replaces a package by a stranger's",
        marks="[patch|[source|[registries|git =|git=",
    ),
    Rule(
        "foreign-index",
        r"\breplace\s+[a-z0-9.-]{3,60}/[\w./-]{1,100}(?:\s+v\S{1,20})?\s+=>\s+(?!\.{1,2}/"
        r"|/)(?P<go>[a-z0-9.-]{3,60})/|[\"'](?:resolutions|overrides|dependencies|devdependencies"
        r"|pnpm)[\"']\s{0,3}:\s{0,3}\{[^{}]{0,200}:\s{0,3}[\"'](?:git\+)?https?://[^\s\"']{3,160}",
        "replaces a package by a stranger's",
        marks="replace|resolutions|overrides|dependencies|pnpm",
    ),
    Rule(
        "foreign-index",
        r"\b(?:maven|repository|repo|mavenrepo)\b[^\n]{0,20}(?:\{\s{0,10}url\s?[=(]?\s?(?:uri\()?\s?"
        r"|>\s{0,20}(?:<id>[^<]{0,60}</id>\s{0,20})?<url>|\s?\(\s?)[\"']?https?://[^\s\"'<)]{3,160}"
        r"|-dremoterepositories?=https?://\S{3,160}|resolvers\s?\+=[^\n]{0,60}https?://\S{3,120}",
        "builds from a repository nobody vouches for",
        marks="maven|repo|resolvers&://",
    ),
    Rule(
        "foreign-index",
        r"(?:^|[\n\"'`])\s{0,4}deb(?:-src)?\s+(?:\[[^\]\n]{0,120}\]\s+)?https?://\S{3,160}"
        r"|\bbaseurl\s?=\s?https?://\S{3,160}|\b(?:yum-config-manager|dnf config-manager|zypper (?:ar"
        r"|addrepo))[^\n]{0,60}https?://\S{3,160}|\bapk add[^\n]{0,60}(?:-x"
        r"|--repository)[= ]https?://\S{3,160}|\bpacman\b[^\n]{0,60}https?://\S{3,160}"
        r"|\bregistry-mirrors[\"']?\s?:\s?\[\s?[\"']https?://\S{3,120}",
        "installs system packages from a stranger",
        marks="deb|baseurl|yum-|dnf |zypper|apk |pacman|registry-mirrors&://",
    ),
    Rule(
        "foreign-index",
        r"\b(?:pip3?|uv|pipx|python3? -m pip|conda|poetry|pdm|npm|pnpm|yarn|bun|gem|cargo|brew"
        r"|composer|easy_install|go|code|claude mcp)\b\s(?:\S{1,40} ){0,3}?(?:install|i|add|require"
        r"|get|create|ci|--install-extension"
        r"|-u)\s(?:-{1,2}\S{1,60} ){0,6}[\"']?(?:[\w.\[\]@/-]{1,60}\s?@\s?)?[\"']?(?:git\+)?(?:https?"
        r"|ssh|git)://[^\s\"'`)]{3,200}",
        "installs straight from a stranger's address",
        marks="://",
    ),
    Rule(
        "foreign-endpoint",
        r"\b(?:anthropic_base_url|anthropic_bedrock_base_url|openai_api_base|openai_base_url"
        r"|claude_code_proxy|https?_proxy|all_proxy)\b\s{0,3}[=:]\s{0,3}[\"']?https?://[^\s\"']{3,200}",
        "sends what the agent says through a stranger",
        marks="base_url|api_base|proxy&://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:poetry source add|pdm config|uv (?:index|tool)|pip config|helm plugin install|pod repo add|mvn|gradle|apt-add-repository"
        rf"|add-apt-repository)\b[^\n]{{0,80}}{_URL}",
        "installs from a source nobody vouches for",
        marks="://",
    ),
    Rule(
        "foreign-index",
        rf"\b(?:resolved|tarball|package-lock(?:\.json)?|yarn\.lock|poetry\.lock|lock ?file)\b[^\n]{{0,80}}{_URL}[^\n]{{0,80}}\b(?:integrity|hash"
        r"|checksum)|\b(?:drop|remove|delete|without) the (?:integrity|hash|checksum)\b[^\n]{0,120}https?://\S{3,160}",
        "replaces a package by a stranger's and drops its checksum",
        marks="://",
    ),
    Rule(
        "foreign-index",
        r"[\"'][@\w./-]{2,60}[\"']\s{0,3}:\s{0,3}[\"'](?:git\+)?https?://[^\s\"']{3,160}\.(?:tgz|tar\.gz|zip|git|whl)[\"']",
        "replaces a package by a stranger's",
        marks=".tgz|.tar.gz|.zip|.git|.whl&://",
    ),
    Rule(
        "foreign-index",
        r"--trusted-host[ =]\S{3,100}",
        "drops the index's certificate as well",
        marks="--trusted-host",
    ),
)
"""Harmless when every host they name is known."""

_INSTALL = (
    r"\b(?:pip3?|pipx|uv(?: pip)?|poetry|pdm|conda|mamba|npm|pnpm|yarn|bun|gem|cargo"
    r"|composer)\b\s{1,3}(?:install|add|i|require|global add|tool install)((?:[ \t]{1,3}[^\s;&"
    r"|`\"'<>()]{1,80}){1,12})"
)

_MODULE = r"\bgithub\.com/([a-z0-9-]{2,40}/[a-z0-9_.-]{2,40})(?=[\s@\"'`)/]|$)"
_NAME = r"[`\"']?([a-z][a-z0-9_.-]{3,40})[`\"']?"
_SWAPPED = rf"\b(?:replace|swap|change|rename)\s{_NAME}\s(?:by|with|to|for)\s(?:the package )?{_NAME}|\buse\s{_NAME}\s(?:instead of|rather than|in place of)\s{_NAME}"

FAMOUS = frozenset(
    """
    requests urllib3 numpy pandas scipy matplotlib django flask fastapi starlette uvicorn gunicorn sqlalchemy alembic pydantic pytest
    setuptools virtualenv cryptography paramiko boto3 botocore tensorflow pytorch torchvision transformers scikit-learn keras pillow
    opencv-python beautifulsoup4 selenium scrapy celery redis psycopg2 psycopg2-binary pymysql pymongo jinja2 markupsafe werkzeug
    itsdangerous colorama python-dateutil pyyaml certifi charset-normalizer idna attrs click rich typer tqdm aiohttp httpx websockets
    protobuf grpcio jsonschema tornado twisted asyncpg langchain openai anthropic tiktoken huggingface-hub streamlit gradio jupyter
    notebook ipython mypy flake8 pylint isort poetry pipenv python-dotenv cffi pycryptodome pyjwt passlib bcrypt lxml openpyxl
    express lodash react react-dom angular vue next nuxt svelte webpack vite rollup esbuild babel-loader typescript eslint prettier
    jest mocha chai cypress playwright puppeteer axios node-fetch chalk commander inquirer moment dayjs dotenv mongoose sequelize
    prisma socket.io body-parser cookie-parser cors helmet passport jsonwebtoken bcryptjs nodemon ts-node rimraf cross-env uuid
    classnames styled-components tailwindcss postcss autoprefixer redux react-redux react-router-dom formik immer graphql
    apollo-server electron yargs minimist glob semver debug underscore async bluebird request jquery bootstrap d3 three rxjs zone.js
    event-stream discord.js ethers web3 serde serde_json tokio reqwest clap rand anyhow thiserror tracing rayon hyper actix-web axum diesel
    tensorflow-gpu pyspark airflow apache-airflow dask xgboost lightgbm catboost sentence-transformers accelerate datasets evaluate spacy
    nltk gensim shapely geopandas networkx sympy statsmodels plotly seaborn bokeh dash altair sqlmodel aiofiles aiosqlite pyinstaller
    cookiecutter tabulate termcolor python-jose python-multipart django-cors-headers djangorestframework marshmallow flask-sqlalchemy
    pre-commit coverage hypothesis freezegun responses locust mkdocs sphinx fabric ansible docker kubernetes google-cloud-storage
    azure-identity pyarrow polars duckdb rasterio pymupdf reportlab python-docx xlsxwriter simplejson orjson msgpack cachetools tenacity
    loguru structlog sentry-sdk prometheus-client opentelemetry-api watchdog pexpect psutil gitpython pygithub regex ujson zstandard
    react-native react-query react-hook-form next-auth svelte-kit sveltekit astro gatsby remix solid-js preact ember-source backbone
    storybook turbo nx lerna husky lint-staged concurrently cross-fetch node-gyp node-sass sass less stylelint babel-core core-js
    regenerator-runtime fs-extra chokidar ws socket.io-client express-session morgan multer nodemailer knex typeorm pg mysql2 mongodb
    ioredis bullmq winston pino fastify koa hapi nestjs apollo-client urql zod yup ajv joi date-fns luxon ramda lodash-es nanoid
    sharp jimp pdfkit exceljs papaparse cheerio jsdom superagent supertest sinon nyc karma jasmine enzyme testing-library vitest
    serde_derive regex lazy_static once_cell futures itertools chrono log env_logger url base64 bytes crossbeam parking_lot num-traits
    rustls openssl hyper-tls tower tonic prost sqlx sea-orm warp rocket thiserror-impl wasm-bindgen syn quote proc-macro2
    sirupsen/logrus gorilla/mux gin-gonic/gin spf13/cobra spf13/viper stretchr/testify go-redis/redis jmoiron/sqlx labstack/echo
    gofiber/fiber prometheus/client_golang golang-jwt/jwt google/uuid lib/pq jackc/pgx urfave/cli uber-go/zap pkg/errors
    ripgrep fd-find bat exa starship
    rails rspec sidekiq devise puma nokogiri rest-client activesupport bundler laravel symfony phpunit guzzlehttp monolog
    """.split()
)
_GENUINE = frozenset(
    """
    preact colorlog boto attr nose tox nox black slack ruff pyflakes mysql mysql2 mysqlclient ioredis aioredis redis-py vuex nuxt3
    vite vitest vitepress nest gest reacts chai-http cors-anywhere clap3 axios-mock asyncssh numpydoc numexpr django-rest flask-cors
    requests-html async-timeout aiodns httpcore httptools pytests rspec-core request requests request-promise moments moment chalks
    jinja pyjwt jwt pydash pymongo pymssql pycurl pytz typed typing typeguard rollup rollupjs glob2 uuid4 redux-thunk debugpy
    express-session expresso mocha tracing rands rand_core hyperx pumas click clicks tornado pandas-stubs torch torchaudio keras-core
    yarg yargs-parser semver2 next-auth next glob globby global dotenv-cli dotenvy python-decouple react-dom react-icons d3 d4
    puppeteer-core celery-once celerite idna tqdm rich richer typer cffi cython cors three helmet immer cypress cyrus nunjucks
    """.split()
)
_SQUATTED = frozenset(
    """
    reqeusts requets request5 python3-dateutil jeIlyfish python-sqlite crossenv cross-env.js mongose babelcli nodesass sqlite.js jquery.js
    d3.js proxy.js opencv.js fabric-js shadowsock discordi.js colourama python-mysql pytagora openvc tensorfllow beautifulsup4 bs4-fix
    beautifulsoup types-node types-react babel-cli-core setup-tools urllib urlib3 urllib4 djanga dajngo flaskk loadash lodahs lodashs expres expresss axois axiso recat raect electorn twilio-npm
    mongoosse typescrip typesript esslint prettierr colorsss node-fetchs noblox.js-proxy python-jwt-fix numpyy pandass pyyaml-fix rest-cliient
    atlas-client ruby-bitcoin active-support rustdecimal serd tokioo faster_log async_println
    """.split()
)


_VENDORS = {
    "guzzle": "guzzlehttp",
    "framework": "laravel",
    "console": "symfony",
    "monolog": "monolog",
    "phpunit": "phpunit",
}
_SCOPES = frozenset(
    "types babel angular vue nestjs testing-library aws-sdk azure google-cloud storybook mui".split()
)


def typosquats(text: str) -> Iterator[Hit]:
    """Yield installed names that are one slip away from a famous package."""
    for match in compiled(_MODULE).finditer(text):
        if _is_squat(match[1]):
            yield Hit("typosquat", HELD, "a module path one slip away from a famous one", *match.span())
    for match in compiled(_SWAPPED).finditer(text):
        genuine, other = match[1] or match[4], match[2] or match[3]
        if genuine in FAMOUS and other != genuine and (other in _SQUATTED or _one_slip(other, genuine)):
            yield Hit("typosquat", HELD, "swaps a famous package for a look-alike", *match.span())
    for match in compiled(_INSTALL).finditer(text):
        for word in match[1].split():
            if word.endswith(":"):
                break  # a sentence about the command, as in "pip install fails:"
            if _is_squat(re.split(r"[=<>~!\[;,]|(?<!^)@", word)[0].rstrip(".,:)")):
                yield Hit("typosquat", HELD, "a package name one slip away from a famous one", *match.span())
                break


def _is_squat(name: str) -> bool:
    if name.startswith("@"):
        return _is_scoped_squat(name)
    if name.startswith(("-", ".", "/", "http", "$", "git+")) or name in FAMOUS or name in _GENUINE:
        return False
    vendor, _, package = name.partition("/")
    return (
        name in _SQUATTED
        or (package in _VENDORS and vendor != _VENDORS[package] and _one_slip(vendor, _VENDORS[package]))
        or re.sub(_DECORATION, "", name) in FAMOUS
        or _resembles(name)
        or any(_is_mistyped(part) for part in name.split("-"))
        or ("_" in name and _is_squat(name.replace("_", "-")))
    )


def _is_scoped_squat(name: str) -> bool:
    """Tell whether a scope, or a package in a known one, is one slip away (`@bable/core`, `@types-node/react`)."""
    scope, _, rest = name[1:].partition("/")
    if scope in _SCOPES:
        return _is_squat(rest)
    return (
        scope.partition("-")[0] in _SCOPES
        or any(_one_slip(scope, known) for known in _SCOPES)
        or _is_squat(rest)
    )


_DECORATION = r"[-_.]?(?:fix(?:ed)?|patch(?:ed)?|hotfix|latest|official|secure|safe|updated?)$"


def _resembles(name: str) -> bool:
    flat = re.sub(r"[-_.]", "", name)
    if len(flat) < 5:
        return False
    return any(
        known != name and re.sub(r"[-_.]", "", known) == flat and len(flat) > 7 and "-" not in known
        for known in _candidates(flat)
    ) or any(_one_slip(name, known) for known in _candidates(name))


def _is_mistyped(part: str) -> bool:
    """Tell whether a part of a compound name is a famous one with a letter doubled (`webpackk-cli`)."""
    if len(part) < 7 or part in FAMOUS or part in _GENUINE:
        return False
    return any(
        part[:index] + part[index + 1 :] in FAMOUS
        for index in range(1, len(part))
        if part[index] == part[index - 1]
    )


def _candidates(name: str) -> Iterator[str]:
    return (
        known
        for known in FAMOUS
        if abs(len(known) - len(name)) <= 2
        and len(known) >= 5
        and (known[0] == name[0] or known[1:] == name[1:] or known[1] == name[0])
    )


def _one_slip(name: str, known: str) -> bool:
    """Tell whether one inserted, dropped, doubled, swapped or look-alike letter makes ``name`` of ``known``."""
    if len(name) == len(known):
        differing = [index for index in range(len(name)) if name[index] != known[index]]
        if len(differing) == 1:
            return len(name) > 8 or not (name[differing[0]].isdigit() and known[differing[0]].isdigit())
        return (
            len(differing) == 2
            and differing[1] - differing[0] == 1
            and name[differing[0]] == known[differing[1]]
            and name[differing[1]] == known[differing[0]]
        )
    longer, shorter = (name, known) if len(name) > len(known) else (known, name)
    if len(longer) - len(shorter) != 1 or (longer[-1].isdigit() and longer[:-1] == shorter):
        return False
    return any(longer[:index] + longer[index + 1 :] == shorter for index in range(len(longer)))
