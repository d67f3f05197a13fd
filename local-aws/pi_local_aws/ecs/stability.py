"""When a service counts as done for CloudFormation: the rollout is over and running equals desired."""

import time

from ministack.services import ecs as store

from ..registry import ResourceError

_THREE_HOURS = 3 * 60 * 60
_LEAST_SECONDS, _MOST_SECONDS = 20, 120


def _service(arn: str) -> dict | None:
    return next((one for one in store._services.values() if one['serviceArn'] == arn), None)


def wait(arn: str) -> None:
    """Return when the service is stable; raise what CloudFormation reports when its rollout failed.

    AWS gives up after three hours; here that scales with the pace, between twenty seconds and two minutes.
    """
    from ..pace import current_pace

    deadline = time.monotonic() + min(max(_LEAST_SECONDS, _THREE_HOURS * current_pace()), _MOST_SECONDS)
    service = _service(arn)
    rollout = store._primary_deployment(service)['id'] if service else ''
    while time.monotonic() < deadline:
        service = _service(arn)
        if service is None or service['status'] != 'ACTIVE':
            return
        mine = next((one for one in service['deployments'] if one['id'] == rollout), None)
        if mine and mine['rolloutState'] == 'FAILED':
            raise ResourceError(
                'Resource handler returned message: "Error occurred during operation \'ECS Deployment Circuit Breaker '
                f'was triggered\'." ({_why(service)}HandlerErrorCode: GeneralServiceException)'
            )
        if mine and mine['rolloutState'] == 'COMPLETED' and service['runningCount'] == service['desiredCount']:
            return
        time.sleep(0.01)
    raise ResourceError(
        f'Resource handler returned message: "Exceeded attempts to wait" ({_why(_service(arn) or {})}'
        f'HandlerErrorCode: NotStabilized)'
    )


def _why(service: dict) -> str:
    message = next((one['message'] for one in service.get('events', []) if 'failed to launch' in one['message']), '')
    return f'last event: {message}, ' if message else ''
