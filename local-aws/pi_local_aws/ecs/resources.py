"""What a task needs before its first container starts, and the words ECS uses when it cannot be had."""

from pathlib import Path

from ministack.services import cloudwatch_logs, secretsmanager
from ministack.services import ecs as store

from ..files import directories


class InitializationError(Exception):
    """The task cannot start; the text becomes its stoppedReason."""


def mounts(definition: dict) -> dict[str, Path]:
    """The real directory of each EFS volume of a task definition, by volume name."""
    found = {}
    for volume in definition.get('volumes') or []:
        efs = volume.get('efsVolumeConfiguration')
        if not efs:
            continue
        access_point_id = (efs.get('authorizationConfig') or {}).get('accessPointId')
        try:
            found[volume['name']] = directories.mount(
                efs['fileSystemId'], access_point_id, efs.get('rootDirectory') or '/'
            )
        except directories.MountError as error:
            raise InitializationError(
                'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: '
                f'{error} : unsuccessful EFS utils command execution; code: 32'
            ) from error
    return found


def secrets_of(container: dict) -> dict[str, str]:
    """The values of a container's ``secrets``; the pull credentials are read too, as the agent does first."""
    credentials = (container.get('repositoryCredentials') or {}).get('credentialsParameter')
    if credentials and secretsmanager.resolve_secret_string(credentials) is None:
        raise _no_secret(credentials)
    for secret in container.get('secrets') or []:
        # A secret without a value and one that does not exist fail the same way.
        if ':secretsmanager:' in secret.get('valueFrom', ''):
            arn = ':'.join(secret['valueFrom'].split(':')[:7])
            if secretsmanager.resolve_secret_string(arn) is None:
                raise _no_secret(arn)
    try:
        return store._resolve_container_secrets(container)
    except store._SecretResolutionError as error:
        raise InitializationError(
            'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: '
            f'{error}'
        ) from error


def _no_secret(arn: str) -> InitializationError:
    return InitializationError(
        'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: '
        f'unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {arn} from '
        "secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging "
        'label: AWSCURRENT'
    )


def check_log_group(container: dict) -> None:
    """The awslogs driver needs its group, unless it may create it."""
    options = (container.get('logConfiguration') or {}).get('options') or {}
    group = options.get('awslogs-group')
    if group and options.get('awslogs-create-group') != 'true' and group not in cloudwatch_logs._log_groups:
        raise InitializationError(
            'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: '
            'failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : '
            'exit status 1'
        )
