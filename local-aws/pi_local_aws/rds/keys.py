"""Whether RDS and AWS Backup can use a key: it exists in this region and is enabled."""

from ministack.core.responses import get_account_id, get_region
from ministack.services import kms


def why_not(key: str, must_exist: bool = False) -> str:
    """Why a key cannot be used; empty if it can. A key this account does not know may be somebody else's."""
    if not key or 'alias/aws/' in key:
        return ''
    if key.startswith('arn:') and key.split(':')[3] != get_region():
        return f'The key {key} is not in the region {get_region()}.'
    name = key.rsplit('/', 1)[-1]
    if 'alias/' in key:
        name = (
            (kms._aliases.get(key) or kms._aliases.get(f'alias/{name}')) if hasattr(kms, '_aliases') else None
        ) or name
    found = kms._keys.get(name) if isinstance(name, str) else None
    if found is None:
        mine = not key.startswith('arn:') or key.split(':')[4] == get_account_id()
        return f'The key {key} does not exist.' if must_exist and mine else ''
    state = found.get('KeyState', 'Enabled')
    return '' if state == 'Enabled' else f'The key {key} is {state}.'
