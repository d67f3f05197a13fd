"""Functions that mount a file system: their mount path leads to the real directory.

A function runs as a local process, which cannot mount. Instead every environment value of the function that is its
LocalMountPath, or lies below it, is rewritten to the real directory before the process starts.
"""

import copy
import json
import os

from ministack.core import lambda_runtime as runtime
from ministack.core.responses import error_response_json
from ministack.services import efs as store
from ministack.services import eventbridge, lambda_svc

from ..patching import replace
from . import directories


def mounts_of(config: dict) -> list[tuple[str, str, str]]:
    """(local mount path, file system id, access point id) of each mount; an unknown access point has no file system."""
    found = []
    for one in config.get('FileSystemConfigs') or []:
        access_point_id = one.get('Arn', '').rsplit('/', 1)[-1]
        access_point = store._access_points.get(access_point_id) or {}
        found.append((one.get('LocalMountPath', ''), access_point.get('FileSystemId', ''), access_point_id))
    return found


def has_mount_target(file_system_id: str) -> bool:
    return any(one['FileSystemId'] == file_system_id for one in store._mount_targets.values())


def failure(config: dict) -> str:
    """Why the function's mounts cannot be made; empty if they can."""
    for path, file_system_id, access_point_id in mounts_of(config):
        if not file_system_id:
            return f"The function couldn't mount the Amazon EFS access point {access_point_id}, which does not exist."
        try:
            directories.mount(file_system_id, access_point_id)
        except directories.MountError as error:
            return f"The function couldn't mount the Amazon EFS file system {file_system_id} at {path}: {error}"
    return ''


def rewritten(config: dict) -> dict:
    """The function's configuration with its environment pointing at the real directories."""
    mounts = mounts_of(config)
    if not mounts:
        return config
    config = copy.deepcopy(config)
    variables = config.setdefault('Environment', {}).setdefault('Variables', {})
    for path, file_system_id, access_point_id in mounts:
        real = str(directories.mount(file_system_id, access_point_id))
        for name, value in variables.items():
            if value == path or str(value).startswith(f'{path}/'):
                variables[name] = real + value[len(path) :]
    return config


def install() -> None:
    """Hook the mounts into ministack's worker, and name the Node that runs nodejs functions."""
    spawn = runtime.Worker._spawn

    def spawn_mounted(self):
        original = self.config
        self.config = rewritten(original)
        try:
            spawn(self)
        finally:
            self.config = original

    runtime.Worker._spawn = spawn_mounted
    detect = runtime._detect_runtime_binary
    node = os.environ.get('PI_AWS_NODE', '')

    def detect_binary(name):
        binary, script = detect(name)
        # The machine's own node may be too old for the function's runtime.
        return (node, script) if node and name.startswith('nodejs') else (binary, script)

    runtime._detect_runtime_binary = detect_binary
    _guard_invoke()
    replace(eventbridge, '_dispatch_to_lambda', hand_over)


def hand_over(arn: str, payload: str) -> None:
    """Give a rule's event to a function as EventBridge does: asynchronously, tried again, and in the end a dead letter."""
    function, config, _name = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def _guard_invoke() -> None:
    """Refuse an invocation whose mounts fail, as Lambda does, before a process starts."""
    invoke = lambda_svc._invoke

    async def guarded(name, event, headers, *rest, **named):
        key = name.rsplit(':', 1)[-1] if name.startswith('arn:') else name.split(':', 1)[0]
        function = lambda_svc._functions.get(key)
        reason = failure(function['config']) if function else ''
        if reason:
            code = 'EFSMountFailureException'
            return error_response_json(code, reason, 403)
        return await invoke(name, event, headers, *rest, **named)

    lambda_svc._invoke = guarded
