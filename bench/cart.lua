-- GET of the cart, of one client after another.
local bench = dofile("bench.lua")

local clients = bench.shop.clients
local place = 0
bench.send(function()
   place = place % #clients + 1
   return bench.get("/api/cart", clients[place])
end)
