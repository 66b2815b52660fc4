"""What systemd hears of a service with Type=notify, over the socket that NOTIFY_SOCKET names."""

import socket

import pytest

from server import Server

pytestmark = pytest.mark.skipif("config.getoption('--endpoint')",
                                reason="these tests start their own servers")


@pytest.mark.parametrize("abstract", [False, True])
def test_it_says_when_it_is_ready_and_when_it_stops(tmp_path, abstract):
    name = f"@bodega-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0"))
        manager.settimeout(10)
        server = Server(env={"NOTIFY_SOCKET": name}).start()
        assert manager.recv(100) == b"READY=1"
        assert server.stop() == 0
        assert manager.recv(100) == b"STOPPING=1"


def test_a_manager_that_is_gone_is_no_reason_to_stop(tmp_path):
    with Server(env={"NOTIFY_SOCKET": str(tmp_path / "gone")}) as server:
        assert server.stop() == 0
        assert "the service manager" in server.stderr()
