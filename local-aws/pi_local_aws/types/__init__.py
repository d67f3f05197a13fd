"""The CloudFormation resource types that ministack lacks, one module per family. Each has ``register()``."""

from . import (
    attributes,
    autoscaling,
    backup,
    bucket,
    compute,
    ec2_acl,
    ec2_address,
    ec2_flow_log,
    ec2_rule,
    ecs,
    endpoint,
    iam,
    in_use,
    logs,
    monitoring,
    naming,
    network,
    policies,
    rds,
    secrets,
    waf,
)

FAMILIES = (
    ec2_address,
    ec2_acl,
    ec2_flow_log,
    ec2_rule,
    network,
    ecs,
    autoscaling,
    backup,
    waf,
    logs,
    monitoring,
    iam,
    secrets,
    bucket,
    compute,
    rds,
    naming,
    endpoint,
    policies,
    attributes,
    in_use,
)


def register() -> None:
    """Add every type to ministack's registry."""
    for family in FAMILIES:
        family.register()
