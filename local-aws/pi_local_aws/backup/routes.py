"""The calls of AWS Backup that are answered here; every other one is ministack's."""

import json
from urllib.parse import unquote

from ministack.core.concurrency import run_offloop
from ministack.services import backup as store

from . import copying, jobs, organization, points, restoring, saving, tables, vaults
from .errors import Refused

_OPTED_IN = {'EFS': True, 'RDS': True, 'S3': True, 'EBS': True, 'EC2': True, 'DynamoDB': True}


def install() -> None:
    others = store.handle_request

    async def handle_request(method, path, headers, body_bytes, query_params):
        # Work on files must not hold the server.
        answer = await run_offloop(_answer, method, path, body_bytes, query_params)
        return answer or await others(method, path, headers, body_bytes, query_params)

    store.handle_request = handle_request


def _answer(method: str, path: str, raw: bytes, query_params) -> tuple | None:
    parts = [unquote(part) for part in path.strip('/').split('/') if part]
    query = {key: value[0] if isinstance(value, list) else value for key, value in query_params.items()}
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        body = {}
    route = _ROUTES.get(parts[0]) if parts else None
    try:
        return route(method, parts[1:], query, body) if route else None
    except Refused as refused:
        return refused.answer()


def _vaults(method, rest, query, body):
    if not rest:
        return None
    name, what = rest[0], rest[1] if len(rest) > 1 else ''
    if what == 'recovery-points':
        return _points(method, name, rest[2:], query, body)
    calls = {
        ('GET', ''): lambda: vaults.describe(name),
        ('DELETE', ''): lambda: vaults.delete(name),
        ('PUT', 'vault-lock'): lambda: vaults.lock(name, body),
        ('DELETE', 'vault-lock'): lambda: vaults.unlock(name),
    }
    if what == 'access-policy':
        return vaults.policy(name, method, body)
    call = calls.get((method, what))
    return call() if call else None


def _points(method, vault, rest, query, body):
    if not rest:
        vaults.vault(vault)
        return points.listing(query, vault_name=vault)
    if rest[-1] == 'restore-metadata':
        return points.restore_metadata('/'.join(rest[:-1]), vault)
    arn = '/'.join(rest)
    if method == 'GET':
        return store._ok(tables.shown(points.find(arn, vault)))
    return points.delete(arn, vault) if method == 'DELETE' else points.change_lifecycle(arn, vault, body)


def _backup_jobs(method, rest, query, body):
    if not rest:
        filters = {'backupVaultName': 'BackupVaultName', 'state': 'State', 'resourceArn': 'ResourceArn'}
        filters['resourceType'] = 'ResourceType'
        return saving.start(body) if method == 'PUT' else jobs.listing(store._jobs, query, 'BackupJobs', filters)
    return saving.stop(rest[0]) if method == 'POST' else store._ok(tables.shown(saving.find(rest[0])))


def _restore_jobs(method, rest, query, body):
    if not rest:
        filters = {'status': 'Status', 'resourceType': 'ResourceType'}
        listed = lambda: jobs.listing(tables.restores, query, 'RestoreJobs', filters)  # noqa: E731
        return restoring.start(body) if method == 'PUT' else listed()
    job = restoring.find(rest[0])
    if rest[1:] == ['metadata']:
        return store._ok({'RestoreJobId': rest[0], 'Metadata': job['_metadata']})
    return store._ok(tables.shown(job))


def _copy_jobs(method, rest, query, body):
    if not rest:
        filters = {'state': 'State', 'resourceArn': 'ResourceArn', 'resourceType': 'ResourceType'}
        filters['destinationVaultArn'] = 'DestinationBackupVaultArn'
        listed = lambda: jobs.listing(tables.copies, query, 'CopyJobs', filters)  # noqa: E731
        return copying.start(body) if method == 'PUT' else listed()
    return store._ok({'CopyJob': tables.shown(copying.find(rest[0]))})


def _resources(method, rest, query, _body):
    if rest and rest[-1] == 'recovery-points':
        return points.listing(query, resource='/'.join(rest[:-1]))
    return None


def _settings(method, _rest, _query, body):
    chosen = tables.regions.get('settings') or dict(_OPTED_IN)
    if method == 'PUT':
        tables.regions['settings'] = {**chosen, **(body.get('ResourceTypeOptInPreference') or {})}
        return store._no_content()
    return store._ok({'ResourceTypeOptInPreference': chosen, 'ResourceTypeManagementPreference': {}})


_ROUTES = {
    'backup-vaults': _vaults,
    'backup-jobs': _backup_jobs,
    'restore-jobs': _restore_jobs,
    'copy-jobs': _copy_jobs,
    'resources': _resources,
    'account-settings': _settings,
    'global-settings': organization.answer,
}
