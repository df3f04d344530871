-- Placing orders, of one client after another: COMPTOIR_BENCH_LINES different items each, out of the
-- first COMPTOIR_BENCH_ITEMS of the shop.
local bench = dofile("bench.lua")
local order = dofile("order_body.lua")

local clients = bench.shop.clients
local lines, items = tonumber(bench.setting("LINES")), tonumber(bench.setting("ITEMS"))

local place = 0
bench.send(function()
   place = place % #clients + 1
   return bench.post("/api/orders", clients[place], order(bench.shop, lines, items), bench.new_key())
end)
