-- GET of single items, in turn: the first COMPTOIR_BENCH_ITEMS of the shop. Each thread has a part of
-- them for itself, so that an item comes up again only after all the others of its part.
local bench = dofile("bench.lua")

local items, count = bench.shop.items, tonumber(bench.setting("ITEMS"))
local threads = tonumber(bench.setting("THREADS"))
local size = math.floor(count / threads)

local place = 0
bench.send(function()
   place = place % size + 1
   return bench.get("/api/items/" .. items[(number - 1) * size + place])
end)
