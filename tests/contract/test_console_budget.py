"""The built console is within its budget of bytes. The bytes of a visit are in tests/console/test_sign_in.py."""

from tests.support.template import ROOT

ASSETS = ROOT / "functions" / "console" / "static" / "assets"
IMAGES = ROOT / "docs" / "images" / "console"
PAGE_BYTES_MAX = 12_000
IMAGE_BYTES_MAX = 100_000


def test_the_own_code_of_each_page_is_small() -> None:
    pages = {path.name: path.stat().st_size for path in ASSETS.glob("page-*.js.br")}
    assert pages
    assert {name: size for name, size in pages.items() if size > PAGE_BYTES_MAX} == {}


def test_the_function_knows_the_type_of_each_built_file() -> None:
    files = [path for path in ASSETS.parent.rglob("*") if path.is_file() and path.suffix != ".br"]
    assert files
    text = (ROOT / "functions" / "console" / "app.py").read_text()
    assert {path.name for path in files if f'"{path.suffix}": ' not in text} == set()


def test_each_image_of_the_documents_is_small_and_shown() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name: size for name, size in sizes.items() if size > IMAGE_BYTES_MAX} == {}
    text = (ROOT / "docs" / "console.md").read_text()
    assert {name for name in sizes if f"images/console/{name}" not in text} == set()
