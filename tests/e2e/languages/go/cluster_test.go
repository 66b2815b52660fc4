package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// BODEGA_REDIS_CLUSTER names a node of a cluster.
func TestCluster(t *testing.T) {
	start, err := redis.ParseURL(os.Getenv("BODEGA_REDIS_CLUSTER"))
	must(t, err)
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{start.Addr}})
	defer cluster.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	prefix := unique(t)

	var masters sync.Map
	must(t, cluster.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
		masters.Store(node.Options().Addr, true)
		return nil
	}))
	count := 0
	masters.Range(func(_, _ interface{}) bool { count++; return true })
	expect(t, count, 3)

	replies, err := cluster.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := 0; i < 100; i++ {
			pipe.Set(ctx, fmt.Sprintf("%s:%d", prefix, i), i, 0)
		}
		return nil
	})
	must(t, err)
	expect(t, len(replies), 100)
	for i := 0; i < 100; i++ {
		expect(t, cluster.Get(ctx, fmt.Sprintf("%s:%d", prefix, i)).Val(), fmt.Sprint(i))
	}
	if err := cluster.Do(ctx, "MGET", prefix+":1", prefix+":2").Err(); err == nil ||
		!strings.HasPrefix(err.Error(), "CROSSSLOT") {
		t.Fatalf("keys of two slots: %v", err)
	}

	tagged := "{" + prefix + "}"
	add := redis.NewScript("return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('INCR', KEYS[2])")
	expect(t, add.Run(ctx, cluster, []string{tagged + "a", tagged + "b"}, 41).Val(), int64(42))
	if err := add.Run(ctx, cluster, []string{prefix + "a", prefix + "b"}, 1).Err(); err == nil {
		t.Fatal("a script has keys of two slots")
	}
	must(t, cluster.Watch(ctx, func(tx *redis.Tx) error {
		_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			return pipe.IncrBy(ctx, tagged+"a", 1).Err()
		})
		return err
	}, tagged+"a"))
	expect(t, cluster.Get(ctx, tagged+"a").Val(), "42")

	listener := cluster.SSubscribe(ctx, prefix)
	defer listener.Close()
	_, err = listener.Receive(ctx)
	must(t, err)
	must(t, cluster.SPublish(ctx, prefix, "hello").Err())
	message, err := listener.ReceiveMessage(ctx)
	must(t, err)
	expect(t, message.Payload, "hello")
	expect(t, errors.Is(cluster.Get(ctx, prefix+"none").Err(), redis.Nil), true)
}
