"""Mounts: which file system a path is on, told from the text of Linux's `/proc/self/mountinfo`."""

import re
from dataclasses import dataclass
from pathlib import PurePath

_REMOTE = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs"),
        *("prl_fs", "vboxsf", "vmhgfs"),  # folders that a virtual machine shares with its host
    }
)
_LOCAL_FUSE = frozenset(
    {"bindfs", "cryfs", "encfs", "fuse-overlayfs", "gocryptfs", "mergerfs", "ntfs-3g", "securefs", "unionfs"}
)
"""Those of `fuse.…` that lay something over this machine's own disks; most others fetch from somewhere else."""
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a file system is mounted, and its type."""

    point: str
    kind: str

    @property
    def is_remote(self) -> bool:
        """Whether its files may be another machine's, as those of a `fuse.…` that is not known as local."""
        kind, _, behind = self.kind.partition(".")
        return kind in _REMOTE or (kind == "fuse" and bool(behind) and behind not in _LOCAL_FUSE)


def mount_of(path: PurePath, mountinfo: str) -> Mount | None:
    """The mount that an absolute path without links is on; None when the text (proc_pid_mountinfo(5)) names none.

    Of several at one place the last one is seen. Lines that cannot be read are passed over.
    """
    found: Mount | None = None
    for line in mountinfo.splitlines():
        mount = _mount(line)
        if mount and path.is_relative_to(mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mount(line: str) -> Mount | None:
    # 36 35 98:0 /root /mount\040point rw,noatime shared:1 - ext4 /dev/sda1 rw
    before, _, after = line.partition(" - ")
    places, kinds = before.split(" "), after.split(" ")
    if len(places) < 6 or not kinds[0]:
        return None
    point = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), places[4])
    return Mount(point, kinds[0])
