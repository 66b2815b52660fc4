// Expected answers are those of redis-server 7.0.15 with cluster-enabled yes, unless a test says
// otherwise; its texts are in cluster.c.
#include "protocol/redis/instance/cluster.h"

#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

InstanceOptions shape(unsigned shards, unsigned replicas) {
  InstanceOptions options;
  options.cluster = {shards, replicas};
  for (unsigned i = 0; i < shards * (replicas + 1); ++i) {
    options.cluster_ports.push_back(static_cast<std::uint16_t>(7000 + i));
  }
  return options;
}

// A client of the node with this number: masters first.
class At : public Client {
 public:
  At(World& world, int node, int protocol = 2) : Client(world, protocol) {
    session().cluster.node = node;
  }
};

std::string id_of(World& world, int node) {
  return world.instance.cluster()->topology().node(node).id;
}

// "foo" is in slot 12182, "bar" in 5061, "hello" in 866.
constexpr std::string_view kMoved = "-MOVED 12182 127.0.0.1:7002\r\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Cluster: a node runs what is about its own slots and sends the rest on") {
  World world(shape(3, 0));
  At first(world, 0);
  At third(world, 2);
  CHECK(first.run({"SET", "foo", "1"}) == kMoved);
  CHECK(third.run({"SET", "foo", "1"}) == "+OK\r\n");
  CHECK(first.run({"SET", "hello", "1"}) == "+OK\r\n");
  CHECK(first.run({"GET", "foo"}) == kMoved);
  CHECK(first.run({"PING"}) == "+PONG\r\n");
  CHECK(first.run({"MGET", "hello", "{hello}2"}) == "*2\r\n$1\r\n1\r\n$-1\r\n");
  CHECK(first.run({"MGET", "hello", "foo"}) ==
        "-CROSSSLOT Keys in request don't hash to the same slot\r\n");
  // The keys of SORT … STORE and of ZUNIONSTORE are found as well.
  CHECK(contains(first.run({"ZUNIONSTORE", "hello", "1", "foo"}), "-CROSSSLOT"));
  CHECK(contains(first.run({"SORT", "hello", "STORE", "foo"}), "-CROSSSLOT"));
}

TEST_CASE("Cluster: a refused command spoils its transaction, and a redirected EXEC ends it") {
  World world(shape(3, 0));
  At first(world, 0);
  CHECK(first.run({"MULTI"}) == "+OK\r\n");
  CHECK(first.run({"SET", "hello", "1"}) == "+QUEUED\r\n");
  CHECK(first.run({"SET", "foo", "1"}) == kMoved);
  CHECK(first.run({"EXEC"}) == "-EXECABORT Transaction discarded because of previous errors.\r\n");
  CHECK(first.run({"GET", "hello"}) == "$-1\r\n");

  first.run({"MULTI"});
  CHECK(first.run({"SET", "hello", "1"}) == "+QUEUED\r\n");
  CHECK(first.run({"SET", "{a}x", "1"}) == "-MOVED 15495 127.0.0.1:7002\r\n");
  first.run({"DISCARD"});

  // Both keys are the node's own; EXEC sees that they are of two slots.
  first.run({"MULTI"});
  CHECK(first.run({"SET", "hello", "1"}) == "+QUEUED\r\n");
  CHECK(first.run({"SET", "bar", "1"}) == "+QUEUED\r\n");
  CHECK(first.run({"EXEC"}) == "-CROSSSLOT Keys in request don't hash to the same slot\r\n");
  CHECK(first.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");

  // The slot goes while the commands are queued.
  first.run({"MULTI"});
  CHECK(first.run({"SET", "hello", "1"}) == "+QUEUED\r\n");
  At second(world, 1);
  CHECK(second.run({"CLUSTER", "SETSLOT", "866", "NODE", id_of(world, 1)}) == "+OK\r\n");
  CHECK(first.run({"EXEC"}) == "-MOVED 866 127.0.0.1:7001\r\n");
  CHECK(first.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");
}

TEST_CASE("Cluster: one database, and what would need others is refused") {
  World world(shape(1, 0));
  At client(world, 0);
  CHECK(client.run({"SELECT", "0"}) == "+OK\r\n");
  CHECK(client.run({"SELECT", "1"}) == "-ERR SELECT is not allowed in cluster mode\r\n");
  CHECK(client.run({"MOVE", "k", "1"}) == "-ERR MOVE is not allowed in cluster mode\r\n");
  CHECK(client.run({"SWAPDB", "0", "1"}) == "-ERR SWAPDB is not allowed in cluster mode\r\n");
  CHECK(client.run({"COPY", "{k}1", "{k}2", "DB", "1"}) ==
        "-ERR Copying to another database is not allowed in cluster mode\r\n");
  CHECK(client.run({"SORT", "k", "BY", "w_*"}) ==
        "-ERR BY option of SORT denied in Cluster mode.\r\n");
  CHECK(client.run({"SORT", "k", "GET", "#"}) ==
        "-ERR GET option of SORT denied in Cluster mode.\r\n");
  CHECK(client.run({"REPLICAOF", "NO", "ONE"}) ==
        "-ERR REPLICAOF not allowed in cluster mode.\r\n");
}

TEST_CASE("Cluster: DBSIZE, KEYS, SCAN, RANDOMKEY and FLUSHALL are about the node's keys") {
  World world(shape(3, 1));
  At first(world, 0);
  At third(world, 2);
  first.run({"SET", "hello", "1"});
  third.run({"SET", "foo", "1"});
  CHECK(first.run({"DBSIZE"}) == ":1\r\n");
  CHECK(first.run({"KEYS", "*"}) == "*1\r\n$5\r\nhello\r\n");
  CHECK(third.run({"SCAN", "0"}) == "*2\r\n$1\r\n0\r\n*1\r\n$3\r\nfoo\r\n");
  CHECK(third.run({"RANDOMKEY"}) == "$3\r\nfoo\r\n");
  CHECK(At(world, 1).run({"RANDOMKEY"}) == "$-1\r\n");
  CHECK(At(world, 3).run({"KEYS", "*"}) == "*1\r\n$5\r\nhello\r\n");  // the replica of the first
  CHECK(At(world, 3).run({"FLUSHALL"}) ==
        "-READONLY You can't write against a read only replica.\r\n");
  CHECK(first.run({"FLUSHALL"}) == "+OK\r\n");
  CHECK(first.run({"DBSIZE"}) == ":0\r\n");
  CHECK(third.run({"DBSIZE"}) == ":1\r\n");
}

TEST_CASE("Cluster: a replica reads for who said READONLY, and writes nothing") {
  World world(shape(3, 1));
  At(world, 2).run({"SET", "foo", "1"});
  At replica(world, 5);
  CHECK(replica.run({"GET", "foo"}) == kMoved);
  CHECK(replica.run({"READONLY"}) == "+OK\r\n");
  CHECK(replica.run({"GET", "foo"}) == "$1\r\n1\r\n");
  CHECK(replica.run({"SET", "foo", "2"}) == kMoved);
  CHECK(replica.run({"GET", "hello"}) == "-MOVED 866 127.0.0.1:7000\r\n");
  // A transaction is a write as soon as one of its commands is.
  replica.run({"MULTI"});
  CHECK(replica.run({"GET", "foo"}) == "+QUEUED\r\n");
  CHECK(replica.run({"EXEC"}) == "*1\r\n$1\r\n1\r\n");
  CHECK(replica.run({"READWRITE"}) == "+OK\r\n");
  CHECK(replica.run({"GET", "foo"}) == kMoved);
}

TEST_CASE("Cluster: a slot that moves is asked for at the one node or the other") {
  World world(shape(3, 0));
  At source(world, 2);
  At target(world, 0);
  source.run({"SET", "foo", "1"});
  CHECK(target.run({"CLUSTER", "SETSLOT", "12182", "IMPORTING", id_of(world, 2)}) == "+OK\r\n");
  CHECK(source.run({"CLUSTER", "SETSLOT", "12182", "MIGRATING", id_of(world, 0)}) == "+OK\r\n");
  CHECK(source.run({"GET", "foo"}) == "$1\r\n1\r\n");
  CHECK(source.run({"GET", "{foo}new"}) == "-ASK 12182 127.0.0.1:7000\r\n");
  CHECK(source.run({"MGET", "foo", "{foo}new"}) ==
        "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
  CHECK(target.run({"SET", "{foo}new", "2"}) == kMoved);
  CHECK(target.run({"ASKING"}) == "+OK\r\n");
  CHECK(target.run({"SET", "{foo}new", "2"}) == "+OK\r\n");
  // ASKING holds for one command, or for one transaction.
  CHECK(target.run({"GET", "{foo}new"}) == kMoved);
  target.run({"ASKING"});
  CHECK(target.run({"MULTI"}) == "+OK\r\n");
  CHECK(target.run({"INCR", "{foo}new"}) == "+QUEUED\r\n");
  CHECK(target.run({"EXEC"}) == "*1\r\n:3\r\n");
  CHECK(target.run({"GET", "{foo}new"}) == kMoved);
  // What was written there is there and not at the source.
  CHECK(source.run({"GET", "{foo}new"}) == "-ASK 12182 127.0.0.1:7000\r\n");
  CHECK(source.run({"CLUSTER", "COUNTKEYSINSLOT", "12182"}) == ":1\r\n");
  CHECK(target.run({"CLUSTER", "COUNTKEYSINSLOT", "12182"}) == ":1\r\n");
  target.run({"ASKING"});
  CHECK(target.run({"MGET", "foo", "{foo}new"}) ==
        "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");

  CHECK(source.run({"CLUSTER", "SETSLOT", "12182", "NODE", id_of(world, 0)}) ==
        "-ERR Can't assign hashslot 12182 to a different node while I still hold keys for this "
        "hash slot.\r\n");
  CHECK(source.run({"MIGRATE", "127.0.0.1", "7000", "", "0", "1000", "KEYS", "foo"}) == "+OK\r\n");
  CHECK(source.run({"CLUSTER", "GETKEYSINSLOT", "12182", "10"}) == "*0\r\n");
  CHECK(source.run({"GET", "foo"}) == "-ASK 12182 127.0.0.1:7000\r\n");
  CHECK(source.run({"MIGRATE", "127.0.0.1", "7000", "foo", "0", "1000"}) == "+NOKEY\r\n");
  CHECK(target.run({"CLUSTER", "SETSLOT", "12182", "NODE", id_of(world, 0)}) == "+OK\r\n");
  CHECK(target.run({"MGET", "foo", "{foo}new"}) == "*2\r\n$1\r\n1\r\n$1\r\n3\r\n");
  CHECK(source.run({"GET", "foo"}) == "-MOVED 12182 127.0.0.1:7000\r\n");
}

TEST_CASE("Cluster: MIGRATE to a server that cannot be reached fails, and the key stays") {
  World world(shape(2, 0));
  At client(world, 0);
  client.run({"SET", "hello", "1"});
  CHECK(contains(client.run({"MIGRATE", "127.0.0.1", "1", "hello", "0", "10"}), "-IOERR"));
  CHECK(client.run({"GET", "hello"}) == "$1\r\n1\r\n");
}

TEST_CASE("Cluster: a failover is followed by the next command, by who waits and by who listens") {
  World world(shape(3, 1));
  At master(world, 2);
  At replica(world, 5);
  At waits(world, 2);
  At listens(world, 2);
  master.run({"SET", "foo", "1"});
  CHECK(waits.run({"BLPOP", "{foo}list", "0"}) == "");
  CHECK(contains(listens.run({"SSUBSCRIBE", "foo"}), "ssubscribe"));
  CHECK(master.run({"CLUSTER", "FAILOVER"}) ==
        "-ERR You should send CLUSTER FAILOVER to a replica\r\n");
  CHECK(replica.run({"CLUSTER", "FAILOVER"}) == "+OK\r\n");
  CHECK(waits.take() == "-MOVED 12182 127.0.0.1:7005\r\n");
  // The old master still is of the shard, so its listeners stay.
  CHECK(listens.take() == "");
  CHECK(master.run({"GET", "foo"}) == "-MOVED 12182 127.0.0.1:7005\r\n");
  CHECK(replica.run({"SET", "foo", "2"}) == "+OK\r\n");
  CHECK(contains(master.run({"INFO", "replication"}),
                 "role:slave\r\nmaster_host:127.0.0.1\r\n"
                 "master_port:7005\r\n"));
  CHECK(contains(replica.run({"ROLE"}), "*3\r\n$6\r\nmaster\r\n"));
  CHECK(contains(master.run({"ROLE"}), "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:7005\r\n"));
  CHECK(replica.run({"WAIT", "1", "100"}) == ":1\r\n");
}

TEST_CASE("Cluster: sharded pub/sub is the slot's, other pub/sub everyone's") {
  World world(shape(3, 0));
  At first(world, 0);
  At third(world, 2);
  At listens(world, 2);
  At everyone(world, 0);
  CHECK(first.run({"SSUBSCRIBE", "foo"}) == kMoved);
  CHECK(listens.run({"SSUBSCRIBE", "foo"}) == "*3\r\n$10\r\nssubscribe\r\n$3\r\nfoo\r\n:1\r\n");
  CHECK(first.run({"SPUBLISH", "foo", "x"}) == kMoved);
  CHECK(third.run({"SPUBLISH", "foo", "x"}) == ":1\r\n");
  CHECK(listens.take() == "*3\r\n$8\r\nsmessage\r\n$3\r\nfoo\r\n$1\r\nx\r\n");
  everyone.run({"SUBSCRIBE", "foo"});
  third.run({"PUBLISH", "foo", "y"});
  CHECK(everyone.take() == "*3\r\n$7\r\nmessage\r\n$3\r\nfoo\r\n$1\r\ny\r\n");
  CHECK(third.run({"PUBSUB", "NUMSUB", "foo"}) == "*2\r\n$3\r\nfoo\r\n:0\r\n");
  CHECK(first.run({"PUBSUB", "NUMSUB", "foo"}) == "*2\r\n$3\r\nfoo\r\n:1\r\n");
  // The slot goes to another node.
  CHECK(first.run({"CLUSTER", "SETSLOT", "12182", "NODE", id_of(world, 0)}) == "+OK\r\n");
  CHECK(listens.take() == "*3\r\n$12\r\nsunsubscribe\r\n$3\r\nfoo\r\n:0\r\n");
  CHECK(third.run({"PUBSUB", "SHARDCHANNELS"}) == "*0\r\n");
}

TEST_CASE("Cluster: keyspace events come from the nodes that have the key") {
  World world(shape(3, 1));
  At master(world, 2);
  master.run({"CONFIG", "SET", "notify-keyspace-events", "KEA"});
  At at_master(world, 2);
  At at_replica(world, 5);
  At elsewhere(world, 0);
  for (At* client : {&at_master, &at_replica, &elsewhere}) {
    client->run({"PSUBSCRIBE", "__keyspace@0__:*"});
  }
  master.run({"SET", "foo", "1"});
  CHECK(contains(at_master.take(), "__keyspace@0__:foo"));
  CHECK(contains(at_replica.take(), "__keyspace@0__:foo"));
  CHECK(elsewhere.take() == "");
}

TEST_CASE("Cluster: with slots that nobody serves it is down, unless it may be so") {
  World world(shape(2, 0));
  At client(world, 0);
  client.run({"SET", "hello", "1"});
  CHECK(client.run({"CLUSTER", "DELSLOTS", "867", "867"}) ==
        "-ERR Slot 867 specified multiple times\r\n");
  CHECK(client.run({"CLUSTER", "DELSLOTS", "16384"}) == "-ERR Invalid or out of range slot\r\n");
  CHECK(client.run({"CLUSTER", "DELSLOTS", "867"}) == "+OK\r\n");
  CHECK(client.run({"CLUSTER", "DELSLOTS", "867"}) == "-ERR Slot 867 is already unassigned\r\n");
  CHECK(client.run({"GET", "hello"}) == "-CLUSTERDOWN The cluster is down\r\n");
  CHECK(contains(client.run({"CLUSTER", "INFO"}), "cluster_state:fail\r\n"));
  CHECK(client.run({"PING"}) == "+PONG\r\n");
  client.run({"CONFIG", "SET", "cluster-allow-reads-when-down", "yes"});
  CHECK(client.run({"GET", "hello"}) == "$1\r\n1\r\n");
  CHECK(client.run({"SET", "hello", "2"}) ==
        "-CLUSTERDOWN The cluster is down and only accepts read commands\r\n");
  client.run({"CONFIG", "SET", "cluster-require-full-coverage", "no"});
  CHECK(client.run({"SET", "hello", "2"}) == "+OK\r\n");
  CHECK(client.run({"CLUSTER", "ADDSLOTS", "866"}) == "-ERR Slot 866 is already busy\r\n");
  CHECK(client.run({"CLUSTER", "DELSLOTSRANGE", "866", "866"}) == "+OK\r\n");
  CHECK(client.run({"GET", "hello"}) == "-CLUSTERDOWN Hash slot not served\r\n");
  CHECK(client.run({"CLUSTER", "ADDSLOTSRANGE", "867", "866"}) ==
        "-ERR start slot number 867 is greater than end slot number 866\r\n");
  CHECK(client.run({"CLUSTER", "ADDSLOTSRANGE", "866", "867"}) == "+OK\r\n");
  CHECK(contains(client.run({"CLUSTER", "INFO"}), "cluster_state:ok\r\n"));
  CHECK(client.run({"GET", "hello"}) == "$1\r\n2\r\n");
}

TEST_CASE("CLUSTER SLOTS and NODES: ranges, nodes and addresses") {
  World world(shape(2, 1));
  At client(world, 1);
  const auto node = [&](int index) {
    return "*4\r\n$9\r\n127.0.0.1\r\n:" + std::to_string(7000 + index) + "\r\n$40\r\n" +
           id_of(world, index) + "\r\n*0\r\n";
  };
  CHECK(client.run({"CLUSTER", "SLOTS"}) == "*2\r\n*4\r\n:0\r\n:8191\r\n" + node(0) + node(2) +
                                                "*4\r\n:8192\r\n:16383\r\n" + node(1) + node(3));
  const std::string nodes = client.run({"CLUSTER", "NODES"});
  CHECK(contains(nodes, id_of(world, 1) + " 127.0.0.1:7001@17001 myself,master - 0 0 2 connected "
                                          "8192-16383\n"));
  CHECK(
      contains(nodes, id_of(world, 2) + " 127.0.0.1:7002@17002 slave " + id_of(world, 0) + " 0 "));
  CHECK(client.run({"CLUSTER", "MYID"}) == "$40\r\n" + id_of(world, 1) + "\r\n");
  const std::string shard = client.run({"CLUSTER", "MYSHARDID"});
  CHECK(shard.starts_with("$40\r\n"));
  CHECK(At(world, 3).run({"CLUSTER", "MYSHARDID"}) == shard);
  CHECK(At(world, 0).run({"CLUSTER", "MYSHARDID"}) != shard);
  CHECK(contains(client.run({"CLUSTER", "REPLICAS", id_of(world, 0)}), id_of(world, 2)));
  CHECK(client.run({"CLUSTER", "REPLICAS", "nobody"}) == "-ERR Unknown node nobody\r\n");
  CHECK(client.run({"CLUSTER", "KEYSLOT", "foo"}) == ":12182\r\n");
  CHECK(contains(client.run({"HELLO", "2"}), "$4\r\nmode\r\n$7\r\ncluster\r\n"));
  CHECK(contains(client.run({"INFO"}), "tcp_port:7001\r\n"));
  CHECK(contains(client.run({"INFO"}), "cluster_enabled:1\r\n"));
}

TEST_CASE("CLUSTER SLOTS: hosts as they are announced") {
  World world(shape(1, 0));
  At client(world, 0);
  client.run({"CONFIG", "SET", "cluster-announce-hostname", "cache.example.com"});
  const std::string id = "\r\n$40\r\n" + id_of(world, 0) + "\r\n";
  CHECK(client.run({"CLUSTER", "SLOTS"}) ==
        "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$9\r\n127.0.0.1\r\n:7000" + id +
            "*2\r\n$8\r\nhostname\r\n$17\r\ncache.example.com\r\n");
  client.run({"CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname"});
  CHECK(client.run({"CLUSTER", "SLOTS"}) ==
        "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$17\r\ncache.example.com\r\n:7000" + id +
            "*2\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n");
  client.run({"CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint"});
  client.run({"CONFIG", "SET", "cluster-announce-hostname", ""});
  CHECK(client.run({"CLUSTER", "SLOTS"}) == "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$-1\r\n:7000" + id +
                                                "*2\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n");
  client.run({"CONFIG", "SET", "cluster-announce-ip", "10.0.0.1"});
  client.run({"CONFIG", "SET", "cluster-announce-port", "9000"});
  CHECK(contains(client.run({"CLUSTER", "NODES"}), " 10.0.0.1:9000@19000 myself,master"));
}

TEST_CASE("Cluster: MOVED without a host where the endpoint is unknown") {
  World world(shape(3, 0));
  At client(world, 0);
  client.run({"CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint"});
  CHECK(client.run({"GET", "foo"}) == "-MOVED 12182 :7002\r\n");
}

TEST_CASE("CLUSTER: edits that make no sense are refused in Redis's words") {
  World world(shape(2, 1));
  At master(world, 0);
  At replica(world, 2);
  CHECK(replica.run({"CLUSTER", "SETSLOT", "1", "STABLE"}) ==
        "-ERR Please use SETSLOT only with masters.\r\n");
  CHECK(master.run({"CLUSTER", "SETSLOT", "9000", "MIGRATING", id_of(world, 1)}) ==
        "-ERR I'm not the owner of hash slot 9000\r\n");
  CHECK(master.run({"CLUSTER", "SETSLOT", "1", "IMPORTING", id_of(world, 1)}) ==
        "-ERR I'm already the owner of hash slot 1\r\n");
  CHECK(master.run({"CLUSTER", "SETSLOT", "1", "NODE", "nobody"}) ==
        "-ERR Unknown node nobody\r\n");
  CHECK(master.run({"CLUSTER", "SETSLOT", "1", "NODE", id_of(world, 3)}) ==
        "-ERR Target node is not a master\r\n");
  CHECK(master.run({"CLUSTER", "REPLICATE", id_of(world, 0)}) == "-ERR Can't replicate myself\r\n");
  CHECK(master.run({"CLUSTER", "REPLICATE", id_of(world, 1)}) ==
        "-ERR To set a master the node must be empty and without assigned slots.\r\n");
  CHECK(replica.run({"CLUSTER", "REPLICATE", id_of(world, 3)}) ==
        "-ERR I can only replicate a master, not a replica.\r\n");
  CHECK(master.run({"CLUSTER", "FORGET", id_of(world, 0)}) ==
        "-ERR I tried hard but I can't forget myself...\r\n");
  CHECK(replica.run({"CLUSTER", "FORGET", id_of(world, 0)}) == "-ERR Can't forget my master!\r\n");
  CHECK(master.run({"CLUSTER", "MEET", "127.0.0.1", "9"}) ==
        "-ERR Invalid node address specified: 127.0.0.1:9\r\n");
  CHECK(master.run({"CLUSTER", "SET-CONFIG-EPOCH", "9"}) ==
        "-ERR The user can assign a config epoch only when the node does not know any other "
        "node.\r\n");
  master.run({"SET", "hello", "1"});
  CHECK(master.run({"CLUSTER", "RESET"}) ==
        "-ERR CLUSTER RESET can't be called with master nodes containing keys\r\n");
  CHECK(master.run({"CLUSTER", "FLUSHSLOTS"}) ==
        "-ERR DB must be empty to perform CLUSTER FLUSHSLOTS.\r\n");
  CHECK(master.run({"CLUSTER", "FAILOVER", "NOW"}) == "-ERR syntax error\r\n");
}

TEST_CASE("CLUSTER: a replica leaves, stands alone, and comes back to another master") {
  World world(shape(2, 1));
  At master(world, 0);
  At replica(world, 3);
  const std::string id = id_of(world, 3);
  CHECK(master.run({"CLUSTER", "FORGET", id}) == "+OK\r\n");
  CHECK(!contains(master.run({"CLUSTER", "NODES"}), id));
  // redis-cli asks each node to forget it.
  CHECK(At(world, 1).run({"CLUSTER", "FORGET", id}) == "+OK\r\n");
  CHECK(contains(replica.run({"CLUSTER", "INFO"}), "cluster_known_nodes:1\r\n"));
  CHECK(replica.run({"GET", "foo"}) == "-CLUSTERDOWN Hash slot not served\r\n");
  CHECK(replica.run({"CLUSTER", "RESET", "HARD"}) == "+OK\r\n");
  CHECK(id_of(world, 3) != id);
  CHECK(master.run({"CLUSTER", "MEET", "127.0.0.1", "7003"}) == "+OK\r\n");
  CHECK(replica.run({"CLUSTER", "REPLICATE", id_of(world, 0)}) == "+OK\r\n");
  CHECK(contains(master.run({"INFO", "replication"}), "connected_slaves:2\r\n"));
}

TEST_CASE("Cluster: what was moved and failed over survives a restart, another shape begins anew") {
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  base::ManualClock clock;
  std::string nodes;
  const auto table = [](Instance& instance) { return instance.cluster()->topology().text(); };
  {
    keyspace::Engine engine(*store, clock);
    Instance instance(engine, clock, shape(2, 1));
    instance.cluster()->edit([](Topology& topology) {
      topology.settle_move(866, 1, Topology::Emptied::kStaysMaster);
      topology.fail_over(2);
    });
    instance.finish_tick();
    nodes = table(instance);
  }
  {
    keyspace::Engine engine(*store, clock);
    engine.load();
    Instance instance(engine, clock, shape(2, 1));
    CHECK(table(instance) == nodes);
  }
  keyspace::Engine engine(*store, clock);
  engine.load();
  Instance instance(engine, clock, shape(3, 0));
  CHECK(instance.cluster()->topology().slots_seen_by(0) == kSlots);
  CHECK(instance.cluster()->topology().size() == 3);
}

TEST_CASE("CLUSTER: without a cluster every sub-command says so") {
  World world;
  Client client(world);
  for (const std::string_view word : {"INFO", "NODES", "SLOTS", "SHARDS", "MYID", "LINKS"}) {
    CHECK(client.run({"CLUSTER", word}) == "-ERR This instance has cluster support disabled\r\n");
  }
  CHECK(client.run({"READONLY"}) == "-ERR This instance has cluster support disabled\r\n");
}

}  // namespace bodega::redis::test
