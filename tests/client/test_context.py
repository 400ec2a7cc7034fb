"""The context that a search is made from."""

import json
import os
from pathlib import Path

import pytest

from commontrace import context

LOCK = '[[package]]\nname = "{}"\nversion = "{}"\n\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A monorepo: Python at its root, a web client below."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["django", "celery", "pyyaml"]\n')
    locked = {"django": "5.0.6", "celery": "5.4.0", "PyYAML": "6.0.1", "kombu": "5.3.7", "six": "1.16.0"}
    (tmp_path / "uv.lock").write_text("".join(LOCK.format(*item) for item in locked.items()))
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "package.json").write_text(json.dumps({"dependencies": {"react": "^18", "lodash": "^4"}}))
    places = {"node_modules/react": {"version": "18.3.1"}, "node_modules/lodash": {"version": "4.17.21"}}
    (web / "package-lock.json").write_text(json.dumps({"packages": places}))
    return tmp_path


def test_the_nearest_manifest_counts_first(shop: Path) -> None:
    """In a monorepo a session is in one of its parts."""
    root, web = context.gather(str(shop)), context.gather(str(shop / "web" / "src"))
    assert (root.languages, root.frameworks) == (["python"], ["django", "celery"])
    assert (web.languages, web.frameworks[0]) == (["javascript", "python"], "react")
    assert list(web.packages) == ["react", "lodash", "django", "celery", "pyyaml"]


def test_versions_are_those_of_the_lock_file_and_of_direct_dependencies(shop: Path) -> None:
    """What was only pulled in by others is not sent."""
    assert context.gather(str(shop)).packages == {"django": "5.0.6", "celery": "5.4.0", "pyyaml": "6.0.1"}


def test_a_package_that_the_error_names_is_sent_first(shop: Path) -> None:
    """It may be one that others have pulled in; a path names it too."""
    text = "File \"/srv/.venv/lib/python3.12/site-packages/kombu/transport.py\"\nKeyError: 'x'"
    assert next(iter(context.gather(str(shop), text=text).packages)) == "kombu"


def test_what_an_edited_file_imports_weighs_in(shop: Path) -> None:
    """Its language comes first, and its packages before all other dependencies."""
    (shop / "web" / "src" / "cart.tsx").write_text("import { groupBy } from 'lodash/fp';\nimport './x';\n")
    found = context.gather(str(shop), edited=["web/src/cart.tsx"])
    assert found.languages[0] == "typescript"
    assert next(iter(found.packages)) == "lodash"


def test_a_module_of_python_is_found_under_the_name_of_its_package(shop: Path) -> None:
    """`import yaml` is PyYAML."""
    (shop / "load.py").write_text("import os\nimport yaml\n")
    assert next(iter(context.gather(str(shop), edited=[str(shop / "load.py")]).packages)) == "pyyaml"


def test_files_outside_of_the_repository_are_not_read(shop: Path, tmp_path: Path) -> None:
    """A path of the session says nothing about where it leads."""
    outside = tmp_path.parent / f"{tmp_path.name}-secret.go"
    outside.write_text('import "github.com/a/b"\n')
    (shop / "link.go").symlink_to(outside)
    found = context.gather(str(shop), edited=["link.go", str(outside), "../x.rs", "\x00"])
    assert found.languages == ["python"]


def test_a_repository_whose_parts_are_all_below_its_root(tmp_path: Path) -> None:
    """Nothing at the root: the parts count together."""
    (tmp_path / ".git").mkdir()
    for name, text in (("api/go.mod", "module a\n"), ("ui/package.json", "{}"), ("node_modules/Gemfile", "")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert context.gather(str(tmp_path)).languages == ["go", "javascript"]


def test_a_folder_that_declares_nothing_speaks_through_its_files(tmp_path: Path) -> None:
    """A script in a folder has a language too."""
    (tmp_path / "run.py").write_text("print(1)\n")
    found = context.gather(str(tmp_path))
    assert (found.languages, found.packages) == (["python"], {})
    assert found.os in ("linux", "macos", "windows")


def test_a_worktree_is_a_repository(shop: Path) -> None:
    """`.git` is a file there; what lies above it belongs to something else."""
    tree = shop / "trees" / "fix"
    tree.mkdir(parents=True)
    (tree / ".git").write_text("gitdir: /elsewhere\n")
    (tree / "Cargo.toml").write_text("[dependencies]\nserde = '1'\n")
    assert context.gather(str(tree)).languages == ["rust"]


def test_a_changed_lock_file_is_read_again(shop: Path) -> None:
    """What is remembered of a file ends with its next change."""
    assert context.gather(str(shop)).packages["django"] == "5.0.6"
    lock = shop / "uv.lock"
    lock.write_text(LOCK.format("django", "5.1.0"))
    os.utime(lock, (1, 1))
    assert context.gather(str(shop)).packages == {"django": "5.1.0"}


def test_a_search_names_fifty_packages_at_most(tmp_path: Path) -> None:
    """The whole list would say more of a project than a search needs."""
    names = [f"package{number}" for number in range(200)]
    (tmp_path / "requirements.txt").write_text("".join(f"{name}==1.0\n" for name in names))
    packages = context.gather(str(tmp_path), text=" ".join(reversed(names))).packages
    assert len(packages) == 50
    assert next(iter(packages)) == "package199"


def test_the_remote_is_no_part_of_it(shop: Path) -> None:
    """Where a repository comes from, and with which password, stays in it."""
    (shop / ".git" / "config").write_text('[remote "origin"]\n\turl = https://u:hunter2@git.example/shop\n')
    assert "example" not in context.gather(str(shop)).model_dump_json()
