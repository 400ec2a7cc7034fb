"""What the files tell in which people declare the packages that they use."""

import os
from pathlib import Path

import pytest

from commontrace import context

PYPROJECT = """
[project]
dependencies = ["FastAPI>=0.1", "sqlalchemy[asyncio]==2.0.30"]
[dependency-groups]
dev = ["pytest"]
"""
FILES = {
    # file: (content, language, a direct dependency)
    "pyproject.toml": (PYPROJECT, "python", "fastapi"),
    "requirements.txt": ("# web\n-r base.txt\ndjango==5.0\n", "python", "django"),
    "Pipfile": ('[packages]\nflask = "*"\n[requires]\npython_version = "3.12"\n', "python", "flask"),
    "package.json": ('{"dependencies": {"@angular/core": "^19"}}', "javascript", "@angular/core"),
    "Cargo.toml": ('[dependencies]\ntokio = "1"\n', "rust", "tokio"),
    "go.mod": (
        "module x\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n)\n",
        "go",
        "github.com/gin-gonic/gin",
    ),
    "Gemfile": ('gem "rails", "~> 7.1"\n', "ruby", "rails"),
    "composer.json": ('{"require": {"php": ">=8", "laravel/framework": "^11"}}', "php", "laravel/framework"),
    "pom.xml": ("<groupId>org.junit</groupId><artifactId>junit</artifactId>", "java", "org.junit:junit"),
    "build.gradle": ("dependencies {\n  implementation 'com.acme:tool:1.2'\n}", "java", "com.acme:tool"),
    "mix.exs": ('[{:phoenix, "~> 1.7"}]', "elixir", "phoenix"),
    "pubspec.yaml": ("dependencies:\n  http: ^1.2.0\n\nflutter:\n  uses: x\n", "dart", "http"),
    "shop.csproj": ('<PackageReference Include="Serilog" Version="4.0.0" />', "csharp", "serilog"),
}
SUSPECT = [
    "{",
    "[]",
    '{"dependencies": 3}',
    "\x00",
    "[" * 100_000,
    "a" * 600_000,
    "[project]\ndependencies = 3",
]


@pytest.mark.parametrize("name", FILES)
def test_manifests_tell_language_and_dependencies(tmp_path: Path, name: str) -> None:
    """The direct dependencies stand for what the project is built with."""
    text, language, package = FILES[name]
    (tmp_path / name).write_text(text)
    project = context.read(str(tmp_path))
    assert list(project.languages) == [language]
    assert next(iter(project.direct)) == package


@pytest.mark.parametrize("text", SUSPECT, ids=lambda text: text[:20])
def test_a_file_that_is_not_what_it_seems_is_harmless(tmp_path: Path, text: str) -> None:
    """A hostile repository cannot make the session fail."""
    for name in FILES:
        (tmp_path / name).write_text(text)
    assert not any("\x00" in name for name in context.read(str(tmp_path)).direct)


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    """A manifest that leads elsewhere, or that never ends, is none."""
    (tmp_path / "elsewhere").write_text("django\n")
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "package.json")
    project = context.read(str(tmp_path))
    assert (project.languages, project.direct) == ({}, {})


def test_a_whole_project_is_called_by_the_names_that_people_use(tmp_path: Path) -> None:
    """Paths of modules and groups of artifacts are not what a trace would say."""
    modules = "require (\n\tgithub.com/gin-gonic/gin v1.10.0\n\tgithub.com/jackc/pgx/v5 v5.5.0\n)\n"
    (tmp_path / "go.mod").write_text(modules)
    project = context.read(str(tmp_path))
    assert project.named == ("gin", "pgx")
    assert project.is_telling
