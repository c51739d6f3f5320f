"""Options and surroundings of the test run."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from devopslint.cache import VARIABLE
from devopslint.catalogue import catalogue

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # a busy machine is no fault of the code

catalogue()  # compiled before the first program that a test starts, which would compile it in the middle of a run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-stories", action="store_true", help="write fixtures/*/expected.txt anew; read the diff")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for kept reports that no other test and no user shares."""
    folder = tmp_path.parent / f"{tmp_path.name}-cache"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder
