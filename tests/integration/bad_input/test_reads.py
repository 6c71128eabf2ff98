"""Reads are accepted with the documented parameters, and change nothing."""

from typing import Any

import pytest

from tests.integration.bad_input.sender import READS, Sender

BY_KEY = {route: {"orderId": "#1001"} for route in READS if route.endswith("by-key")}


@pytest.mark.parametrize("body", [{}, {"body": {}}])
@pytest.mark.parametrize("route", READS)
def test_a_read_is_accepted_with_and_without_an_empty_object(sender: Sender, route: str, body: dict[str, Any]) -> None:
    answer = sender.send(route, query=BY_KEY.get(route), **body)
    assert answer.status < 300, answer.text
