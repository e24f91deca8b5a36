"""What a list shows of a run: the document, less what is large."""

from datetime import UTC, datetime

from domain.custom_status import custom_status
from domain.instance import Instance, UnreadableRun
from domain.run_document import Links, run_document
from domain.run_page import run_summary
from tests.support.graph_samples import RUNNING, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LINKS: Links = {"self": "s", "result": "r", "cancel": "c"}
CALLBACK = "https://prod-1.westeurope.logic.azure.com/workflows/1?sig=secret"


def test_a_summary_is_the_document_without_operation_and_callback() -> None:
    run = asked(NOW, polls=3, operation=RUNNING, callbackUrl=CALLBACK)
    instance = Instance("run-1", "RUNNING", run, custom_status(run), None, NOW)
    summary = run_summary(instance, LINKS)

    assert list(summary) == [
        *("id", "state", "target", "createdAt", "updatedAt", "deadline", "polls", "nextPollAt", "problem", "links")
    ]
    assert summary.items() <= run_document(instance, None, LINKS).items()


def test_a_run_that_cannot_be_read_has_a_summary_with_the_same_members() -> None:
    summary = run_summary(UnreadableRun("run-1", NOW, NOW), LINKS)

    assert list(summary) == list(run_summary(Instance("run-1", "RUNNING", asked(NOW), {}, None, NOW), LINKS))
    assert (summary["id"], summary["state"], summary["links"]) == ("run-1", "unreadable", LINKS)
    assert summary["createdAt"] == summary["updatedAt"] == "2026-01-31T12:00:00.000Z"
