"""What the operator asked for on the command line, and how ministack is told about it.

ministack reads its configuration from the environment while it is imported, so ``apply`` must run before
anything of ministack is imported.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = '000000000000'
LOOPBACK = '127.0.0.1'


def key_of(account_id: str) -> str:
    """The access key id that signs for an account: twelve digits are an account, any other key is that of the usual one."""
    return 'local' if account_id == ACCOUNT_ID else account_id


@dataclass(frozen=True)
class Settings:
    """One embedded AWS: where it listens, where it keeps its state and how fast it is."""

    port: int
    state_dir: Path
    region: str
    instance_id: str
    pace: float
    node: str = ''

    @property
    def endpoint(self) -> str:
        return f'http://{LOOPBACK}:{self.port}'

    @property
    def efs_dir(self) -> Path:
        return self.state_dir / 'efs'

    @property
    def records_dir(self) -> Path:
        return self.state_dir / 'records'


_current: Settings | None = None


def current() -> Settings:
    """The settings of this process; it is a mistake to ask before ``apply``."""
    if _current is None:
        raise RuntimeError('settings.apply has not run')
    return _current


def apply(settings: Settings) -> None:
    """Make ``settings`` the process's own and translate them into ministack's environment variables."""
    global _current
    _current = settings
    for folder in (settings.state_dir, settings.efs_dir, settings.records_dir):
        folder.mkdir(parents=True, exist_ok=True)
    _forget_operator_credentials()
    os.environ.update(
        {
            'GATEWAY_PORT': str(settings.port),
            'BIND_HOST': LOOPBACK,
            'MINISTACK_HOST': 'localhost',
            'MINISTACK_REGION': settings.region,
            'MINISTACK_ACCOUNT_ID': ACCOUNT_ID,
            'AWS_REGION': settings.region,
            'AWS_DEFAULT_REGION': settings.region,
            'PERSIST_STATE': '1',
            'STATE_DIR': str(settings.records_dir),
            'S3_PERSIST': '1',
            'S3_DATA_DIR': str(settings.state_dir / 's3'),
            # Both of these listeners bind every interface, whatever BIND_HOST says.
            'IOT_MTLS_ENABLED': '0',
            'SFTP_ENABLED': '0',
            'SFTP_HOST': LOOPBACK,
            # Containers are never used: what runs, runs as a local process. A socket that does not exist also keeps
            # ministack from removing containers of other ministacks at its start and end.
            'DOCKER_HOST': f'unix://{settings.state_dir / "no-docker.sock"}',
            'ECS_RESTORE_RECONCILE_DELAY_SECONDS': '0',
            'MINISTACK_TEST_NO_AUTOSTART': os.environ.get('MINISTACK_TEST_NO_AUTOSTART', ''),
            'LOG_LEVEL': os.environ.get('LOG_LEVEL', 'WARNING'),
        }
    )


def _forget_operator_credentials() -> None:
    """Functions and tasks inherit this process's environment: nothing of the operator's AWS set-up may be in it."""
    for name in list(os.environ):
        if name.startswith('AWS_') or name in ('AUTH', 'SERVICES', 'USE_SSL', 'EDGE_PORT', 'LAMBDA_EXECUTOR'):
            del os.environ[name]
    os.environ['AWS_EC2_METADATA_DISABLED'] = 'true'
    os.environ['AWS_CONFIG_FILE'] = os.devnull
    os.environ['AWS_SHARED_CREDENTIALS_FILE'] = os.devnull
