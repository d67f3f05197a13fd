"""The quotas that the stack can meet, with AWS's defaults.

Codes and defaults are those of the services' quota pages; the ones AWS raises by itself (Fargate, EC2, Lambda) stand
at what a new account has. Quotas of global services are read in us-east-1 and nowhere else.
"""

from dataclasses import dataclass

GLOBAL_REGION = 'us-east-1'

SERVICES = {
    'AWSCloudMap': 'AWS Cloud Map',
    'acm': 'AWS Certificate Manager (ACM)',
    'application-autoscaling': 'Application Auto Scaling',
    'autoscaling': 'Amazon EC2 Auto Scaling',
    'backup': 'AWS Backup',
    'cloudformation': 'AWS CloudFormation',
    'ebs': 'Amazon Elastic Block Store (Amazon EBS)',
    'ec2': 'Amazon Elastic Compute Cloud (Amazon EC2)',
    'ecs': 'Amazon Elastic Container Service (Amazon ECS)',
    'elasticfilesystem': 'Amazon Elastic File System (EFS)',
    'elasticloadbalancing': 'Elastic Load Balancing (ELB)',
    'events': 'Amazon EventBridge (CloudWatch Events)',
    'fargate': 'AWS Fargate',
    'iam': 'AWS Identity and Access Management (IAM)',
    'kms': 'AWS Key Management Service (AWS KMS)',
    'lambda': 'AWS Lambda',
    'rds': 'Amazon Relational Database Service (Amazon RDS)',
    'route53': 'Amazon Route 53',
    's3': 'Amazon Simple Storage Service (Amazon S3)',
    'secretsmanager': 'AWS Secrets Manager',
    'vpc': 'Amazon Virtual Private Cloud (Amazon VPC)',
}

GLOBAL_SERVICES = ('iam', 'route53', 's3')


@dataclass(frozen=True)
class Quota:
    """One quota: where it is asked for, and the value an account starts with."""

    service: str
    code: str
    name: str
    value: float
    adjustable: bool = True
    unit: str = 'None'
    usage: tuple[str, str] | None = None  # service and class of its usage metric, counted in vCPU

    @property
    def is_global(self) -> bool:
        return self.service in GLOBAL_SERVICES


QUOTAS = (
    Quota('AWSCloudMap', 'L-0FE3F50E', 'Namespaces per Region', 50),
    Quota('acm', 'L-F141DD1D', 'ACM certificates', 2500),
    Quota('application-autoscaling', 'L-782A3EE2', 'Scalable targets for Amazon ECS', 3000),
    Quota('autoscaling', 'L-CDE20ADC', 'Auto Scaling groups per region', 500),
    Quota('backup', 'L-514878B6', 'Recovery points per backup vault', 1_000_000, adjustable=False),
    Quota('backup', 'L-7705D2CB', 'Backup vaults per Region per account', 300, adjustable=False),
    Quota('backup', 'L-BD69F607', 'Backup plans per Region per account', 300, adjustable=False),
    Quota('cloudformation', 'L-0485CB21', 'Stack count', 2000),
    Quota('ebs', 'L-7A658B76', 'Storage for General Purpose SSD (gp3) volumes, in TiB', 50),
    Quota('ec2', 'L-0263D0A3', 'EC2-VPC Elastic IPs', 5),
    Quota(
        'ec2',
        'L-1216C47A',
        'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
        5,
        usage=('EC2', 'Standard/OnDemand'),
    ),
    Quota('ecs', 'L-21C621EB', 'Clusters per account', 10_000),
    Quota('ecs', 'L-92E49DE3', 'Tasks per service', 5000),
    Quota('ecs', 'L-9EF96962', 'Services per cluster', 5000),
    Quota('ecs', 'L-A04A77EF', 'Target groups per service', 5, adjustable=False),
    Quota('ecs', 'L-B7718569', 'Tasks in the PROVISIONING state per cluster', 500, adjustable=False),
    Quota('elasticfilesystem', 'L-848C634D', 'File systems per account', 1000),
    Quota('elasticloadbalancing', 'L-53DA6B97', 'Application Load Balancers per Region', 50),
    Quota('elasticloadbalancing', 'L-7EED9B64', 'Rules per Application Load Balancer', 100),
    Quota('elasticloadbalancing', 'L-9365A611', 'Certificates per Application Load Balancer', 25),
    Quota('elasticloadbalancing', 'L-B22855CB', 'Target Groups per Region', 3000),
    Quota('elasticloadbalancing', 'L-B6DF7632', 'Listeners per Application Load Balancer', 50),
    Quota('events', 'L-244521F2', 'Number of rules', 300),
    Quota('fargate', 'L-3032A538', 'Fargate On-Demand vCPU resource count', 6, usage=('Fargate', 'Standard/OnDemand')),
    Quota('fargate', 'L-36FBB829', 'Fargate Spot vCPU resource count', 6, usage=('Fargate', 'Standard/Spot')),
    Quota('iam', 'L-0DA4ABF3', 'Managed policies per role', 10),
    Quota('iam', 'L-6E65F664', 'Instance profiles per account', 1000),
    Quota('iam', 'L-FE177D64', 'Roles per account', 1000),
    Quota('kms', 'L-C2F1777E', 'Customer Master Keys (CMKs)', 100_000),
    Quota('lambda', 'L-9FEE3D26', 'Elastic network interfaces per VPC', 500),
    Quota('lambda', 'L-B99A9384', 'Concurrent executions', 1000),
    Quota('rds', 'L-272F1212', 'Manual DB instance snapshots', 100),
    Quota('rds', 'L-48C6BF61', 'DB subnet groups', 50),
    Quota('rds', 'L-7ADDB58A', 'Total storage for all DB instances', 100_000, unit='Gigabytes'),
    Quota('rds', 'L-7B6409FD', 'DB instances', 40),
    Quota('rds', 'L-DE55804A', 'Parameter groups', 50),
    Quota('route53', 'L-4EA4796A', 'Hosted zones', 500),
    Quota('route53', 'L-E209CC9F', 'Resource record sets per hosted zone', 10_000),
    Quota('s3', 'L-DC2B2D3D', 'General purpose buckets', 10_000),
    Quota('secretsmanager', 'L-2F66C23C', 'Secrets in each Region', 500_000),
    Quota('vpc', 'L-0EA8095F', 'Inbound or outbound rules per security group', 60),
    Quota('vpc', 'L-1B52E74A', 'Gateway VPC endpoints per Region', 20),
    Quota('vpc', 'L-29B6F2EB', 'Interface VPC endpoints per VPC', 50),
    Quota('vpc', 'L-2AEEBF1A', 'Rules per network ACL', 20),
    Quota('vpc', 'L-2AFB9258', 'Security groups per network interface', 5),
    Quota('vpc', 'L-407747CB', 'Subnets per VPC', 200),
    Quota('vpc', 'L-589F43AA', 'Route tables per VPC', 200),
    Quota('vpc', 'L-A4707A72', 'Internet gateways per Region', 5),
    Quota('vpc', 'L-B4A6D682', 'Network ACLs per VPC', 200),
    Quota('vpc', 'L-DF5E4CA3', 'Network interfaces per Region', 5000),
    Quota('vpc', 'L-E79EC296', 'VPC security groups per Region', 2500),
    Quota('vpc', 'L-F678F1CE', 'VPCs per Region', 5),
    Quota('vpc', 'L-FE5A380F', 'NAT gateways per Availability Zone', 5),
)

BY_CODE = {(one.service, one.code): one for one in QUOTAS}
