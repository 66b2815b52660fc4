"""A Redis shown as a cluster: clients that follow it, also while slots move and masters change."""

import shutil
import subprocess
import threading

import pytest
import redis as redis_py
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.crc import key_slot
from redis.retry import Retry

from server import Server, address_of

pytestmark = pytest.mark.skipif("config.getoption('--endpoint') or config.getoption('--redis')",
                                reason="these tests start their own servers")

SHAPE = ("--redis-cluster", "3x1")


def ports_of(server):
    return [address_of(line)[1] for line in server.lines if line.startswith("redis://")]


def connect(server, **options):
    return RedisCluster(*server.redis, decode_responses=True, **options)


def at(port):
    """A client of one node, which follows nothing."""
    return redis_py.Redis(port=port, decode_responses=True, retry=Retry(NoBackoff(), 0))


def keys_in(client):
    return sum(at(node.port).dbsize() for node in client.get_primaries())


def cli(port, *words):
    done = subprocess.run(["redis-cli", "--cluster", words[0], f"127.0.0.1:{port}", *words[1:]],
                          capture_output=True, text=True, timeout=240)
    return done.returncode, done.stdout + done.stderr


needs_cli = pytest.mark.skipif(shutil.which("redis-cli") is None, reason="there is no redis-cli")


def test_a_client_finds_the_nodes_and_the_keys():
    with Server(*SHAPE) as server:
        assert len(ports_of(server)) == 6
        client = connect(server)
        assert len(client.get_primaries()) == len(client.get_replicas()) == 3
        for i in range(300):
            client.set(f"key:{i}", i)
        assert keys_in(client) == 300
        assert sorted(client.keys(target_nodes="primaries")) == sorted(f"key:{i}" for i in range(300))
        assert len(list(client.scan_iter(count=100))) == 300
        assert client.mget_nonatomic([f"key:{i}" for i in range(300)]) == [str(i) for i in range(300)]
        with client.pipeline() as pipe:
            for i in range(300):
                pipe.incr(f"key:{i}")
            assert pipe.execute() == [i + 1 for i in range(300)]
        assert client.delete(*[f"key:{i}" for i in range(100)]) == 100
        assert client.flushall(target_nodes="primaries")
        assert keys_in(client) == 0


def test_replicas_read_for_clients_that_ask_them_to():
    with Server(*SHAPE) as server:
        client = connect(server, read_from_replicas=True)
        client.set("k", "v")
        assert [client.get("k") for _ in range(10)] == ["v"] * 10
        replica = next(port for port in ports_of(server)[3:]
                       if at(port).execute_command("CLUSTER MYSHARDID") ==
                       at(owner_of(server, "k")).execute_command("CLUSTER MYSHARDID"))
        assert at(replica).info("replication")["role"] == "slave"
        assert at(replica).dbsize() == 1
        with pytest.raises(redis_py.exceptions.MovedError):
            at(replica).get("k")


def owner_of(server, key):
    slot = key_slot(key.encode())
    for first, last, master, *_ in at(server.redis[1]).execute_command("CLUSTER SLOTS"):
        if first <= slot <= last:
            return master[1]
    raise AssertionError("nobody has the slot")


def test_pubsub_reaches_every_node_and_shards_their_own():
    with Server(*SHAPE) as server:
        client = connect(server)
        ports = ports_of(server)
        listener = at(ports[1]).pubsub(ignore_subscribe_messages=True)
        listener.subscribe("news")
        listener.get_message(timeout=5)
        at(ports[2]).publish("news", "all of them")
        assert listener.get_message(timeout=5)["data"] == "all of them"
        shard = client.pubsub(ignore_subscribe_messages=True)
        shard.ssubscribe("orders")
        assert client.spublish("orders", "one") in (0, 1)
        messages = [shard.get_sharded_message(timeout=2) for _ in range(4)]
        assert "one" in [message["data"] for message in messages if message]


class Load:
    """Clients that count upwards and see what they wrote, until the block ends; no error is forgiven."""

    def __init__(self, server, threads=3):
        self.server = server
        self.ending = threading.Event()
        self.rounds = 0
        self.faults = []
        self.threads = [threading.Thread(target=self.run, args=(number,))
                        for number in range(threads)]

    def run(self, number):
        try:
            client = connect(self.server)
            value = 0
            while not self.ending.is_set():
                value += 1
                for i in range(20):
                    key = f"load:{number}:{i}"
                    assert client.incr(key) == value
                    assert client.get(key) == str(value)
                self.rounds += 1
        except Exception as fault:  # the test tells of it
            self.faults.append(repr(fault))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)


@needs_cli
def test_a_load_goes_on_while_slots_move():
    with Server(*SHAPE) as server:
        port = server.redis[1]
        client = connect(server)
        for i in range(2000):
            client.set(f"{{tag{i % 40}}}:{i}", i)
        source, target = (at(ports_of(server)[i]).execute_command("CLUSTER MYID") for i in (0, 1))
        with Load(server) as load:
            status, said = cli(port, "reshard", "--cluster-from", source, "--cluster-to", target,
                               "--cluster-slots", "300", "--cluster-yes")
        assert status == 0, said[-2000:]
        assert load.faults == [] and load.rounds > 0
        status, said = cli(port, "check")
        assert status == 0 and "[OK] All 16384 slots covered." in said, said
        assert keys_in(client) == 2000 + 60
        for i in range(2000):
            assert client.get(f"{{tag{i % 40}}}:{i}") == str(i)


def test_a_load_goes_on_while_masters_change():
    with Server(*SHAPE) as server:
        with Load(server) as load:
            for _ in range(5):
                for port in ports_of(server):
                    if at(port).info("replication")["role"] == "slave":
                        assert at(port).execute_command("CLUSTER FAILOVER")
        assert load.faults == [] and load.rounds > 0


@needs_cli
def test_redis_cli_checks_rebalances_adds_and_removes_nodes():
    with Server(*SHAPE) as server:
        ports = ports_of(server)
        assert cli(ports[0], "check")[0] == 0
        assert "in 3 masters" in cli(ports[0], "info")[1]
        status, said = cli(ports[0], "rebalance", "--cluster-weight",
                           at(ports[0]).execute_command("CLUSTER MYID") + "=2")
        assert status == 0, said
        slots = sum(last - first + 1 for first, last, master, *_ in
                    at(ports[0]).execute_command("CLUSTER SLOTS") if master[1] == ports[0])
        assert slots == 8192
        gone = at(ports[5]).execute_command("CLUSTER MYID")
        status, said = cli(ports[0], "del-node", gone)
        assert status == 0, said
        assert at(ports[0]).cluster("INFO")["cluster_known_nodes"] == "5"
        status, said = cli(ports[5], "add-node", f"127.0.0.1:{ports[0]}", "--cluster-slave")
        assert status == 0, said
        assert at(ports[5]).info("replication")["role"] == "slave"
        status, said = cli(ports[0], "check")
        assert status == 0, said


def test_what_was_moved_survives_a_kill(tmp_path):
    with Server(*SHAPE, data=tmp_path / "data") as server:
        ports = ports_of(server)
        client = connect(server)
        client.set("{k}", "v")
        owner = owner_of(server, "{k}")
        other = next(port for port in ports[:3] if port != owner)
        slot = key_slot(b"{k}")
        target = at(other).execute_command("CLUSTER MYID")
        at(other).execute_command("CLUSTER SETSLOT", slot, "IMPORTING",
                                  at(owner).execute_command("CLUSTER MYID"))
        at(owner).execute_command("CLUSTER SETSLOT", slot, "MIGRATING", target)
        at(owner).execute_command("MIGRATE", "127.0.0.1", other, "{k}", 0, 1000)
        at(other).execute_command("CLUSTER SETSLOT", slot, "NODE", target)
        server.kill()
        server.start()
        client = connect(server)
        assert client.get("{k}") == "v"
        moved_to = ports_of(server)[ports.index(other)]
        assert at(moved_to).execute_command("CLUSTER MYID") == target
        assert at(moved_to).get("{k}") == "v"


def hosts_of(server):
    return {master[0] for _, _, master, *_ in at(server.redis[1]).execute_command("CLUSTER SLOTS")}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_host_is_announced(host):
    with Server(*SHAPE, "--redis-announce", host) as server:
        assert hosts_of(server) == {host}
        assert connect(server).set("k", "v")


@needs_cli
def test_the_host_is_left_to_the_client():
    with Server(*SHAPE, "--redis-announce", "unknown") as server:
        assert hosts_of(server) == {None}
        elsewhere = next(port for port in ports_of(server)[:3] if port != owner_of(server, "k"))
        said = subprocess.run(["redis-cli", "-p", str(elsewhere), "GET", "k"], capture_output=True,
                              text=True).stdout
        assert said.strip() == f"MOVED {key_slot(b'k')} :{owner_of(server, 'k')}"


def test_one_of_several_can_be_a_cluster():
    with Server("--redis", "127.0.0.1:0,shards=127.0.0.1:0", "--redis-cluster", "shards=2") as server:
        shards = [address_of(line) for line in server.lines if line.startswith("shards=redis://")]
        assert len(shards) == 2
        client = RedisCluster(*shards[0], decode_responses=True)
        client.set("k", "in the cluster")
        assert at(server.redis[1]).get("k") is None
        assert at(server.redis[1]).info("server")["redis_mode"] == "standalone"


@pytest.mark.parametrize("text", ["0", "501", "3x6", "3x", "x1", "three", "3x1x1"])
def test_a_shape_that_makes_no_sense_is_refused(text):
    with pytest.raises(RuntimeError, match="--redis-cluster"):
        with Server("--redis-cluster", text):
            pass
