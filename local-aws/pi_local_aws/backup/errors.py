"""Refusals in AWS Backup's words."""

from ministack.services import backup as store


class Refused(Exception):
    """A call is refused with this code and text."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code

    def answer(self) -> tuple:
        return store._err(self.code, str(self), 400)


def not_found(what: str) -> Refused:
    return Refused('ResourceNotFoundException', f'{what} not found.')


def invalid(message: str) -> Refused:
    return Refused('InvalidParameterValueException', message)


def wrong_state(message: str) -> Refused:
    return Refused('InvalidRequestException', message)


def denied(message: str) -> Refused:
    return Refused('AccessDeniedException', message)
