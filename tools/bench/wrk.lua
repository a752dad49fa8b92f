-- wrk's requests: the paths of a file one after another, each thread from another place in it, with fixed headers.
-- Prints one line of JSON at the end.
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end

function init(args)
  paths, at = {}, 0
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  at = math.floor(#paths / 2) * number
  wrk.headers["Accept-Encoding"] = "gzip"
  for i = 2, #args do
    local name, value = args[i]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
end

function request()
  at = at % #paths + 1
  local path, body = paths[at]:match("^(%S+) ?(.*)$")
  if body ~= "" then return wrk.format("POST", path, nil, body) end
  return wrk.format("GET", path)
end

function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"requests": %d, "seconds": %.3f, "p50_ms": %.2f, "p95_ms": %.2f, "errors": %d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
