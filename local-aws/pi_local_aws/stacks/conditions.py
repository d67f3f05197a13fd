"""Change sets that know which resources exist: one whose condition is false is not there, before or after.

ministack compares the two templates as they are written, so a resource that a condition switches on shows as a
replacement of something that never was, and one that is off on both sides shows as changed.
"""

from ministack.services.cloudformation import changesets, engine

_resolve = changesets._resolve_props_for_diff


def _existing(template, params, stack_name, stack_id):
    resolved = _resolve(template, params, stack_name, stack_id)
    if not resolved:
        return resolved
    conditions = engine._evaluate_conditions(template, params)
    resources = {
        logical_id: resource
        for logical_id, resource in resolved['Resources'].items()
        if 'Condition' not in resource or conditions.get(resource['Condition'], False)
    }
    return {**resolved, 'Resources': resources}


def install() -> None:
    changesets._resolve_props_for_diff = _existing
