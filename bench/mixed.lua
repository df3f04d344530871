-- A day in the shop, in a hundred requests: 45 items, 15 lists, 15 searches, 10 carts read, 5 added to,
-- 8 orders of 1 line and 2 of 20.
local bench = dofile("bench.lua")
local order = dofile("order_body.lua")

local shop, words = bench.shop, { "miel", "huile", "lavande", "savon", "caf%C3%A9" }
local lines_of_a_cart = 5

local function any(list)
   return list[math.random(#list)]
end

local function place_order(lines)
   return bench.post("/api/orders", any(shop.clients), order(shop, lines, #shop.items), bench.new_key())
end

local function add_to_cart()
   local client = math.random(#shop.clients)
   local item = shop.items[(client * lines_of_a_cart + math.random(lines_of_a_cart)) % #shop.items + 1]
   return bench.post("/api/cart/items", shop.clients[client], string.format('{"item_id":"%s","quantity":1}', item))
end

local choices = {
   { 45, function() return bench.get("/api/items/" .. any(shop.items)) end },
   { 60, function() return bench.get("/api/items?limit=20") end },
   { 75, function() return bench.get("/api/items?limit=20&q=" .. any(words)) end },
   { 85, function() return bench.get("/api/cart", any(shop.clients)) end },
   { 90, add_to_cart },
   { 98, function() return place_order(1) end },
   { 100, function() return place_order(20) end },
}

bench.send(function()
   local lot = math.random(100)
   for _, choice in ipairs(choices) do
      if lot <= choice[1] then
         return choice[2]()
      end
   end
end)
