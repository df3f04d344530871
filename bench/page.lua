-- GET of one path after another: COMPTOIR_BENCH_PATHS, separated by spaces.
local bench = dofile("bench.lua")

local paths = {}
for path in bench.setting("PATHS", "/"):gmatch("%S+") do
   table.insert(paths, path)
end

local place = 0
bench.send(function()
   place = place % #paths + 1
   return bench.get(paths[place])
end)
