"""Actions denied on order: refused by their service, refused inside stacks, and told by IAM's policy simulation.

A pattern is an IAM action with ``*`` and ``?``, such as ``rds:CreateDBInstance`` or ``ec2:*``. A stack's resources are
made with the permissions of whoever deploys it, so a denied action fails the resource that needs it. Instead of what is
denied, an order may list all that is allowed: a policy is enough when what it is for still succeeds.
"""

import uuid
from fnmatch import fnmatchcase

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import get_account_id
from ministack.core.router import detect_service
from ministack.services import iam

from ..patching import replace
from .type_actions import action_of

_PATTERN_PARTS = 2

_denied: list[str] = []
_allowed: list[str] | None = None
_key = ''


class AccessDenied(ValueError):
    """A step of a stack that its deployer may not take."""


def order(denied: list[str], allowed: list[str] | None = None, key: str = '') -> None:
    """Put these patterns in the place of the present ones; ValueError for what is no action.

    With a ``key`` only calls that are signed with this access key id are judged, besides stacks and simulations.
    """
    global _allowed, _key
    for one in [*denied, *(allowed or [])]:
        if not isinstance(one, str) or len([part for part in one.split(':') if part]) != _PATTERN_PARTS:
            raise ValueError(f'{one} is no action: it is written service:Action')
    _denied[:] = denied
    _allowed, _key = allowed, key


def clear() -> None:
    order([])


def state() -> dict:
    return {
        'deny': list(_denied),
        **({} if _allowed is None else {'allow': list(_allowed)}),
        **({'key': _key} if _key else {}),
    }


def _nothing_ordered() -> bool:
    return not _denied and _allowed is None


def is_denied(action: str) -> bool:
    """Actions are compared without case, as IAM does."""
    if _matches(action, _denied):
        return True
    return _allowed is not None and not _matches(action, _allowed)


def _matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action.lower(), one.lower()) for one in patterns)


def _who() -> str:
    return f'arn:aws:iam::{get_account_id()}:root'


def check_resource(resource_type: str, step: str) -> None:
    """Called before a stack creates, updates or deletes a resource."""
    if _nothing_ordered():
        return
    action = action_of(resource_type, step)
    if action and is_denied(action):
        raise AccessDenied(
            f'User: {_who()} is not authorized to perform: {action} with an explicit deny in an identity-based policy '
            f'(Service: {action.split(":")[0]}, Status Code: 403, Code: AccessDenied)'
        )


def install() -> None:
    iam_actions.SERVICE_TO_IAM_NAMESPACE.update(
        {'service-quotas': 'servicequotas', 'application-autoscaling': 'application-autoscaling'}
    )
    # ministack's own table knows the paths of functions; the service's model knows all others.
    iam_actions._BOTOCORE_SERVICE_MAP.setdefault('lambda', ['lambda'])
    _wrap_dispatch()
    _wrap_simulation()


def _wrap_dispatch() -> None:
    dispatch = app._dispatch_service_request

    async def dispatched(method, path, headers, body, query_params, request_id):
        if not _nothing_ordered() and _key in ('', app.extract_access_key_id(headers, query_params)):
            parameters = app._routing_params(method, path, headers, body, query_params)
            service = detect_service(method, path, headers, parameters)
            action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
            if action and is_denied(action):
                return iam_actions.access_denied_response(
                    service, action, _who(), request_id or str(uuid.uuid4()), headers=headers, explicit_deny=True
                )
        return await dispatch(method, path, headers, body, query_params, request_id)

    app._dispatch_service_request = dispatched


def _wrap_simulation() -> None:
    evaluate = iam._build_simulate_results_real

    def built(actions, resource_arn, principal_arn, account_id, policies):
        """Without policies the caller is the account itself, which may do everything that is not denied."""
        return ''.join(
            _result(one, resource_arn, 'explicitDeny' if is_denied(one) else 'allowed')
            if is_denied(one) or not policies
            else evaluate([one], resource_arn, principal_arn, account_id, policies)
            for one in actions
        )

    def _result(action, resource, decision):
        return (
            f'<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>'
            f'<EvalDecision>{decision}</EvalDecision><MatchedStatements></MatchedStatements>'
            '<MissingContextValues></MissingContextValues></member>'
        )

    replace(iam, '_build_simulate_results_real', built)
