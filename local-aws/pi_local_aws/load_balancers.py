"""What a load balancer says of itself: its VPC and its zones are those of its subnets."""

import re

from ministack.services import alb, ec2

from .patching import replace

_ZONE = re.compile(r'<ZoneName>[^<]*</ZoneName><SubnetId>([^<]*)</SubnetId>')


def install() -> None:
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
