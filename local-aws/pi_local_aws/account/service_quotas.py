"""The service-quotas service: what is allowed, what AWS allows by default, and the requests for more.

A request is granted when its time has come, as AWS grants modest ones by itself; a test can hold all of them back, and
answer in Support's name.
"""

import copy
import json
import secrets
import time

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, json_response

from .. import pace
from . import quota_table, quotas

_requests = AccountRegionScopedDict()

_OPEN = ('PENDING', 'CASE_OPENED')
_STATUSES = (*_OPEN, 'APPROVED', 'DENIED', 'CASE_CLOSED', 'NOT_APPROVED', 'INVALID_REQUEST')


class Refused(ValueError):
    """The service said no: a code of its model and a message."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


def get_state() -> dict:
    return {'requests': copy.deepcopy(_requests), 'quotas': quotas.state()}


def load_persisted_state(data: dict) -> None:
    _requests.update(data.get('requests', {}))
    quotas.load(data.get('quotas', {}))


def reset() -> None:
    _requests.clear()
    quotas.reset()


def conclude(request_id: str, status: str) -> None:
    """Support's answer to a request; an approved one gives the quota its value."""
    if status not in _STATUSES:
        raise ValueError(f'a status is one of {", ".join(_STATUSES)}')
    found = [(key, one) for key, one in list(_requests.all_items()) if one['Id'] == request_id]
    if not found:
        raise ValueError(f'no such request: {request_id}')
    (account, region, _), request = found[0]
    _requests.set_scoped(account, region, request_id, {**request, 'Status': status, 'LastUpdated': time.time()})
    if status == 'APPROVED':
        quotas.set_value(request['ServiceCode'], request['QuotaCode'], request['DesiredValue'])


def _grant() -> None:
    """Approve what has waited as long as AWS takes; at pace 0 that is at the next call."""
    if quotas.are_requests_held():
        return
    before = time.time() - pace.job('QuotaRequest') * pace.current_pace()
    for _, one in list(_requests.all_items()):
        if one['Status'] == 'PENDING' and one['Created'] <= before:
            conclude(one['Id'], 'APPROVED')


def _required(request: dict, *names: str) -> list:
    for name in names:
        if request.get(name) in (None, ''):
            raise Refused('IllegalArgumentException', f'{name} is required')
    return [request[name] for name in names]


def _allowed(service: str = '', code: str = '') -> None:
    if quotas.is_denied(service, code):
        what = f'{service}/{code}' if code else service or '*'
        raise Refused(
            'AccessDeniedException',
            f'User: arn:aws:iam::{get_account_id()}:root is not authorized to perform this action on quota {what}',
        )


def _service(request: dict) -> str:
    (service,) = _required(request, 'ServiceCode')
    if service not in quota_table.SERVICES:
        raise Refused('NoSuchResourceException', f'The service {service} does not exist.')
    return service


def _here(quota: quota_table.Quota) -> bool:
    return not quota.is_global or get_region() == quota_table.GLOBAL_REGION


def _quota(request: dict) -> quota_table.Quota:
    service, code = _required(request, 'ServiceCode', 'QuotaCode')
    quota = quota_table.BY_CODE.get((service, code))
    if quota is None or not _here(quota):
        raise Refused('NoSuchResourceException', 'The request failed because the specified quota does not exist.')
    _allowed(service, code)
    return quota


def _shown(quota: quota_table.Quota, value: float, applied: bool) -> dict:
    account = get_account_id() if applied else ''
    region = '' if quota.is_global else get_region()
    shown = {
        'ServiceCode': quota.service,
        'ServiceName': quota_table.SERVICES[quota.service],
        'QuotaArn': f'arn:aws:servicequotas:{region}:{account}:{quota.service}/{quota.code}',
        'QuotaCode': quota.code,
        'QuotaName': quota.name,
        'Value': value,
        'Unit': quota.unit,
        'Adjustable': quota.adjustable,
        'GlobalQuota': quota.is_global,
    }
    if applied:
        shown['QuotaAppliedAtLevel'] = 'ACCOUNT'
    if quota.usage:
        service, kind = quota.usage
        shown['UsageMetric'] = {
            'MetricNamespace': 'AWS/Usage',
            'MetricName': 'ResourceCount',
            'MetricDimensions': {'Service': service, 'Class': kind, 'Resource': 'vCPU', 'Type': 'Resource'},
            'MetricStatisticRecommendation': 'Maximum',
        }
    return shown


def _applied(quota: quota_table.Quota) -> dict:
    return _shown(quota, quotas.value(quota.service, quota.code), applied=True)


def _page(request: dict, key: str, found: list) -> dict:
    """One page, 100 long unless fewer are asked for; the token is the place of the next one."""
    size = request.get('MaxResults', 100)
    if not 1 <= size <= 100:
        raise Refused('IllegalArgumentException', 'MaxResults must be between 1 and 100')
    token = request.get('NextToken') or '0'
    if not token.isdigit():
        raise Refused('InvalidPaginationTokenException', 'Invalid pagination token')
    begin = int(token)
    page = {key: found[begin : begin + size]}
    return {**page, 'NextToken': str(begin + size)} if begin + size < len(found) else page


def _list_services(request):
    _allowed()
    found = [{'ServiceCode': code, 'ServiceName': name} for code, name in sorted(quota_table.SERVICES.items())]
    return _page(request, 'Services', found)


def _of_service(request):
    service = _service(request)
    _allowed(service)
    wanted = request.get('QuotaCode')
    return [
        one for one in quota_table.QUOTAS if one.service == service and _here(one) and wanted in (None, '', one.code)
    ]


def _list_quotas(request):
    found = [one for one in _of_service(request) if quotas.has_applied(one.service, one.code)]
    return _page(request, 'Quotas', [_applied(one) for one in found])


def _list_defaults(request):
    return _page(request, 'Quotas', [_shown(one, one.value, applied=False) for one in _of_service(request)])


def _get_quota(request):
    quota = _quota(request)
    if not quotas.has_applied(quota.service, quota.code):
        raise Refused('NoSuchResourceException', 'The request failed because no value is applied to this quota.')
    return {'Quota': _applied(quota)}


def _get_default(request):
    quota = _quota(request)
    return {'Quota': _shown(quota, quota.value, applied=False)}


def _request_increase(request):
    quota = _quota(request)
    (desired,) = _required(request, 'DesiredValue')
    if not quota.adjustable:
        raise Refused('IllegalArgumentException', f'The quota {quota.name} cannot be adjusted.')
    present = quotas.value(quota.service, quota.code)
    if desired <= present:
        raise Refused(
            'IllegalArgumentException',
            f'You must provide a quota value greater than the current quota value {present}.',
        )
    if any(one['QuotaCode'] == quota.code and one['Status'] in _OPEN for one in _requests.values()):
        raise Refused(
            'ResourceAlreadyExistsException', 'Only one open service quota increase request is allowed per quota.'
        )
    request_id = secrets.token_hex(16) + secrets.token_hex(4)
    now = time.time()
    shown = _applied(quota)
    _requests[request_id] = {
        'Id': request_id,
        **{name: shown[name] for name in ('ServiceCode', 'ServiceName', 'QuotaArn', 'QuotaCode', 'QuotaName')},
        'DesiredValue': float(desired),
        'Status': 'PENDING',
        'Created': now,
        'LastUpdated': now,
        'Requester': json.dumps({'accountId': get_account_id(), 'callerArn': f'arn:aws:iam::{get_account_id()}:root'}),
        'GlobalQuota': quota.is_global,
        'Unit': quota.unit,
        'QuotaRequestedAtLevel': 'ACCOUNT',
    }
    return {'RequestedQuota': _requests[request_id]}


def _history(request):
    _allowed(request.get('ServiceCode') or '', request.get('QuotaCode') or '')
    found = [
        one
        for one in _requests.values()
        if all(request.get(name) in (None, '', one[name]) for name in ('ServiceCode', 'QuotaCode', 'Status'))
    ]
    return _page(request, 'RequestedQuotas', sorted(found, key=lambda one: one['Created'], reverse=True))


def _history_of_quota(request):
    _quota(request)
    return _history(request)


def _get_request(request):
    _allowed()
    (request_id,) = _required(request, 'RequestId')
    found = _requests.get(request_id)
    if found is None:
        raise Refused('NoSuchResourceException', f'The request {request_id} does not exist.')
    return {'RequestedQuota': found}


_ACTIONS = {
    'ListServices': _list_services,
    'ListServiceQuotas': _list_quotas,
    'ListAWSDefaultServiceQuotas': _list_defaults,
    'GetServiceQuota': _get_quota,
    'GetAWSDefaultServiceQuota': _get_default,
    'RequestServiceQuotaIncrease': _request_increase,
    'ListRequestedServiceQuotaChangeHistory': _history,
    'ListRequestedServiceQuotaChangeHistoryByQuota': _history_of_quota,
    'GetRequestedServiceQuotaChange': _get_request,
}


async def handle_request(method, path, headers, body, query_params):
    """Answer one call of the service's JSON protocol."""
    action = headers.get('x-amz-target', '').rsplit('.', 1)[-1]
    try:
        if action not in _ACTIONS:
            raise Refused('UnknownOperationException', f'The embedded AWS does not know {action}')
        if quotas.is_throttled():
            raise Refused('TooManyRequestsException', 'Rate exceeded')
        _grant()
        return json_response(_ACTIONS[action](json.loads(body or b'{}')))
    except Refused as refused:
        return json_response({'__type': refused.code, 'message': refused.message}, 400)
