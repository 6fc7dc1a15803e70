"""Which pages there are, in the order of the list on the left. One line a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from station.service.client import Role, ServiceClient
from station.ui.engineer.page import EngineerPage
from station.ui.texts import Texts

Factory = Callable[[ServiceClient, Texts], EngineerPage]


@dataclass(frozen=True)
class PageInfo:
    """``factory`` is called when the page is opened first."""

    key: str
    factory: Factory
    needs: Role = "engineer"


def later(module: str, name: str) -> Factory:
    """A page whose module is imported when it is opened: the window starts quicker."""

    def make(client: ServiceClient, texts: Texts) -> EngineerPage:
        page: EngineerPage = getattr(import_module(f"station.ui.engineer.{module}"), name)(client, texts)
        return page

    return make


PAGES: Final[list[PageInfo]] = [
    PageInfo("history", later("history.page", "HistoryPage")),
    PageInfo("compare", later("compare.page", "ComparePage")),
    PageInfo("statistics", later("statistics.page", "StatisticsPage")),
    PageInfo("identity", later("identity.page", "IdentityPage")),
    PageInfo("trace", later("trace.page", "TracePage")),
    PageInfo("profiles", later("profiles_page", "ProfilesPage")),
    PageInfo("setup", later("setup_page", "SetupPage")),
    PageInfo("calibration", later("calibration_page", "CalibrationPage")),
    PageInfo("rules", later("rules_page", "RulesPage")),
    PageInfo("models", later("models_page", "ModelsPage")),
    PageInfo("alarms", later("alarms_page", "AlarmsPage")),
    PageInfo("events", later("events", "EventsPage")),
    PageInfo("users", later("users", "UsersPage"), needs="admin"),
    PageInfo("training", later("training", "TrainingPage"), needs="operator"),
]
