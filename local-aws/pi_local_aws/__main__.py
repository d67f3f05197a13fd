"""Start the embedded AWS: ``python -m pi_local_aws --port N --state-dir DIR``."""

import argparse
import os
import sys
from pathlib import Path

from . import settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='pi_local_aws', description='The embedded AWS of pi-aws.')
    parser.add_argument('--port', type=int, required=True, help='port on 127.0.0.1')
    parser.add_argument('--state-dir', type=Path, required=True, help='folder for records, objects and file systems')
    parser.add_argument('--region', default='eu-west-1', help='region for what names none (default: %(default)s)')
    parser.add_argument('--instance-id', default='', help='returned by /_pi/health, to recognise this process')
    parser.add_argument(
        '--pace', type=float, default=0.0, help='0 = instant, 1 = as slow as AWS (default: %(default)s)'
    )
    arguments = parser.parse_args()
    if not 1 <= arguments.port <= 65535:
        parser.error('--port must be 1 to 65535')
    if arguments.pace < 0:
        parser.error('--pace must be 0 or more')
    return arguments


def _own(state_dir: Path) -> bool:
    """Take the state folder for this process; two processes would overwrite each other's state."""
    try:
        import fcntl
    except ImportError:
        return True  # no such lock on Windows
    global _lock
    _lock = open(state_dir / 'server.lock', 'w', encoding='ascii')
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


_lock = None


def main() -> int:
    arguments = _arguments()
    settings.apply(
        settings.Settings(
            port=arguments.port,
            state_dir=arguments.state_dir.resolve(),
            region=arguments.region,
            instance_id=arguments.instance_id,
            pace=arguments.pace,
            node=os.environ.get('PI_AWS_NODE', ''),
        )
    )
    if not _own(settings.current().state_dir):
        print(f'pi_local_aws: {arguments.state_dir} is in use by another embedded AWS', file=sys.stderr)
        return 1
    # Only now: ministack reads the environment while it is imported.
    from . import server

    try:
        server.run()
    except OSError as error:
        print(f'pi_local_aws: cannot listen on {settings.LOOPBACK}:{arguments.port}: {error.strerror}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
