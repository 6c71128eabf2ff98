"""The check of the console's built files."""

from pathlib import Path

import pytest

from scripts.web_console.__main__ import differences


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal builds."""
    folders = tmp_path / "wanted", tmp_path / "present"
    for folder in folders:
        (folder / "assets").mkdir(parents=True)
        (folder / "index.html").write_bytes(b"page")
        (folder / "assets" / "ui-abc.js.br").write_bytes(b"\x00\xff")
    return folders


def test_equal_builds_do_not_differ(folders: tuple[Path, Path]) -> None:
    assert differences(*folders) == {}


def test_each_file_that_differs_is_named_with_its_difference(folders: tuple[Path, Path]) -> None:
    wanted, present = folders
    (wanted / "assets" / "new-abc.js").write_bytes(b"")
    (present / "assets" / "old-abc.js").write_bytes(b"")
    (present / "assets" / "ui-abc.js.br").write_bytes(b"\x00\xfe")
    assert differences(wanted, present) == {
        "assets/new-abc.js": "missing",
        "assets/old-abc.js": "not part of the build",
        "assets/ui-abc.js.br": "other bytes",
    }
