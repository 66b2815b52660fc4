// The Redis clients and frameworks of Go: go-redis and asynq. BODEGA_REDIS says where the server is.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const limit = 30 * time.Second

func connect(t *testing.T, protocol int) (*redis.Client, context.Context) {
	options, err := redis.ParseURL(os.Getenv("BODEGA_REDIS"))
	must(t, err)
	options.Protocol = protocol
	client := redis.NewClient(options)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(func() { cancel(); client.Close() })
	return client, ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, seen, expected interface{}) {
	t.Helper()
	if !reflect.DeepEqual(seen, expected) {
		t.Fatalf("saw %#v, expected %#v", seen, expected)
	}
}

// A name that no other scenario uses.
func unique(t *testing.T) string {
	return fmt.Sprintf("go:%s:%d:%d", t.Name(), time.Now().UnixNano(), rand.Int63())
}

func inBoth(t *testing.T, scenario func(t *testing.T, client *redis.Client, ctx context.Context)) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			client, ctx := connect(t, protocol)
			scenario(t, client, ctx)
		})
	}
}

func TestTypesAndPipelines(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		key := unique(t)
		must(t, client.HSet(ctx, key, "a", 1, "b", 2).Err())
		expect(t, client.HGetAll(ctx, key).Val(), map[string]string{"a": "1", "b": "2"})
		must(t, client.ZAdd(ctx, key+":z", redis.Z{Score: 1.5, Member: "one"}).Err())
		expect(t, client.ZRangeWithScores(ctx, key+":z", 0, -1).Val(), []redis.Z{{Score: 1.5, Member: "one"}})
		var count *redis.IntCmd
		_, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Set(ctx, key+":n", 41, time.Minute)
			count = pipe.Incr(ctx, key+":n")
			return nil
		})
		must(t, err)
		expect(t, count.Val(), int64(42))
		expect(t, client.Get(ctx, "none of that name").Err(), redis.Nil)
		keys := []string{}
		for iterator := client.Scan(ctx, 0, key+"*", 10).Iterator(); iterator.Next(ctx); {
			keys = append(keys, iterator.Val())
		}
		expect(t, len(keys), 3)
	})
}

func TestWatch(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		key := unique(t)
		add := func() error {
			for {
				err := client.Watch(ctx, func(tx *redis.Tx) error {
					seen, err := tx.Get(ctx, key).Int()
					if err != nil && err != redis.Nil {
						return err
					}
					_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
						return pipe.Set(ctx, key, seen+1, 0).Err()
					})
					return err
				}, key)
				if !errors.Is(err, redis.TxFailedErr) {
					return err
				}
			}
		}
		var group sync.WaitGroup
		failed := make(chan error, 8)
		for i := 0; i < 8; i++ {
			group.Add(1)
			go func() { defer group.Done(); failed <- add() }()
		}
		group.Wait()
		for i := 0; i < 8; i++ {
			must(t, <-failed)
		}
		expect(t, client.Get(ctx, key).Val(), "8")
	})
}

func TestPublish(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		channel := unique(t)
		listener := client.Subscribe(ctx, channel)
		defer listener.Close()
		_, err := listener.Receive(ctx)
		must(t, err)
		expect(t, client.Publish(ctx, channel, "hello").Val(), int64(1))
		message, err := listener.ReceiveMessage(ctx)
		must(t, err)
		expect(t, message.Payload, "hello")
	})
}

func TestScripts(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		key := unique(t)
		add := redis.NewScript(fmt.Sprintf("return {redis.call('INCRBY', KEYS[1], ARGV[1]), '%s'}", key))
		expect(t, add.Run(ctx, client, []string{key}, 42).Val(), []interface{}{int64(42), key})
		expect(t, add.Exists(ctx, client).Val(), []bool{true})
		must(t, client.Set(ctx, key, "text", 0).Err())
		if err := add.Run(ctx, client, []string{key}, 1).Err(); err == nil {
			t.Fatal("the error of a command in a script does not come")
		}
	})
}

func TestStreams(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		key := unique(t)
		must(t, client.XGroupCreateMkStream(ctx, key, "group", "$").Err())
		read := make(chan []redis.XStream, 1)
		failed := make(chan error, 1)
		go func() {
			streams, err := client.XReadGroup(ctx, &redis.XReadGroupArgs{
				Group: "group", Consumer: "me", Streams: []string{key, ">"}, Block: limit}).Result()
			read <- streams
			failed <- err
		}()
		id := client.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []string{"n", "1"}}).Val()
		expect(t, <-read, []redis.XStream{{Stream: key,
			Messages: []redis.XMessage{{ID: id, Values: map[string]interface{}{"n": "1"}}}}})
		must(t, <-failed)
		pending, err := client.XPending(ctx, key, "group").Result()
		must(t, err)
		expect(t, pending.Count, int64(1))
		expect(t, client.XAck(ctx, key, "group", id).Val(), int64(1))
	})
}

func TestPlaces(t *testing.T) {
	inBoth(t, func(t *testing.T, client *redis.Client, ctx context.Context) {
		key := unique(t)
		must(t, client.GeoAdd(ctx, key,
			&redis.GeoLocation{Longitude: 13.361389, Latitude: 38.115556, Name: "Palermo"},
			&redis.GeoLocation{Longitude: 15.087269, Latitude: 37.502669, Name: "Catania"}).Err())
		expect(t, client.GeoDist(ctx, key, "Palermo", "Catania", "km").Val(), 166.2742)
		expect(t, client.GeoSearch(ctx, key, &redis.GeoSearchQuery{
			Longitude: 15, Latitude: 37, Radius: 100, RadiusUnit: "km"}).Val(), []string{"Catania"})
	})
}

// asynq: tasks are worked, tried again, scheduled, kept unique and counted.
func TestAsynq(t *testing.T) {
	where, err := asynq.ParseRedisURI(os.Getenv("BODEGA_REDIS"))
	must(t, err)
	queue := unique(t)
	client := asynq.NewClient(where)
	defer client.Close()
	done := make(chan string, 10)
	tries := 0
	server := asynq.NewServer(where, asynq.Config{
		Concurrency: 2, Queues: map[string]int{queue: 1}, LogLevel: asynq.FatalLevel,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return 0 },
		DelayedTaskCheckInterval: 50 * time.Millisecond,
	})
	must(t, server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		if task.Type() == "flaky" {
			if tries++; tries == 1 {
				return errors.New("as asked")
			}
		}
		done <- task.Type()
		return nil
	})))
	defer server.Shutdown()
	for _, name := range []string{"plain", "flaky"} {
		_, err := client.Enqueue(asynq.NewTask(name, nil), asynq.Queue(queue))
		must(t, err)
	}
	_, err = client.Enqueue(asynq.NewTask("later", nil), asynq.Queue(queue), asynq.ProcessIn(200*time.Millisecond))
	must(t, err)
	seen := map[string]bool{}
	for len(seen) < 3 {
		select {
		case name := <-done:
			seen[name] = true
		case <-time.After(limit):
			t.Fatalf("only these were worked: %v", seen)
		}
	}
	alone := asynq.NewTask("alone", nil)
	options := []asynq.Option{asynq.Queue(queue), asynq.Unique(time.Minute), asynq.ProcessIn(time.Hour)}
	_, err = client.Enqueue(alone, options...)
	must(t, err)
	_, err = client.Enqueue(alone, options...)
	expect(t, errors.Is(err, asynq.ErrDuplicateTask), true)
	inspector := asynq.NewInspector(where)
	defer inspector.Close()
	info, err := inspector.GetQueueInfo(queue)
	must(t, err)
	expect(t, []int{info.Scheduled, info.Failed}, []int{1, 1})
}
