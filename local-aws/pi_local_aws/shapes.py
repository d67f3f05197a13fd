"""CloudFormation's spelling of a structure into the API's, by the service's own model in botocore.

``EFSVolumeConfiguration`` is ``efsVolumeConfiguration`` on the wire, while the keys of a map such as log options stay
as they are; and YAML or a parameter may carry a number or a boolean as text. The model knows all of that.
"""

from functools import lru_cache

from botocore.loaders import Loader
from botocore.model import ServiceModel


@lru_cache(maxsize=None)
def model(service: str) -> ServiceModel:
    """The API model of a service, as the AWS SDK ships it."""
    return ServiceModel(Loader().load_service_model(service, 'service-2'))


def request(service: str, action: str, properties: dict) -> dict:
    """``properties`` as the input of ``action``; what the action does not know is left out."""
    return convert(model(service).operation_model(action).input_shape, properties)


def convert(shape, value):
    """One value in the spelling and the type of ``shape``."""
    if value is None:
        return None
    if shape.type_name == 'structure' and isinstance(value, dict):
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        known = ((members[key.lower()], one) for key, one in value.items() if key.lower() in members)
        return {name: convert(member, one) for (name, member), one in known}
    if shape.type_name == 'list':
        return [convert(shape.member, one) for one in (value if isinstance(value, list) else [value])]
    if shape.type_name == 'map' and isinstance(value, dict):
        return {key: convert(shape.value, one) for key, one in value.items()}
    if shape.type_name == 'boolean':
        return str(value).lower() == 'true'
    if shape.type_name in ('integer', 'long'):
        return int(value)
    if shape.type_name in ('double', 'float'):
        return float(value)
    if shape.type_name == 'string' and not isinstance(value, (dict, list)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
