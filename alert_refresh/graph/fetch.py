"""The fetch of one alert or all: it reads every page of alerts and incidents, and keeps the incidents that fit."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, cast

from alert_refresh.graph.calls import make_observation, observe, resolve_alert_id
from alert_refresh.graph.client import Answer, GraphClient
from alert_refresh.graph.errors import AnswerUnreadable, GraphBusy, UntrustedUrl
from alert_refresh.graph.urls import (
    check_next_link,
    is_segment,
    make_alert_url,
    make_alerts_url,
    make_incidents_url,
    parse_alert_url,
)
from alert_refresh.run.observations import (
    FetchRequest,
    IncidentsCut,
    Observation,
    are_missing,
    count_incidents,
    find_next_link,
    fit_incidents,
    list_incidents,
    measure,
    replace_incidents,
)
from alert_refresh.settings import settings

MOST_PAGES = 200
MOST_SECONDS = 60.0
"""Of one fetch. A page may take one minute more. The shortest plans of Azure Functions end an activity after five."""


async def fetch(
    request: FetchRequest,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Observation:
    """GET the alert, or all alerts, with the incidents that fit, and return `alert`, `alerts` or a fault.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-get?view=graph-rest-beta
    https://learn.microsoft.com/graph/api/rolemanagementalert-list-alerts?view=graph-rest-beta
    """

    async def read(client: GraphClient) -> Observation:
        return await _Fetch(client, request, clock, sleep).read()

    return await observe("alerts" if request.get("allAlerts") else "alert", read)


class _Page(NamedTuple):
    items: list[dict[str, Any]]
    next_url: str | None


class _Gathered(NamedTuple):
    items: list[dict[str, Any]]
    complete: bool


class _Fetch:
    def __init__(
        self,
        client: GraphClient,
        request: FetchRequest,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._client, self._request = client, request
        self._clock, self._sleep = clock, sleep
        self._base_url = settings().graph_base_url
        self._until = clock() + MOST_SECONDS
        self._pages = 0
        self._last: Answer | None = None

    async def read(self) -> Observation:
        request = self._request
        alert_id = None
        if "alertId" in request:
            alert_id = await resolve_alert_id(self._client, request["alertId"])
        elif "resourceLocation" in request:
            alert_id = parse_alert_url(self._base_url, request["resourceLocation"])
        if alert_id is None:
            alerts = await self._list_alerts()
        else:
            url = make_alert_url(self._base_url, alert_id, request["select"], request["expand"])
            alerts = [(await self._get(url)).body]
        ids = [each_id if isinstance(each_id := alert.get("id"), str) else alert_id or "" for alert in alerts]
        found = [await self._complete(*each) for each in zip(alerts, ids, strict=True)]
        whole = [_put(alert, each.items) for alert, each in zip(alerts, found, strict=True)]
        counts = fit_incidents(whole, request["limit"])
        cut: list[IncidentsCut] = [
            {
                "alertId": each_id,
                "returned": count,
                "count": count_incidents(alert),
                "url": make_incidents_url(self._base_url, each_id),
            }
            for alert, each_id, each, count in zip(alerts, ids, found, counts, strict=True)
            if count < len(each.items) or not each.complete
        ]
        return {
            **make_observation("alerts" if alert_id is None else "alert", cast("Answer", self._last)),
            "alerts": [
                _put(alert, each.items[:count]) for alert, each, count in zip(alerts, found, counts, strict=True)
            ],
            "incidentsCut": cut,
        }

    async def _list_alerts(self) -> list[dict[str, Any]]:
        url = make_alerts_url(self._base_url, self._request["select"], self._request["expand"])
        alerts = await self._gather(url, url, [])
        if not alerts.complete:
            raise AnswerUnreadable(
                f"the list of alerts does not end within {MOST_PAGES} pages and {MOST_SECONDS:g} seconds"
            )
        return alerts.items

    async def _complete(self, alert: dict[str, Any], alert_id: str) -> _Gathered:
        """Return all incidents of `alert`, also those that Graph left out of its answer."""
        known = list_incidents(alert) or []
        if not are_missing(alert):
            return _Gathered(known, complete=True)
        if not is_segment(alert_id):
            return _Gathered(known, complete=False)
        first, link = make_incidents_url(self._base_url, alert_id), find_next_link(alert)
        # Without a link nobody knows which ones are missing, so the fetch begins with the first.
        start = _check_link(first, link) if link else first
        found = await self._gather(first, start, known if link else [], self._request["limit"])
        return found if len(found.items) >= len(known) else _Gathered(known, found.complete)

    async def _gather(
        self, collection_url: str, start: str, known: Sequence[dict[str, Any]], limit: int | None = None
    ) -> _Gathered:
        """Return `known` and the items of all pages from `start` on. It stops early at more than `limit` bytes."""
        items, url, seen = list(known), cast("str | None", start), set[str]()
        size = measure(items)
        while url is not None and url not in seen:
            if self._is_over() or (limit is not None and size > limit):
                return _Gathered(items, complete=False)
            seen.add(url)
            page = _parse_page(collection_url, await self._get(url))
            items += page.items
            size += measure(page.items) if limit is not None else 0
            url = page.next_url
        return _Gathered(items, complete=True)

    def _is_over(self) -> bool:
        return self._pages >= MOST_PAGES or self._clock() >= self._until

    async def _get(self, url: str) -> Answer:
        delay = self._last and self._last.retry_after
        if delay:
            if self._clock() + delay > self._until:
                raise _make_busy(self._last, delay)
            await self._sleep(delay)
        self._pages += 1
        self._last = await self._client.get(url)
        return self._last


def _put(alert: dict[str, Any], incidents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return `alert` with `incidents`; unchanged when its incidents were not expanded."""
    return alert if list_incidents(alert) is None else replace_incidents(alert, incidents)


def _parse_page(collection_url: str, answer: Answer) -> _Page:
    items, link = answer.body.get("value"), answer.body.get("@odata.nextLink")
    if not isinstance(items, list):
        raise AnswerUnreadable("the answer is not a page of a list")
    if not isinstance(link, str | None):
        raise AnswerUnreadable("the @odata.nextLink of the page is not a string")
    objects = [item for item in items if isinstance(item, dict)]
    return _Page(objects, _check_link(collection_url, link) if link else None)


def _check_link(collection_url: str, link: str) -> str:
    try:
        return check_next_link(collection_url, link)
    except UntrustedUrl as error:
        raise UntrustedUrl(f"an @odata.nextLink is not followed: {error}") from error


def _make_busy(last: Answer | None, delay: float) -> GraphBusy:
    busy = GraphBusy(
        f"Graph asked to wait {delay:g} s before the next page; one fetch takes {MOST_SECONDS:g} s at most"
    )
    busy.retry_after, busy.client_request_id = delay, last and last.client_request_id
    return busy
