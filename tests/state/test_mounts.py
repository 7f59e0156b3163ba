"""Which file system a path is on: SQLite's processes share memory, which no network gives them."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.sqlite import engine as sqlite_engine
from state.sqlite.mounts import Mount, mount_of
from state.sqlite.store import SqliteStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.stores import Clock

ROOT = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw"
LINES = {
    "nfs": "40 27 0:40 / /data rw,relatime shared:1 - nfs server:/export rw,vers=3",
    "nfs4": "40 27 0:40 / /data rw,relatime - nfs4 server:/export rw,vers=4.2",
    "cifs": "40 27 0:40 / /data rw,relatime - cifs //server/share rw",
    "fuse.sshfs": "40 27 0:40 / /data rw,nosuid - fuse.sshfs me@server:/x rw,user_id=0",
    "fuse.never-heard-of": "40 27 0:40 / /data rw - fuse.never-heard-of x rw",
    "9p": "40 27 0:40 / /data rw - 9p drvfs rw",
    "ceph": "40 27 0:40 / /data rw master:2 shared:9 unbindable - ceph mon:/ rw",
}
LOCAL = {
    "ext4": "40 27 8:1 / /data rw - ext4 /dev/sda1 rw",
    "tmpfs": "40 27 0:40 / /data rw - tmpfs none rw,size=1024k",
    "overlay": "40 27 0:40 / /data rw - overlay overlay rw,lowerdir=/l",
    "fuseblk": "40 27 8:2 / /data rw - fuseblk /dev/sdb1 rw",
    "fuse.fuse-overlayfs": "40 27 0:40 / /data rw - fuse.fuse-overlayfs fuse-overlayfs rw",
    "btrfs": "40 27 0:33 /@data /data rw - btrfs /dev/sdc rw,subvol=/@data",
    "virtiofs": "40 27 0:40 / /data rw - virtiofs share rw",
}
STATE = PurePosixPath("/data/orcid/state.db")


@pytest.mark.parametrize("kind", LINES)
def test_what_may_be_another_machine_s_is_remote(kind: str) -> None:
    """A file system in user space that nobody knows counts as such."""
    found = mount_of(STATE, f"{ROOT}\n{LINES[kind]}\n")

    assert found == Mount("/data", kind)
    assert found.is_remote


@pytest.mark.parametrize("kind", LOCAL)
def test_what_is_this_machine_s_is_not(kind: str) -> None:
    """Containers' and their volumes included."""
    found = mount_of(STATE, f"{ROOT}\n{LOCAL[kind]}\n")

    assert found == Mount("/data", kind)
    assert not found.is_remote


@pytest.mark.parametrize(
    ("path", "lines", "kind"),
    [
        pytest.param("/data2/state.db", [LINES["nfs"]], "ext4", id="beside it: another folder begins like it"),
        pytest.param(
            "/data/in/state.db", [LINES["nfs"], "41 40 8:1 / /data/in rw - xfs /dev/sdb rw"], "xfs", id="in it"
        ),
        pytest.param("/data/state.db", [LINES["nfs"], "41 40 8:1 / /data rw - xfs /dev/sdb rw"], "xfs", id="over it"),
        pytest.param("/a b/state.db", [r"40 27 0:40 / /a\040b rw - nfs4 x rw"], "nfs4", id="with a space"),
        pytest.param("/data/state.db", ["", "garbage", "1 2 3 - nfs", LINES["cifs"]], "cifs", id="among nonsense"),
    ],
)
def test_the_nearest_mount_counts(path: str, lines: list[str], kind: str) -> None:
    """Of several at one place, the last."""
    found = mount_of(PurePosixPath(path), "\n".join([ROOT, *lines]))

    assert found is not None
    assert found.kind == kind


@given(st.text() | st.lists(st.sampled_from([ROOT, *LINES.values(), " - ", "\\999 - nfs"])).map("\n".join))
def test_any_text_can_be_read(mountinfo: str) -> None:
    """Nothing in it makes a state unusable."""
    found = mount_of(STATE, mountinfo)

    assert found is None or STATE.is_relative_to(found.point)


@pytest.mark.parametrize("mounts", [pytest.param("there", id="Linux"), pytest.param("not there", id="elsewhere")])
def test_a_state_on_this_machine_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: str) -> None:
    """Where nothing is told of mounts, nothing is refused."""
    (tmp_path / "there").write_text(f"{ROOT}\n")
    monkeypatch.setattr(sqlite_engine, "MOUNTS", tmp_path / mounts)

    SqliteStore(tmp_path / "state.db", Vault([new_key()]), Clock()).close()


def test_a_state_behind_a_link_to_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line that names the type; nothing is made there."""
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    (tmp_path / "mountinfo").write_text(f"{ROOT}\n40 27 0:40 / {tmp_path.resolve() / 'far'} rw - nfs4 server:/x rw\n")
    monkeypatch.setattr(sqlite_engine, "MOUNTS", tmp_path / "mountinfo")

    with pytest.raises(StoreError, match=r"^[^\n]*network file system \(nfs4 at [^\n]*$"):
        SqliteStore(tmp_path / "near" / "state.db", Vault([new_key()]), Clock())
    assert list((tmp_path / "far").iterdir()) == []
