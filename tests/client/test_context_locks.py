"""Resolved versions from the lock files of package managers, in the layouts that these write."""

from pathlib import Path

import pytest

from commontrace import context

NPM_3 = """{"lockfileVersion": 3, "packages": {
 "": {"name": "shop", "dependencies": {"react": "^18"}},
 "node_modules/a/node_modules/semver": {"version": "5.7.2"},
 "node_modules/semver": {"version": "7.6.0"},
 "node_modules/@babel/core": {"version": "7.24.0"}}}"""
PNPM_9 = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      react:
        specifier: ^18.2.0
        version: 18.3.1
      '@tanstack/react-query':
        specifier: ^5
        version: 5.51.1(react@18.3.1)
packages:
  '@babel/core@7.24.0':
    resolution: {integrity: sha512-x}
  react@17.0.2:
    resolution: {integrity: sha512-x}
  react@18.3.1:
    resolution: {integrity: sha512-x}
"""
YARN_1 = """# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.24.0"
  resolved "https://registry.example/core.tgz"

lodash@^4.17.20:
  version "4.17.21"
"""
YARN_4 = """__metadata:
  version: 8

"@babel/core@npm:^7.0.0":
  version: 7.24.0
  resolution: "@babel/core@npm:7.24.0"

"lodash@npm:^4.17.20, lodash@npm:^4.17.21":
  version: 4.17.21
"""
TOML = '[[package]]\nname = "{}"\nversion = "{}"\nsource = "x"\n\n'
GEMS = """GEM
  remote: https://gems.example/
  specs:
    actionpack (7.1.3)
      rack (>= 2.2.4)
    rack (3.0.9.1)

DEPENDENCIES
  rails (~> 7.1)

RUBY VERSION
   ruby 3.3.0p0

BUNDLED WITH
   2.5.6
"""
LOCKS = {
    # case: (file, content, manager, some of the versions)
    "uv": ("uv.lock", TOML.format("Typing_Extensions", "4.12.2"), "uv", {"typing-extensions": "4.12.2"}),
    "poetry": ("poetry.lock", TOML.format("django", "5.0.6"), "poetry", {"django": "5.0.6"}),
    "pdm": ("pdm.lock", TOML.format("flask", "3.0.3"), "pdm", {"flask": "3.0.3"}),
    "pylock": (
        "pylock.toml",
        '[[packages]]\nname = "attrs"\nversion = "25.1.0"\n',
        "pip",
        {"attrs": "25.1.0"},
    ),
    "pipenv": (
        "Pipfile.lock",
        '{"default": {"PyYAML": {"version": "==6.0.1"}}}',
        "pipenv",
        {"pyyaml": "6.0.1"},
    ),
    "npm 1": (
        "package-lock.json",
        '{"dependencies": {"vue": {"version": "2.7.16"}}}',
        "npm",
        {"vue": "2.7.16"},
    ),
    "npm 3": ("package-lock.json", NPM_3, "npm", {"semver": "7.6.0", "@babel/core": "7.24.0"}),
    "pnpm 5": (
        "pnpm-lock.yaml",
        "packages:\n\n  /@babel/core/7.1.0:\n    d: 1\n  /react-dom/18.2.0_react@18.2.0:\n    d: 0\n",
        "pnpm",
        {"@babel/core": "7.1.0", "react-dom": "18.2.0"},
    ),
    "pnpm 6": (
        "pnpm-lock.yaml",
        "packages:\n\n  /react-dom@18.2.0(react@18.2.0):\n    dev: false\n",
        "pnpm",
        {"react-dom": "18.2.0"},
    ),
    "pnpm 9": (
        "pnpm-lock.yaml",
        PNPM_9,
        "pnpm",
        {"react": "18.3.1", "@tanstack/react-query": "5.51.1", "@babel/core": "7.24.0"},
    ),
    "yarn 1": ("yarn.lock", YARN_1, "yarn", {"@babel/core": "7.24.0", "lodash": "4.17.21"}),
    "yarn 4": ("yarn.lock", YARN_4, "yarn", {"@babel/core": "7.24.0", "lodash": "4.17.21"}),
    "bun": (
        "bun.lock",
        '{\n  "packages": {\n    "@types/node": ["@types/node@20.1.0", "", {}],\n  },\n}',
        "bun",
        {"@types/node": "20.1.0"},
    ),
    "cargo": ("Cargo.lock", TOML.format("tokio", "1.38.0"), "cargo", {"tokio": "1.38.0"}),
    "go": ("go.sum", "github.com/a/b v1.2.3 h1:x=\n", "go", {"github.com/a/b": "1.2.3"}),
    "bundler": (
        "Gemfile.lock",
        GEMS,
        "bundler",
        {"rack": "3.0.9.1", "actionpack": "7.1.3", "ruby": "3.3.0", "bundler": "2.5.6"},
    ),
    "composer": (
        "composer.lock",
        '{"packages": [{"name": "monolog/monolog", "version": "v3.5.0"}], "packages-dev": null}',
        "composer",
        {"monolog/monolog": "3.5.0"},
    ),
    "mix": ("mix.lock", '%{\n  "plug": {:hex, :plug, "1.15.3", "x"},\n}', "mix", {"plug": "1.15.3"}),
    "pub": (
        "pubspec.lock",
        'packages:\n  http:\n    dependency: "direct main"\n    source: hosted\n    version: "1.2.1"\n',
        "pub",
        {"http": "1.2.1"},
    ),
    "gradle": (
        "gradle.lockfile",
        "org.slf4j:slf4j-api:2.0.13=compile\n",
        "gradle",
        {"org.slf4j:slf4j-api": "2.0.13"},
    ),
    "nuget": (
        "packages.lock.json",
        '{"dependencies": {"net8.0": {"Serilog": {"type": "Direct", "resolved": "4.0.0"}}}}',
        "nuget",
        {"serilog": "4.0.0"},
    ),
    "swift": (
        "Package.resolved",
        '{"pins": [{"identity": "swift-nio", "state": {"version": "2.65.0"}}]}',
        "swift",
        {"swift-nio": "2.65.0"},
    ),
    "pods": (
        "Podfile.lock",
        "PODS:\n  - AFNetworking/NSURLSession (4.0.1):\n",
        "cocoapods",
        {"afnetworking/nsurlsession": "4.0.1"},
    ),
}


@pytest.mark.parametrize("case", LOCKS)
def test_lock_files_tell_resolved_versions(tmp_path: Path, case: str) -> None:
    """The version that is in use is what a trace's range is held against."""
    name, text, manager, versions = LOCKS[case]
    (tmp_path / name).write_text(text)
    project = context.read(str(tmp_path))
    assert list(project.managers) == [manager]
    assert {package: project.versions.get(package) for package in versions} == versions


def test_pins_of_requirements_are_versions_and_ranges_are_none(tmp_path: Path) -> None:
    """Only `==` says what is installed."""
    (tmp_path / "requirements.txt").write_text(
        "Django==5.0.6 ; python_version > '3.8'  # web\nuvicorn[standard]==0.30.1 \\\n    --hash=sha256:0\n"
        "celery>=5\nflask==2.*\n"
    )
    assert context.read(str(tmp_path)).versions == {"django": "5.0.6", "uvicorn": "0.30.1"}


def test_a_direct_requirement_of_go_has_its_version(tmp_path: Path) -> None:
    """go.mod holds resolved versions itself, those of indirect ones too."""
    (tmp_path / "go.mod").write_text(
        "module shop\n\ngo 1.22.1\n\nrequire github.com/a/b v1.2.3\n"
        "require (\n\tgolang.org/x/sys v0.20.0 // indirect\n)\n"
    )
    project = context.read(str(tmp_path))
    assert list(project.direct) == ["github.com/a/b"]
    assert project.versions == {"github.com/a/b": "1.2.3", "golang.org/x/sys": "0.20.0"}
    assert project.runtimes == {"go": "1.22.1"}


@pytest.mark.parametrize(
    ("name", "text", "runtimes"),
    [
        (".python-version", "3.12.3\n", {"python": "3.12.3"}),
        (".nvmrc", "v20.11.0\n", {"node": "20.11.0"}),
        (".nvmrc", "lts/iron\n", {}),
        (".tool-versions", "nodejs 20.11.0\npython 3.11.7\n", {"node": "20.11.0", "python": "3.11.7"}),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.78.0"\n', {"rust": "1.78.0"}),
        ("package.json", '{"packageManager": "pnpm@9.1.0+sha512.x"}', {"pnpm": "9.1.0"}),
    ],
)
def test_version_files_tell_runtimes(tmp_path: Path, name: str, text: str, runtimes: dict[str, str]) -> None:
    """A channel or an alias is no version."""
    (tmp_path / name).write_text(text)
    assert context.read(str(tmp_path)).runtimes == runtimes
