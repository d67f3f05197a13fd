"""AWS::Backup::BackupSelection."""

from ministack.services import backup as store

from .. import shapes
from ..registry import add
from ..services import answer


def create(logical_id, properties, stack_name):
    plan_id = properties['BackupPlanId']
    # The template nests Conditions in its own spelling, which is the API's but for the case of keys.
    selection = shapes.request('backup', 'CreateBackupSelection', {'BackupSelection': properties['BackupSelection']})
    made = answer(store._create_selection(plan_id, selection), 'AWS::Backup::BackupSelection')
    selection_id = made['SelectionId']
    return f'{selection_id}_{plan_id}', {
        'Id': f'{selection_id}_{plan_id}',
        'BackupPlanId': plan_id,
        'SelectionId': selection_id,
    }


def delete(physical_id, properties):
    selection_id, _, plan_id = physical_id.partition('_')
    store._delete_selection(plan_id, selection_id)


def register():
    add('AWS::Backup::BackupSelection', create, delete, replaces=('BackupPlanId', 'BackupSelection'))
