"""How long things take: one table of AWS's usual durations, times a factor.

0 is instant, 1 is as slow as AWS. Resources of one stack are made one after the other here while AWS makes independent
ones side by side, so a stack's clock keeps what AWS would have reached: a resource waits only for the rest of its own
time since its last dependency was done. In sum a stack takes as long as its longest chain.
"""

import contextvars
import threading
import time
from contextlib import contextmanager

# Seconds that AWS usually takes for (create, update, delete), measured in public deployments; see README.md.
DURATIONS: dict[str, tuple[float, float, float]] = {
    'AWS::ApplicationAutoScaling::ScalableTarget': (3, 3, 3),
    'AWS::AutoScaling::AutoScalingGroup': (75, 30, 150),
    'AWS::Backup::BackupPlan': (4, 4, 4),
    'AWS::Backup::BackupVault': (5, 3, 5),
    'AWS::CertificateManager::Certificate': (120, 5, 5),
    'AWS::CloudFormation::Stack': (3, 3, 3),
    'AWS::CloudWatch::Alarm': (4, 3, 3),
    'AWS::EC2::EIP': (16, 5, 5),
    'AWS::EC2::FlowLog': (4, 4, 4),
    'AWS::EC2::InternetGateway': (16, 5, 5),
    'AWS::EC2::LaunchTemplate': (7, 7, 3),
    'AWS::EC2::NatGateway': (110, 5, 65),
    'AWS::EC2::NetworkAcl': (16, 5, 5),
    'AWS::EC2::NetworkAclEntry': (3, 3, 3),
    'AWS::EC2::Route': (3, 3, 3),
    'AWS::EC2::RouteTable': (11, 5, 5),
    'AWS::EC2::SecurityGroup': (6, 6, 4),
    'AWS::EC2::Subnet': (4, 4, 4),
    'AWS::EC2::SubnetNetworkAclAssociation': (3, 3, 3),
    'AWS::EC2::VPC': (12, 4, 4),
    'AWS::EC2::VPCEndpoint': (7, 7, 10),
    'AWS::EC2::VPCGatewayAttachment': (3, 3, 10),
    'AWS::ECS::CapacityProvider': (4, 4, 30),
    'AWS::ECS::Cluster': (12, 5, 5),
    'AWS::ECS::ClusterCapacityProviderAssociations': (15, 15, 20),
    # Beside this the tasks of the service take their own time to start.
    'AWS::ECS::Service': (90, 90, 60),
    'AWS::EFS::AccessPoint': (8, 3, 4),
    'AWS::EFS::FileSystem': (12, 6, 6),
    'AWS::EFS::MountTarget': (90, 5, 40),
    'AWS::ElasticLoadBalancingV2::Listener': (4, 4, 4),
    'AWS::ElasticLoadBalancingV2::LoadBalancer': (150, 5, 15),
    'AWS::ElasticLoadBalancingV2::TargetGroup': (16, 5, 5),
    'AWS::Events::Rule': (62, 32, 62),
    'AWS::IAM::InstanceProfile': (120, 10, 5),
    'AWS::IAM::ManagedPolicy': (15, 8, 4),
    'AWS::IAM::Policy': (16, 8, 4),
    'AWS::IAM::Role': (18, 10, 4),
    'AWS::KMS::Alias': (2, 2, 2),
    'AWS::KMS::Key': (65, 10, 5),
    'AWS::Lambda::Function': (35, 20, 10),
    'AWS::Lambda::Permission': (10, 10, 4),
    'AWS::Logs::LogGroup': (4, 4, 4),
    'AWS::RDS::DBInstance': (480, 120, 300),
    'AWS::RDS::DBParameterGroup': (12, 12, 5),
    'AWS::RDS::DBSubnetGroup': (4, 4, 4),
    'AWS::Route53::RecordSet': (32, 32, 32),
    'AWS::S3::Bucket': (22, 5, 5),
    'AWS::S3::BucketPolicy': (3, 3, 3),
    'AWS::SNS::Subscription': (3, 3, 3),
    'AWS::SNS::Topic': (12, 5, 5),
    'AWS::SQS::Queue': (72, 12, 62),
    'AWS::SecretsManager::Secret': (3, 3, 3),
    'AWS::ServiceDiscovery::PrivateDnsNamespace': (48, 10, 48),
    'AWS::ServiceDiscovery::Service': (4, 4, 4),
    'AWS::WAFv2::WebACL': (8, 8, 5),
    'AWS::WAFv2::WebACLAssociation': (20, 5, 5),
}
# Seconds of what runs by itself after a call has started it; little data, as a new environment has.
JOBS: dict[str, float] = {
    'DBInstance': 380,
    'DBSnapshot': 180,
    'DBSnapshotCopy': 240,
    'BackupJob': 240,
    'RestoreJob': 420,
    'CopyJob': 240,
    # AWS grants what is modest by itself within minutes; more than that goes to people.
    'QuotaRequest': 600,
}
DEFAULT = (3.0, 3.0, 3.0)
_STEPS = ('create', 'update', 'delete')

_lock = threading.Lock()
_factor = 0.0
# What AWS would have done by now in each stack: logical id -> the moment it would be complete.
_clocks: dict[str, dict[str, float]] = {}


def current_pace() -> float:
    return _factor


def set_pace(factor: float) -> None:
    """Change the factor from the next resource on; must not be negative."""
    global _factor
    if factor < 0:
        raise ValueError('pace must be 0 or more')
    _factor = float(factor)


def duration(resource_type: str, step: str) -> float:
    """Seconds that AWS takes for one step of a resource type."""
    return DURATIONS.get(resource_type, DEFAULT)[_STEPS.index(step)]


def job(kind: str) -> float:
    """Seconds that AWS takes for a job of this kind."""
    return JOBS[kind]


def sleep(seconds: float) -> None:
    """Wait ``seconds`` of AWS's time."""
    if _factor > 0:
        time.sleep(seconds * _factor)


# When AWS would have begun the resource that is being worked on: a nested stack's own clock starts there.
_beginning: contextvars.ContextVar[float] = contextvars.ContextVar('pi_beginning', default=0.0)


def begin(stack: str) -> None:
    """Start the clock of a root operation."""
    with _lock:
        _clocks[stack] = {'': time.monotonic()}


def begin_child(stack: str) -> None:
    """Start the clock of a nested stack where AWS would have begun it, beside its independent neighbours."""
    with _lock:
        _clocks[stack] = {'': _beginning.get() or time.monotonic()}


def finish_of(stack: str) -> float:
    """When AWS would be done with everything of a stack so far."""
    with _lock:
        return max(_clocks.get(stack, {'': 0.0}).values())


@contextmanager
def resource(stack: str, after: set[str]):
    """Work on a resource whose dependencies are ``after``; gives the moment AWS would have begun it."""
    with _lock:
        clock = _clocks.setdefault(stack, {'': time.monotonic()})
        began = max([clock[name] for name in after if name in clock] or [clock['']])
    token = _beginning.set(began)
    try:
        yield began
    finally:
        _beginning.reset(token)


def wait(stack: str, logical_id: str, began: float, resource_type: str, step: str, not_before: float = 0.0) -> None:
    """Wait until AWS would be done with a resource that it ``began`` then, and not before another moment."""
    done = max(began + duration(resource_type, step) * _factor, not_before)
    with _lock:
        _clocks.setdefault(stack, {'': began})[logical_id] = done
    if _factor > 0:
        time.sleep(max(0.0, done - time.monotonic()))
