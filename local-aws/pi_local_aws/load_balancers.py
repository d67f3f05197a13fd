"""What a load balancer says of itself: its VPC and its zones are those of its subnets.

Classic load balancers share the name of the service and of its calls, and are told apart by the version of the API.
"""

import re

from ministack.core.responses import new_uuid
from ministack.services import alb, ec2

from .patching import replace

_ZONE = re.compile(r'<ZoneName>[^<]*</ZoneName><SubnetId>([^<]*)</SubnetId>')

_CLASSIC = '2012-06-01'


def install() -> None:
    _tell_networks()
    _know_classic()


def _tell_networks() -> None:
    """ministack names a default VPC and the first zone, whatever the subnets are."""
    describe = alb._lb_xml

    def described(balancer):
        subnets = [ec2._subnets[one] for one in balancer.get('Subnets') or [] if one in ec2._subnets]
        return _ZONE.sub(_zone, describe({**balancer, 'VpcId': subnets[0]['VpcId']} if subnets else balancer))

    replace(alb, '_lb_xml', described)


def _zone(found: re.Match) -> str:
    subnet = ec2._subnets.get(found.group(1))
    if subnet is None:
        return found.group(0)
    return f'<ZoneName>{subnet["AvailabilityZone"]}</ZoneName><SubnetId>{found.group(1)}</SubnetId>'


def _know_classic() -> None:
    """No stack of ours makes a classic load balancer: an account here has none, and says so in that API's words."""
    describe = alb._ACTION_MAP['DescribeLoadBalancers']

    def described(parameters):
        if parameters.get('Version', [''])[0] != _CLASSIC:
            return describe(parameters)
        named = sorted(key for key in parameters if key.startswith('LoadBalancerNames.'))
        if named:
            name = parameters[named[0]][0]
            return _classic_error('LoadBalancerNotFound', f"There is no ACTIVE Load Balancer named '{name}'")
        return _classic('DescribeLoadBalancers', '<LoadBalancerDescriptions/>')

    alb._ACTION_MAP['DescribeLoadBalancers'] = described


def _classic_xml(status: int, root: str, inner: str) -> tuple:
    text = f'<{root} xmlns="http://elasticloadbalancing.amazonaws.com/doc/{_CLASSIC}/">{inner}</{root}>'
    return status, {'Content-Type': 'text/xml'}, text.encode()


def _classic(action: str, result: str) -> tuple:
    metadata = f'<ResponseMetadata><RequestId>{new_uuid()}</RequestId></ResponseMetadata>'
    return _classic_xml(200, f'{action}Response', f'<{action}Result>{result}</{action}Result>{metadata}')


def _classic_error(code: str, message: str) -> tuple:
    error = f'<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>'
    return _classic_xml(400, 'ErrorResponse', f'{error}<RequestId>{new_uuid()}</RequestId>')
