package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// prometheus-redis-exporter, as Debian has it: what it reads of INFO, CONFIG, SLOWLOG, LATENCY and of keys.
func TestExporter(t *testing.T) {
	client, ctx := connect(t, 2)
	key := unique(t)
	must(t, client.RPush(ctx, key, "a", "b", "c").Err())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	exporter := exec.Command("prometheus-redis-exporter", "-redis.addr", os.Getenv("BODEGA_REDIS"),
		"-web.listen-address", address, "-check-single-keys", "db0="+key)
	exporter.Stderr = os.Stderr
	must(t, exporter.Start())
	defer func() { exporter.Process.Kill(); exporter.Wait() }()
	metrics := ""
	for deadline := time.Now().Add(limit); metrics == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the exporter does not answer within %v", limit)
		}
		if answer, err := http.Get(fmt.Sprintf("http://%s/metrics", address)); err == nil {
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			must(t, err)
			metrics = string(body)
		}
	}
	for _, expected := range []string{
		`redis_up 1`, `redis_exporter_last_scrape_error\{err=""\} 0`, `redis_instance_info\{.*role="master".*\} 1`,
		`redis_connected_clients [1-9]`, `redis_memory_used_bytes [1-9]`, `redis_commands_total\{cmd="rpush"\} [1-9]`,
		`redis_commands_duration_seconds_total\{cmd="rpush"\}`, `redis_db_keys\{db="db0"\} [1-9]`,
		`redis_config_maxmemory `, `redis_slowlog_length `, `redis_uptime_in_seconds `, `redis_keyspace_hits_total `,
		`redis_key_size\{db="db0",key="` + regexp.QuoteMeta(key) + `"\} 3`,
	} {
		if !regexp.MustCompile(`(?m)^` + expected).MatchString(metrics) {
			t.Errorf("no metric %s in:\n%s", expected, metrics)
		}
	}
}
