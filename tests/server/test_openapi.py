"""The description of the routes is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from parts.home_run import HomeRun

import jupyter_ext.server
from jupyter_ext.runtime.inside.jupyter_aml_run.events import STATUSES
from jupyter_ext.server.routes import ROUTES

if TYPE_CHECKING:
    from parts.jupyter_server import JupyterServer

_TOLD = yaml.safe_load((Path(jupyter_ext.server.__file__).parent / "openapi.yaml").read_text())
_METHODS = {"get", "post", "put", "patch", "delete"}


def _resolved(schema: Any) -> Any:
    """Make a schema of OpenAPI 3.0 one of JSON Schema, without references."""
    if isinstance(schema, list):
        return [_resolved(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        _, _, kind, name = schema["$ref"].split("/")
        return _resolved(_TOLD["components"][kind][name])
    made = {key: _resolved(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def test_it_tells_of_every_route_and_of_no_other() -> None:
    assert sorted(_TOLD["paths"]) == sorted(ROUTES)


@pytest.mark.parametrize("address", ROUTES)
def test_it_tells_the_methods_and_the_names_in_the_address(address: str) -> None:
    told = _TOLD["paths"][address]
    assert set(told) & _METHODS == set(vars(ROUTES[address])) & _METHODS
    names = [_resolved(one)["name"] for one in told.get("parameters", [])]
    assert names == re.findall(r"{(\w+)}", address)


def test_it_knows_every_state() -> None:
    assert tuple(_TOLD["components"]["schemas"]["Status"]["enum"]) == STATUSES


@pytest.mark.parametrize(
    ("address", "method"),
    [(address, method) for address, told in _TOLD["paths"].items() for method in told if method in _METHODS],
)
def test_answers_are_as_it_says(server: JupyterServer, ended: HomeRun, address: str, method: str) -> None:
    run_id, compute = ended.live.id, "cluster"
    if address.endswith("/runs/{run}") and method == "delete":
        run = HomeRun(server.home, "passing_1")
        run.end()
        run_id = run.live.id
    if address.endswith("/computes/{compute}") and method == "delete":
        compute = "passing"
        server.ask("/workspaces/default/computes", "POST", body={"name": compute, "nodes": 1})
    path = address.replace("{workspace}", "default").replace("{run}", run_id)
    path = path.replace("{name}", "outputs/model.pt").replace("{environment}", "birds").replace("{version}", "1")
    path = path.replace("{compute}", compute).replace("{model}", "pt-dnn")
    if path == "/events":
        return  # test_events has them
    answer = server.ask(path, method.upper())
    told = _resolved(_TOLD["paths"][address][method]["responses"])
    assert str(answer.status) in told
    content = told[str(answer.status)].get("content", {})
    if "application/json" in content:
        jsonschema.validate(answer.json(), content["application/json"]["schema"])
    else:
        assert answer.headers["Content-Type"] in content


def test_every_route_says_that_it_refuses() -> None:
    for told in _TOLD["paths"].values():
        for method in set(told) & _METHODS:
            assert "403" in told[method]["responses"]
