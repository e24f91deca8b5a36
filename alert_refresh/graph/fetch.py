"""The fetch of one alert or all: it reads every page of alerts and incidents, and keeps the incidents that fit."""

from asyncio import sleep
from collections.abc import Sequence
from time import monotonic
from typing import Any, NamedTuple, cast

from alert_refresh.graph import urls
from alert_refresh.graph.calls import make_observation, observe, resolve_alert_id
from alert_refresh.graph.client import Answer, GraphClient
from alert_refresh.graph.errors import AnswerUnreadable, GraphBusy, UntrustedUrl
from alert_refresh.run.observations import (
    INCIDENTS,
    FetchRequest,
    IncidentsCut,
    Observation,
    count_incidents,
    fit_incidents,
    list_incidents,
    measure,
)
from alert_refresh.settings import settings

NEXT_LINK = f"{INCIDENTS}@odata.nextLink"
MOST_PAGES = 200
MOST_SECONDS = 60.0
"""Of one fetch. A page may take one minute more. The shortest plans of Azure Functions end an activity after five."""


async def fetch(request: FetchRequest) -> Observation:
    """GET the alert, or all alerts, with the incidents that fit, and return `alert`, `alerts` or a fault.

    https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-get?view=graph-rest-beta
    https://learn.microsoft.com/graph/api/rolemanagementalert-list-alerts?view=graph-rest-beta
    """
    return await observe(
        "alerts" if request.get("allAlerts") else "alert", lambda client: _Fetch(client, request).read()
    )


class _Gathered(NamedTuple):
    items: list[dict[str, Any]]
    complete: bool


class _Fetch:
    def __init__(self, client: GraphClient, request: FetchRequest) -> None:
        self._client, self._request = client, request
        self._base_url = settings().graph_base_url
        self._until = monotonic() + MOST_SECONDS
        self._pages = 0
        self._last: Answer | None = None

    async def read(self) -> Observation:
        request = self._request
        alert_id = None
        if "alertId" in request:
            alert_id = await resolve_alert_id(self._client, request["alertId"])
        elif "resourceLocation" in request:
            alert_id = urls.parse_alert_url(self._base_url, request["resourceLocation"])
        if alert_id is None:
            url = urls.make_alerts_url(self._base_url, request["select"], request["expand"])
            alerts, complete = await self._gather(url, url, [])
            if not complete:
                raise AnswerUnreadable(
                    f"the list of alerts does not end within {MOST_PAGES} pages and {MOST_SECONDS:g} seconds"
                )
        else:
            url = urls.make_alert_url(self._base_url, alert_id, request["select"], request["expand"])
            alerts = [(await self._get(url)).body]
        ids = [each_id if isinstance(each_id := alert.get("id"), str) else alert_id or "" for alert in alerts]
        found = [await self._complete(*each) for each in zip(alerts, ids, strict=True)]
        whole = [_put(alert, each.items) for alert, each in zip(alerts, found, strict=True)]
        kept: list[dict[str, Any]] = []
        cut: list[IncidentsCut] = []
        for alert, each_id, each, count in zip(whole, ids, found, fit_incidents(whole, request["limit"]), strict=True):
            kept.append(_put(alert, each.items[:count]))
            if count < len(each.items) or not each.complete:
                url = urls.make_incidents_url(self._base_url, each_id)
                cut.append({"alertId": each_id, "returned": count, "count": count_incidents(alert), "url": url})
        observation = make_observation("alerts" if alert_id is None else "alert", cast("Answer", self._last))
        return {**observation, "alerts": kept, "incidentsCut": cut}

    async def _complete(self, alert: dict[str, Any], alert_id: str) -> _Gathered:
        """Return all incidents of `alert`, also those that Graph left out of its answer."""
        known, link = list_incidents(alert), alert.get(NEXT_LINK)
        # Graph may cut an expansion, even without a link to the rest.
        if known is None or not (link or (count_incidents(alert) or 0) > len(known)):
            return _Gathered(known or [], complete=True)
        if not urls.is_segment(alert_id):
            return _Gathered(known, complete=False)
        first = urls.make_incidents_url(self._base_url, alert_id)
        # Without a link nobody knows which ones are missing, so the fetch begins with the first.
        start = _check_link(first, str(link)) if link else first
        found = await self._gather(first, start, known if link else [], self._request["limit"])
        return found if len(found.items) >= len(known) else _Gathered(known, found.complete)

    async def _gather(
        self, collection_url: str, start: str, known: Sequence[dict[str, Any]], limit: int | None = None
    ) -> _Gathered:
        """Return `known` and the items of all pages from `start` on. It stops early at more than `limit` bytes."""
        items, url, seen = list(known), cast("str | None", start), set[str]()
        size = measure(items)
        while url is not None and url not in seen:
            over = self._pages >= MOST_PAGES or monotonic() >= self._until
            if over or (limit is not None and size > limit):
                return _Gathered(items, complete=False)
            seen.add(url)
            page, url = _parse_page(collection_url, await self._get(url))
            items += page
            size += measure(page) if limit is not None else 0
        return _Gathered(items, complete=True)

    async def _get(self, url: str) -> Answer:
        last = self._last
        if last is not None and last.retry_after:
            if monotonic() + last.retry_after > self._until:
                raise GraphBusy(
                    f"Graph asked to wait {last.retry_after:g} s before the next page; one fetch takes "
                    f"{MOST_SECONDS:g} s at most",
                    last.retry_after,
                    last.client_request_id,
                )
            await sleep(last.retry_after)
        self._pages += 1
        self._last = await self._client.send("GET", url)
        return self._last


def _put(alert: dict[str, Any], incidents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return `alert` with `incidents`, as if Graph had sent them all; unchanged when they were not expanded."""
    others = {name: value for name, value in alert.items() if name != NEXT_LINK}
    return alert if list_incidents(alert) is None else {**others, INCIDENTS: list(incidents)}


def _parse_page(collection_url: str, answer: Answer) -> tuple[list[dict[str, Any]], str | None]:
    """Return the items of a page and the URL of the next one."""
    items, link = answer.body.get("value"), answer.body.get("@odata.nextLink")
    if not isinstance(items, list):
        raise AnswerUnreadable("the answer is not a page of a list")
    if not isinstance(link, str | None):
        raise AnswerUnreadable("the @odata.nextLink of the page is not a string")
    objects = [item for item in items if isinstance(item, dict)]
    return objects, _check_link(collection_url, link) if link else None


def _check_link(collection_url: str, link: str) -> str:
    try:
        return urls.check_next_link(collection_url, link)
    except UntrustedUrl as error:
        raise UntrustedUrl(f"an @odata.nextLink is not followed: {error}") from error
