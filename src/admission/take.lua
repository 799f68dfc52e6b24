-- Takes a token from a bucket, and reads what a day's budget has spent.
-- KEYS: the bucket, the day's budget. ARGV: microseconds per token, tokens in the bucket (0: no limit, only read the budget).
-- Answers: admitted, remaining, microseconds to wait or until full, tokens spent, money spent; or the error WRONGTYPE, as of Redis itself,
-- where a key holds something that is no number.
--
-- The bucket holds the time at which it is full again (GCRA's theoretical arrival time), in microseconds. '%.17g' keeps fractions:
-- a rate that does not divide a minute must not drift.
local spent = redis.call('HMGET', KEYS[2], 'tokens', 'micros')
local tokens, micros = tonumber(spent[1] or 0), tonumber(spent[2] or 0)
local function not_ours() return redis.error_reply('WRONGTYPE Operation against a key holding something else than a number') end
if not (tokens and micros) then return not_ours() end
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
if burst == 0 then return {1, 0, 0, tokens, micros} end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local was_full = tonumber(redis.call('GET', KEYS[1]) or now)
if not was_full then return not_ours() end
local full = math.max(was_full, now) + interval
local early = full - interval * burst - now
if early > 0 then return {0, 0, math.ceil(early), tokens, micros} end
redis.call('SET', KEYS[1], string.format('%.17g', full), 'PX', math.max(1, math.ceil((full - now) / 1000)))
return {1, math.floor(-early / interval), math.ceil(full - now), tokens, micros}
