"""Each EFS file system is a directory ``<state>/efs/<fs-id>``; access points are directories below it.

What AWS checks when something mounts is checked here too: the file system needs a mount target, and the root directory
of an access point must exist, or be made from its CreationInfo at the first mount.
"""

import os
import shutil
from pathlib import Path

from ministack.services import efs as store

from .. import settings
from ..patching import replace


class MountError(Exception):
    """A mount was refused; the text is what the NFS server or the resolver says."""


def root_of(file_system_id: str) -> Path:
    """The directory behind a file system, made at its first use."""
    path = settings.current().efs_dir / file_system_id
    path.mkdir(parents=True, exist_ok=True)
    return path


def _below(root: Path, path: str) -> Path:
    """``path`` of the file system as a path of this machine; it cannot leave the file system."""
    return root.joinpath(*[part for part in path.split('/') if part not in ('', '.', '..')])


def mount(file_system_id: str, access_point_id: str | None = None, root_directory: str = '/') -> Path:
    """The directory that a mount of this file system shows."""
    if file_system_id not in store._file_systems:
        raise MountError(
            f'Failed to resolve "{file_system_id}.efs.{settings.current().region}.amazonaws.com" - check that your file '
            'system ID is correct, and ensure that the VPC has an EFS mount target for this file system ID.'
        )
    if not any(one['FileSystemId'] == file_system_id for one in store._mount_targets.values()):
        raise MountError(
            f'Failed to resolve "{file_system_id}.efs.{settings.current().region}.amazonaws.com" - the file system '
            'has no mount target.'
        )
    root = root_of(file_system_id)
    if not access_point_id:
        path = _below(root, root_directory or '/')
        if not path.is_dir():
            raise MountError(_missing(root_directory))
        return path
    access_point = store._access_points.get(access_point_id)
    if access_point is None or access_point['FileSystemId'] != file_system_id:
        raise MountError(f'mount.nfs4: access denied by server: access point {access_point_id} does not exist')
    directory = access_point.get('RootDirectory') or {'Path': '/'}
    path = _below(root, directory.get('Path', '/'))
    if not path.is_dir():
        _make(path, directory)
    return path


def _missing(path: str) -> str:
    return f'mount.nfs4: mounting 127.0.0.1:{path} failed, reason given by server: No such file or directory'


def _make(path: Path, directory: dict) -> None:
    """EFS makes the root directory at the first mount, if and only if the access point tells it how."""
    creation = directory.get('CreationInfo')
    if not creation:
        raise MountError(_missing(directory.get('Path', '/')))
    path.mkdir(parents=True)
    path.chmod(int(str(creation.get('Permissions', '0755')), 8))
    try:
        os.chown(path, int(creation['OwnerUid']), int(creation['OwnerGid']))
    except PermissionError:
        pass  # not root on this machine: the files belong to whoever runs the embedded AWS


def remove(file_system_id: str) -> None:
    """Deleting a file system deletes its files."""
    shutil.rmtree(settings.current().efs_dir / file_system_id, ignore_errors=True)


def size_of(file_system_id: str) -> int:
    """Bytes of all files, for DescribeFileSystems."""
    total = 0
    for folder, _folders, names in os.walk(settings.current().efs_dir / file_system_id):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total


def install() -> None:
    """Make ministack's EFS service create, measure and remove the directories."""
    create, delete, respond = store._create_file_system, store._delete_file_system, store._fs_response

    def created(body):
        answer = create(body)
        for file_system_id in store._file_systems.keys():
            root_of(file_system_id)
        return answer

    def deleted(file_system_id):
        answer = delete(file_system_id)
        if answer[0] < 400:
            remove(file_system_id)
        return answer

    def responded(record):
        answer = respond(record)
        size = size_of(record['FileSystemId'])
        return {**answer, 'SizeInBytes': {**answer['SizeInBytes'], 'Value': size, 'ValueInStandard': size}}

    def emptied():
        reset()
        for path in settings.current().efs_dir.iterdir():
            shutil.rmtree(path, ignore_errors=True)

    reset = store.reset
    replace(store, 'reset', emptied)
    replace(store, '_create_file_system', created)
    replace(store, '_delete_file_system', deleted)
    replace(store, '_fs_response', responded)
