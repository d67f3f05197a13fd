"""How a CloudFormation resource type is added to ministack.

ministack keeps the types in three tables: the handlers, the properties whose change replaces the resource, and the
property that carries the stack's tags. ``add`` fills all three, so that change sets, updates and tags behave for our
types as they do for ministack's own.
"""

from collections.abc import Callable

from ministack.services.cloudformation import provisioners

Attributes = dict
Created = tuple[str, Attributes]


class ResourceError(ValueError):
    """The service refused; its text becomes the reason of the stack event."""


def add(
    type_name: str,
    create: Callable[[str, dict, str], Created],
    delete: Callable[[str, dict], None],
    update: Callable[[str, dict, dict, str, str], Created] | None = None,
    replaces: tuple[str, ...] = (),
    tags: tuple[str, str] | None = None,
) -> None:
    """Register ``type_name``.

    ``create(logical_id, properties, stack_name)`` returns the physical id and the attributes of ``!GetAtt``;
    ``update(physical_id, old, new, stack_name, logical_id)`` the same; ``replaces`` names the create-only properties
    of the type's reference page; ``tags`` is the tag property and its shape (``list`` or ``map``).
    """
    handler = {'create': create, 'delete': delete}
    if update is not None:
        handler['update'] = update
        handler['update_with_logical_id'] = True
    provisioners._RESOURCE_HANDLERS[type_name] = handler
    provisioners._REPLACING_PROPERTIES[type_name] = replaces
    if tags:
        provisioners._STACK_TAG_PROPERTY[type_name] = tags


def wrap_attributes(type_name: str, more: Callable[[str, dict], Attributes]) -> None:
    """Add documented ``!GetAtt`` attributes to a type ministack has: ``more(physical_id, properties)``."""
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    create, update = handler['create'], handler.get('update')

    def created(logical_id, properties, stack_name):
        physical_id, attributes = create(logical_id, properties, stack_name)
        return physical_id, {**attributes, **more(physical_id, properties)}

    def updated(physical_id, old, new, stack_name, *rest):
        new_id, attributes = update(physical_id, old, new, stack_name, *rest)
        return new_id, {**attributes, **more(new_id, new)}

    provisioners._RESOURCE_HANDLERS[type_name] = {
        **handler,
        'create': created,
        **({'update': updated} if update else {}),
    }


def truth(value) -> bool:
    """A template's boolean, which YAML or a parameter may carry as text."""
    return str(value).lower() == 'true'


def tag_list(properties: dict, name: str = 'Tags') -> list[dict]:
    """The tags of a resource as ``[{Key, Value}]``."""
    tags = properties.get(name) or []
    if isinstance(tags, dict):
        return [{'Key': str(key), 'Value': str(value)} for key, value in tags.items()]
    return [{'Key': str(tag['Key']), 'Value': str(tag.get('Value', ''))} for tag in tags]
