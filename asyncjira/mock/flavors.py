"""From the settings of a mock to the Jira that answers: Data Center or Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from asyncjira.errors import ConfigError
from asyncjira.mock.cloud import Cloud
from asyncjira.mock.cloud_search import CloudSearching
from asyncjira.mock.searching import Searching
from asyncjira.mock.service import Service

if TYPE_CHECKING:
    from asyncjira.mock.settings import Settings
    from asyncjira.mock.stock import Stock

__all__ = ["Flavored", "flavored"]


class Flavored(NamedTuple):
    """What answers requests, and the part of it that answers for issues and has the faults."""

    site: Service | Cloud
    searching: Searching | CloudSearching

    @property
    def cloud(self) -> Cloud:
        """The site, if it is Cloud. Raises ConfigError."""
        if not isinstance(self.site, Cloud):
            raise ConfigError('gateway and points are Cloud\'s: flavor="cloud" makes it one')
        return self.site


def flavored(stock: Stock, settings: Settings) -> Flavored:
    """Return the Jira that these settings describe."""
    if settings.is_cloud:
        cloud = CloudSearching(stock.issues, settings)
        return Flavored(Cloud(cloud, stock.issues, settings), cloud)
    searching = Searching(stock.pages, settings)
    return Flavored(Service(searching, stock.issues, settings), searching)
