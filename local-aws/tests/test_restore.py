"""Services after a restart: their tasks are looked at when all that these need is loaded."""

import pytest

from pi_local_aws.ecs import restore


@pytest.fixture
def begun(monkeypatch):
    """ECS as the server installs it, and how often its services were looked at after a restart."""
    from ministack.services import ecs as store

    told = []
    for name in ('load_persisted_state', '_start_restored_service_reconciler'):
        monkeypatch.setattr(store, name, getattr(store, name))
    monkeypatch.setattr(store, '_reconcile_restored_services', lambda: None)
    monkeypatch.setattr(store, '_start_restored_service_reconciler', lambda: told.append('by ministack'))
    monkeypatch.setattr(restore, '_reconcile', lambda: told.append('by us'))
    restore.install()
    yield store, told
    store.reset()


def test_tasks_are_not_started_before_secrets_and_file_systems_are_loaded(begun):
    store, told = begun
    store.load_persisted_state({'services': {'one/dashboard': {'status': 'ACTIVE', 'serviceName': 'dashboard'}}})
    assert told == []
    restore.resume()
    restore.resume()
    assert told == ['by us']


def test_without_a_service_nothing_is_looked_at(begun):
    store, told = begun
    store.load_persisted_state({})
    restore.resume()
    assert told == []
