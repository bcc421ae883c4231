"""The Nodes tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_nodes_show_each_gpu_with_the_value_under_the_pointer(page: Page, mount: Mount) -> None:
    view = mount("gpus", tab="nodes")
    expect(view.get_by_role("region", name="gpu-node-1").locator(".aml-device-row")).to_have_count(3)
    expect(view.get_by_role("region", name="gpu-node-1").locator(".aml-host")).to_have_text("Node 0, gpu-node-1")
    gpu = view.get_by_role("region", name="gpu-node-1").locator(".aml-device-row").nth(1)
    expect(gpu).to_contain_text("NVIDIA H100 80GB HBM3")
    expect(gpu).to_contain_text("61.0 / 80.0 GB")
    node = view.get_by_role("region", name="gpu-node-1").locator(".aml-device-row").first
    expect(node).to_contain_text("Node CPU")  # of the machine, whoever uses it
    expect(node).to_contain_text("Node memory")
    expect(gpu.get_by_role("meter", name="Use, GPU 0")).to_have_attribute("aria-valuemax", "100")
    gpu.locator("canvas").nth(1).hover(position={"x": 2, "y": 10})
    expect(gpu).not_to_contain_text("61.0 / 80.0 GB")
    page.mouse.move(0, 0)
    expect(gpu).to_contain_text("61.0 / 80.0 GB")


def test_a_gpus_clock_and_processes_are_told(mount: Mount) -> None:
    view = mount("gpus", tab="nodes")
    rows = view.get_by_role("region", name="gpu-node-2").locator(".aml-device-row")
    expect(rows.nth(1).locator(".aml-meter")).to_have_count(5)
    expect(rows.nth(1)).to_contain_text("GHz")
    expect(rows.nth(1).locator(".aml-gpu-processes")).to_have_text("rank 2: python (4102) 60.0 GB")
    expect(rows.nth(2).locator(".aml-gpu-processes")).to_contain_text("· 1 process of others")


def test_gpus_that_do_nothing_and_a_place_in_line_are_told_under_the_phases(mount: Mount) -> None:
    idle = "source.set('run', { ...source.get('run'), gpus_idle: source.get('run').now - 754 });"
    expect(mount("gpus", before=idle).locator(".aml-reason")).to_contain_text("Its GPUs have done nothing for 12 m")
    expect(mount("queued").locator(".aml-reason").last).to_contain_text("3rd in line for gpu-cluster")


def test_no_gpu_is_said_plainly(mount: Mount) -> None:
    view = mount("running", tab="nodes")
    expect(view.get_by_role("tabpanel")).to_contain_text("No GPU on this node.")
    expect(view.locator(".aml-host")).to_have_text("laptop")  # the only node, so it has no number
