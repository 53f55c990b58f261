package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
)

// takeScript takes pieces if there are enough and remembers the line's key: 1 applied, 0 short, 2
// a key that was there.
const takeScript = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 2 end
local left = tonumber(redis.call('GET', KEYS[1]))
local wanted = tonumber(ARGV[1])
if left < wanted then return 0 end
redis.call('DECRBY', KEYS[1], wanted)
redis.call('SET', KEYS[2], wanted)
return 1`

// What takeScript answers.
const (
	redisShort   = 0
	redisApplied = 1
)

// Bounds of talking to Redis. A call waits behind thousands of others here, so the usual fifty
// milliseconds would be too few; a thousand keys a command keep the removal short.
const (
	redisTimeMax      = 10 * time.Second
	redisKeysMax      = 1000
	redisRewriteMax   = time.Minute
	redisRewritePause = 20 * time.Millisecond
)

// redisServer is a server, and what has to be put back on it.
type redisServer struct {
	client    *redis.Client
	piped     rueidis.Client
	script    string // its hash
	prefix    string // of our keys
	version   string
	processes []int
	was       map[string]string // settings, by name
	sites     []*site
}

func checkRedisURL(address string) error {
	_, err := redis.ParseURL(address)
	if err != nil {
		// The parser's words may repeat the address, and the password is in it.
		return errors.New("a Redis URL is redis://user:password@host:port/number")
	}
	return nil
}

// openRedis connects with a plain client and with one that pipelines by itself. The plain one
// repeats nothing: a write whose reply was lost would be made twice.
func openRedis(ctx context.Context, address string) (*redisServer, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	options.MaxRetries, options.DialerRetries, options.ContextTimeoutEnabled = -1, 1, true
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = redisTimeMax, redisTimeMax,
		redisTimeMax
	r := &redisServer{client: redis.NewClient(options), prefix: "tierstock-bench:" + rand.Text() + ":",
		was: map[string]string{}}
	if err := r.connect(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot use redis://%s: %w", options.Addr, err),
			r.client.Close())
	}
	return r, nil
}

func (r *redisServer) connect(ctx context.Context, options *redis.Options) error {
	info, err := r.client.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	r.version = infoField(info, "redis_version")
	host, _, _ := net.SplitHostPort(options.Addr)
	if address := net.ParseIP(host); host == "localhost" || address != nil && address.IsLoopback() {
		if process, err := strconv.Atoi(infoField(info, "process_id")); err == nil {
			r.processes = []int{process}
		}
	}
	if r.script, err = r.client.ScriptLoad(ctx, takeScript).Result(); err != nil {
		return err
	}
	r.piped, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{options.Addr},
		Username: options.Username, Password: options.Password, SelectDB: options.DB,
		TLSConfig: options.TLSConfig, DisableCache: true, DisableRetry: true,
		ConnWriteTimeout: redisTimeMax})
	if err != nil {
		return err
	}
	for _, name := range []string{"save", "appendonly", "appendfsync"} {
		values, err := r.client.ConfigGet(ctx, name).Result()
		if err != nil {
			return err
		}
		r.was[name] = values[name]
	}
	return r.set(ctx, "save", "")
}

func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (r *redisServer) set(ctx context.Context, name, value string) error {
	return r.client.ConfigSet(ctx, name, value).Err()
}

// close removes our keys and puts the settings back.
func (r *redisServer) close(ctx context.Context) error {
	var failures []error
	for _, s := range slices.Clone(r.sites) {
		_, err := r.remove(ctx, s)
		failures = append(failures, err)
	}
	for name, value := range r.was {
		failures = append(failures, r.set(ctx, name, value))
	}
	r.piped.Close()
	return errors.Join(append(failures, r.client.Close())...)
}

func (r *redisServer) stockKey(s *site, row int) string {
	return r.prefix + s.warehouse + ":S" + strconv.Itoa(row)
}

func (r *redisServer) lineKey(s *site, number int64) string {
	return r.prefix + s.warehouse + ":" + line{number: number}.order()
}

// fill puts the site's stock there, once.
func (r *redisServer) fill(ctx context.Context, c *cell) error {
	if slices.Contains(r.sites, c.site) {
		return nil
	}
	r.sites = append(r.sites, c.site)
	pipe := r.client.Pipeline()
	for row := range c.site.rows {
		pipe.Set(ctx, r.stockKey(c.site, row), c.plan.pieces, 0)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// remove removes a site's keys and counts those of lines.
func (r *redisServer) remove(ctx context.Context, s *site) (lines int64, err error) {
	var keys []string
	for row := range s.rows {
		keys = append(keys, r.stockKey(s, row))
	}
	if err := r.client.Unlink(ctx, keys...).Err(); err != nil {
		return 0, err
	}
	for first := int64(0); first < s.issued.Load(); first += redisKeysMax {
		keys = keys[:0]
		for i := range int64(redisKeysMax) {
			keys = append(keys, r.lineKey(s, first+i))
		}
		removed, err := r.client.Unlink(ctx, keys...).Result()
		if err != nil {
			return lines, err
		}
		lines += removed
	}
	r.sites = slices.DeleteFunc(r.sites, func(known *site) bool { return known == s })
	return lines, nil
}

// judge is the oracle: what is left and the keys that are there must match the answers.
func (r *redisServer) judge(ctx context.Context, s *site, pieces int64) (string, error) {
	left := int64(0)
	for row := range s.rows {
		amount, err := r.client.Get(ctx, r.stockKey(s, row)).Int64()
		if err != nil {
			return "", err
		}
		if amount < 0 {
			return fmt.Sprintf("oversold: %d are left of row %d", amount, row), nil
		}
		left += amount
	}
	keys, err := r.remove(ctx, s)
	if err != nil {
		return "", err
	}
	applied := s.applied.Load()
	if sold := pieces*int64(len(s.rows)) - left; sold != applied || keys != applied {
		return fmt.Sprintf("lost or doubled: %d applied, %d sold, %d keys", applied, sold, keys), nil
	}
	return oracleOK, nil
}

func answerOf(code int64) answers {
	switch code {
	case redisShort:
		return answers{refused: 1}
	case redisApplied:
		return answers{applied: 1}
	}
	return answers{replayed: 1}
}

// answered lets a call that was sent be answered, even if the run is interrupted: one that is
// abandoned could still write its key when all keys have been removed.
func answered(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// startRedis is the plain client on a server that keeps nothing.
func startRedis(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	if err := b.redis.set(ctx, "appendonly", "no"); err != nil {
		return turnOf{}, err
	}
	if err := b.redis.fill(ctx, c); err != nil {
		return turnOf{}, err
	}
	return turnOf{step: func(ctx context.Context, _ *caller) (answers, error) {
		line := c.site.next()
		keys := []string{b.redis.stockKey(c.site, line.row), b.redis.lineKey(c.site, line.number)}
		code, err := b.redis.client.EvalSha(answered(ctx), b.redis.script, keys, line.pieces).Int64()
		return answerOf(code), err
	}}, nil
}

// startRedisDurable is a client that pipelines by itself on a server that syncs every write.
func startRedisDurable(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	if err := b.redis.makeDurable(ctx); err != nil {
		return turnOf{}, err
	}
	if err := b.redis.fill(ctx, c); err != nil {
		return turnOf{}, err
	}
	client := b.redis.piped
	return turnOf{
		step: func(ctx context.Context, _ *caller) (answers, error) {
			line := c.site.next()
			code, err := client.Do(answered(ctx), client.B().Evalsha().Sha1(b.redis.script).Numkeys(2).
				Key(b.redis.stockKey(c.site, line.row), b.redis.lineKey(c.site, line.number)).
				Arg(strconv.FormatInt(line.pieces, 10)).Build()).AsInt64()
			return answerOf(code), err
		},
		end: func() error { return b.redis.set(ctx, "appendonly", "no") },
	}, nil
}

// makeDurable waits for the server to have written what it has, after which each write is synced.
func (r *redisServer) makeDurable(ctx context.Context) error {
	if err := r.set(ctx, "appendfsync", "always"); err != nil {
		return err
	}
	if err := r.set(ctx, "appendonly", "yes"); err != nil {
		return err
	}
	for started := time.Now(); time.Since(started) < redisRewriteMax; {
		info, err := r.client.Info(ctx, "persistence").Result()
		if err != nil {
			return err
		}
		if infoField(info, "aof_rewrite_in_progress") == "0" &&
			infoField(info, "aof_rewrite_scheduled") == "0" && infoField(info, "aof_enabled") == "1" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(redisRewritePause):
		}
	}
	return errors.New("redis: appendonly does not get ready")
}
