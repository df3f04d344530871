-- What every scenario shares: the shop's ids and tokens, the counting of answers, and the report that
-- `cargo xtask bench` reads (xtask/src/bench/report.rs): one line of JSON, in whole numbers.
--
-- wrk runs a script once for itself (`setup`, `done`) and once for each of its threads, which share
-- nothing. Settings come from the environment: COMPTOIR_BENCH_<NAME>.

local bench = {}

function bench.setting(name, default)
   return os.getenv("COMPTOIR_BENCH_" .. name) or default
end

-- Ids and tokens, written for this run: items, clients, address.
local data = bench.setting("DATA")
bench.shop = data and dofile(data) or {}

local threads = {}

function setup(thread)
   table.insert(threads, thread)
   thread:set("number", #threads)
end

-- Each thread has chances of its own. wrk asks its first thread for a request before it begins, which
-- is never sent.
function init()
   math.randomseed(os.time() * 100 + number)
   sent = number == 1 and -1 or 0
end

function bench.get(path, token)
   return wrk.format("GET", path, { Authorization = token and "Bearer " .. token })
end

-- `key` is the Idempotency-Key of what must have one.
function bench.post(path, token, body, key)
   return wrk.format("POST", path, {
      Authorization = "Bearer " .. token,
      ["Content-Type"] = "application/json",
      ["Idempotency-Key"] = key,
   }, body)
end

local made = 0

-- A key that nobody has used: the run's, the thread's, and a number.
function bench.new_key()
   made = made + 1
   return string.format("bench-%s-%d-%d", bench.setting("RUN", "0"), number, made)
end

-- Counting each answer costs wrk a tenth of its speed, so that only some runs do it: the warm-up, which
-- finds out what goes wrong, and the soak.
if bench.setting("WATCH") then
   statuses, refusal, answered = {}, "", 0
   local interval = tonumber(bench.setting("INTERVAL", "0"))
   local began, in_interval = os.time(), 0
   local current = 0

   function response(status, headers, body)
      answered = answered + 1
      local name = tostring(status)
      statuses[name] = (statuses[name] or 0) + 1
      if (status < 200 or status > 299) and refusal == "" then
         refusal = (body or ""):sub(1, 400)
      end
      if interval > 0 then
         local now = math.floor((os.time() - began) / interval)
         if now ~= current then
            io.stdout:write(string.format('{"interval":%d,"answers":%d}\n', current, in_interval))
            io.stdout:flush()
            current, in_interval = now, 0
         end
         in_interval = in_interval + 1
      end
   end
end

-- Near the end of a soak no connection sends another request: whatever is then still without an answer
-- hangs. wrk itself forgets such requests.
local quiet = tonumber(bench.setting("QUIET_AFTER", "0"))
if quiet > 0 then
   local began = os.time()
   function delay()
      return os.time() - began >= quiet and 3600000 or 0
   end
end

-- Makes wrk's `request` of a function that returns one.
function bench.send(make)
   function request()
      sent = sent + 1
      return make()
   end
end

local function quote(text)
   return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

local function add_up(name)
   local sum = 0
   for _, thread in ipairs(threads) do
      sum = sum + (thread:get(name) or 0)
   end
   return sum
end

function done(summary, latency, requests)
   local counts, words, said = {}, {}, ""
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses") or {}) do
         counts[status] = (counts[status] or 0) + count
      end
      local refusal = thread:get("refusal") or ""
      said = said == "" and refusal or said
   end
   for status, count in pairs(counts) do
      table.insert(words, string.format('"%s":%d', status, count))
   end
   local errors = summary.errors
   io.stdout:write(string.format(
      '{"requests":%.0f,"duration_us":%.0f,"p50_us":%.0f,"p99_us":%.0f,"max_us":%.0f,"refused":%.0f,'
         .. '"connect_errors":%.0f,"read_errors":%.0f,"write_errors":%.0f,"timeouts":%.0f,'
         .. '"sent":%.0f,"answered":%.0f,"statuses":{%s},"refusal":%s}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
      errors.status, errors.connect, errors.read, errors.write, errors.timeout,
      add_up("sent"), add_up("answered"), table.concat(words, ","), quote(said)))
end

return bench
