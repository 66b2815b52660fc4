import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.RedisClusterClient;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.config.Config;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/** BODEGA_REDIS_CLUSTER names a node of a cluster. */
@Timeout(60)
class ClusterTest {
    private static final String START = System.getenv("BODEGA_REDIS_CLUSTER");
    private static final URI ADDRESS = URI.create(START);

    @Test
    void jedis() {
        String prefix = Place.unique("jedis");
        try (JedisCluster cluster = new JedisCluster(new HostAndPort(ADDRESS.getHost(), ADDRESS.getPort()))) {
            for (int i = 0; i < 100; i++) cluster.set(prefix + i, String.valueOf(i));
            for (int i = 0; i < 100; i++) assertEquals(String.valueOf(i), cluster.get(prefix + i));
            assertThrows(JedisException.class, () -> cluster.mget(prefix + 1, prefix + 2));
            String tagged = "{" + prefix + "}";
            assertEquals(42L, cluster.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", List.of(tagged), List.of("42")));
        }
    }

    @Test
    void lettuce() {
        String prefix = Place.unique("lettuce");
        RedisClusterClient client = RedisClusterClient.create(START);
        try (var connection = client.connect()) {
            var cluster = connection.sync();
            Map<String, String> values = new TreeMap<>();
            for (int i = 0; i < 100; i++) values.put(prefix + i, String.valueOf(i));
            assertEquals("OK", cluster.mset(values));
            Map<String, String> seen = new TreeMap<>();
            cluster.mget(values.keySet().toArray(String[]::new)).forEach(one -> seen.put(one.getKey(), one.getValue()));
            assertEquals(values, seen);
            assertEquals(3, connection.getPartitions().stream().filter(node -> !node.getSlots().isEmpty()).count());
            Long sum = cluster.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])",
                ScriptOutputType.INTEGER, new String[] {prefix}, "42");
            assertEquals(42L, sum);
        } finally {
            client.shutdown();
        }
    }

    @Test
    void redisson() {
        Config config = new Config();
        config.useClusterServers().addNodeAddress(START)
            .setMasterConnectionMinimumIdleSize(1).setSlaveConnectionMinimumIdleSize(1);
        var redisson = Redisson.create(config);
        try {
            var map = redisson.<String, String>getMap(Place.unique("map"));
            map.put("k", "v");
            assertEquals("v", map.get("k"));
            RLock lock = redisson.getLock(Place.unique("lock"));
            lock.lock();
            lock.unlock();
            assertFalse(lock.isLocked());
        } finally {
            redisson.shutdown();
        }
    }
}
