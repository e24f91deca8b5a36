"""A Logic App: executes the definitions in infra/logic-apps with exactly the HTTP behaviour of the real one."""

from tests.support.logic_app.definition import load_definition
from tests.support.logic_app.requests import Sleep
from tests.support.logic_app.results import ActionResult, WorkflowRun
from tests.support.logic_app.workflow import LogicApp

__all__ = ["ActionResult", "LogicApp", "Sleep", "WorkflowRun", "load_definition"]
