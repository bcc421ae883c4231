"""MLflow over run directories, beside MLflow on SQLite: logging a point, and reading a million of one metric."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from tests.bench.table import Row

if TYPE_CHECKING:
    from pathlib import Path

_POINTS, _PEERS_POINTS = 5_000, 300
_READ = 1_000_000
_TIMES_FASTER = 20


def measure(place: Path) -> list[Row]:
    from jupyter_ext import Workspace

    logging.disable(logging.INFO)  # SQLite's tables are told one by one
    try:
        workspace = Workspace.create("bench-mlflow", show_output=False)
        ours, theirs = workspace.get_mlflow_tracking_uri(), f"sqlite:///{place}/mlflow.db"
        run_id, call = _log(ours, _POINTS)
        peers_id, peers_call = _log(theirs, _PEERS_POINTS)
        path = workspace.get_run(run_id).paths.metrics
        with path.open("w") as file:
            file.writelines(
                f'{{"n":"loss","v":{i * 0.5},"s":{i},"t":{1763600000 + i * 0.001:.3f}}}\n' for i in range(_READ)
            )
        _insert(theirs, peers_id)
        read, peers_read = _read(ours, run_id), _read(theirs, peers_id)
    finally:
        logging.disable(logging.NOTSET)
    return [
        _row("mlflow.log_metric", call * 1e6, "us", peers_call * 1e6),
        _row("MLflow's client reads 1,000,000 points", read, "s", peers_read),
    ]


def _row(what: str, value: float, unit: str, peer: float) -> Row:
    return Row(
        what, value, unit, "MLflow on SQLite", peer, f"ratio <= 1/{_TIMES_FASTER}", value * _TIMES_FASTER <= peer
    )


def _log(uri: str, points: int) -> tuple[str, float]:
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("bench")
    with mlflow.start_run() as run:
        mlflow.log_metric("warm", 1)
        began = time.perf_counter()
        for step in range(points):
            mlflow.log_metric("loss", step * 0.5, step=step)
        return run.info.run_id, (time.perf_counter() - began) / points


def _insert(uri: str, run_id: str) -> None:
    """Put the points into the peer's database as it keeps them: logging them would take an hour."""
    from sqlalchemy import create_engine, text

    statement = "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('big', :v, :t, :r, :s, 0)"
    rows: list[dict[str, Any]] = [{"v": i * 0.5, "t": 1763600000000 + i, "r": run_id, "s": i} for i in range(_READ)]
    with create_engine(uri).begin() as connection:
        connection.execute(text(statement), rows)


def _read(uri: str, run_id: str) -> float:
    import mlflow

    name = "big" if uri.startswith("sqlite") else "loss"
    client = mlflow.MlflowClient(uri)
    began = time.perf_counter()
    assert len(client.get_metric_history(run_id, name)) == _READ
    return time.perf_counter() - began
