"""`state copy` with each database's password in a file: where no shell can set a variable."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.benchmarks.institution import affiliation_event
from tests.cli.conftest import Institution
from tests.cli.test_copying import STATE_PASSWORD, file, use, without_password


@pytest.fixture
def shop(institution: Institution) -> Institution:
    """With something in its state, which is a file."""
    institution.json("replay", institution.log("one.jsonl", affiliation_event(1)), code=3)
    use(institution, file(institution))
    return institution


@pytest.fixture
def secret(shop: Institution, postgres_url: str) -> Path:
    """A file with the database's password."""
    path = shop.inputs / "to-password"
    path.write_text(unquote(urlsplit(postgres_url).password or "") + "\n")
    return path


def test_there_and_back_with_the_passwords_in_files(shop: Institution, postgres_url: str, secret: Path) -> None:
    """The settings name the file on the way there, and the database with another password on the way back."""
    url = without_password(postgres_url)

    there = shop.run("state", "copy", file(shop), url, "--to-password-file", str(secret))
    (shop.inputs / "wrong").write_text("not the password")
    shop.settings |= {"ORCID_SYNC_STATE_URL": url, f"{STATE_PASSWORD}_FILE": str(shop.inputs / "wrong")}
    back = shop.run("state", "copy", "--from-password-file", str(secret), url, file(shop, "back.db"))

    assert (there.returncode, back.returncode) == (0, 0), there.stderr + back.stderr
    assert secret.read_bytes().strip() not in there.stdout + there.stderr + back.stdout + back.stderr
    del shop.settings[f"{STATE_PASSWORD}_FILE"]
    use(shop, file(shop, "back.db"))
    assert shop.json("status")["items"]["waiting"] == 1


@pytest.mark.parametrize(
    ("new", "content", "code", "says"),
    [
        pytest.param("bare", b"not the password", 1, "password authentication failed", id="wrong"),
        pytest.param("bare", None, 2, "--to-password-file: the file it names cannot be read", id="no-file"),
        pytest.param("bare", b"\xff", 2, "--to-password-file: it does not name a file of UTF-8 text", id="no-text"),
        pytest.param("whole", b"x", 2, "--to-password-file: TO is a file, or has its password in the URL", id="twice"),
        pytest.param("file", b"x", 2, "--to-password-file: TO is a file, or has its password in the URL", id="sqlite"),
    ],
)
def test_a_file_that_does_not_serve_is_told(
    shop: Institution, postgres_url: str, new: str, content: bytes | None, code: int, says: str
) -> None:
    """Before anything is written, and without its content or its path, which may be the secret."""
    path = shop.inputs / "hunter2"
    if content is not None:
        path.write_bytes(content)
    to = {"bare": without_password(postgres_url), "whole": postgres_url, "file": file(shop, "new.db")}[new]

    ran = shop.run("state", "copy", file(shop), to, "--to-password-file", str(path))

    complaint = ran.stderr.decode()
    assert (ran.returncode, ran.stdout) == (code, b""), complaint
    assert says in complaint
    assert "hunter2" not in complaint
    assert not (shop.folder / "new.db").exists()
    assert shop.json("status")["items"]["waiting"] == 1
