"""A worker is killed in the middle of 300 deliveries: after a restart all have arrived, and none is wrong."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.grades.processes import FIRST, PUPILS, Scene, database, free_port, kill, running, service, wait_until


@pytest.mark.parametrize(
    ("kind", "broker"),
    [("sqlite", "memory://"), ("postgresql", "LTI_TOOL_TEST_REDIS"), ("postgresql", "LTI_TOOL_TEST_AMQP")],
    ids=["embedded", "redis", "rabbitmq"],
)
def test_killed_in_the_middle_all_300_arrive(kind: str, broker: str, tmp_path: Path) -> None:
    address = broker if "://" in broker else service(broker)
    sandbox = [sys.executable, "-m", "lti_tool.sandbox", "--school", "b", "--people", str(PUPILS)]
    with database(kind, tmp_path) as url:
        scene = Scene(tmp_path, url, address)
        with running([*sandbox, "--port", str(scene.school_port)], scene.env, tmp_path / "school.log"):
            scene.prepare()
            scene.record_all()
            with scene.tool() as processes:
                wait_until(lambda: scene.delivered() >= 40, "40 delivered")
                for process in processes:
                    kill(process)
            before = scene.delivered()
            assert before < PUPILS, "killed too late to prove anything"
            with scene.tool():
                wait_until(lambda: scene.delivered() == PUPILS, "all delivered")
            assert scene.arrived()
        scene.close()


def test_a_broker_that_is_gone_for_a_while_loses_nothing(tmp_path: Path) -> None:
    program = shutil.which("redis-server")
    if program is None:
        assert not os.environ.get("CI"), "CI needs redis-server"
        pytest.skip("there is no redis-server")
    port = free_port()
    redis = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    sandbox = [sys.executable, "-m", "lti_tool.sandbox", "--school", "b", "--people", str(PUPILS)]
    with database("postgresql", tmp_path) as url:
        scene = Scene(tmp_path, url, f"redis://127.0.0.1:{port}/0")
        half = FIRST + PUPILS // 2
        with running([*sandbox, "--port", str(scene.school_port)], scene.env, tmp_path / "school.log"):
            scene.prepare()
            with running(redis, scene.env, tmp_path / "redis.log"), scene.tool():
                scene.record_all(range(FIRST, half))
                wait_until(lambda: scene.delivered() >= 40, "40 delivered")
            with scene.tool():  # started without a broker
                scene.record_all(range(half, FIRST + PUPILS))
                with running(redis, scene.env, tmp_path / "redis.log") as broker:
                    wait_until(lambda: scene.delivered() >= PUPILS // 2, "half delivered")
                    kill(broker)
                with running(redis, scene.env, tmp_path / "redis.log"):
                    wait_until(lambda: scene.delivered() == PUPILS, "all delivered")
            assert scene.arrived()
        scene.close()
