-- The body of an order: `lines` different items, chosen by chance among the first `count` of the shop,
-- and in an order by chance, as people choose them.
return function(shop, lines, count)
   local chosen, words = {}, {}
   while #words < lines do
      local place = math.random(count)
      if not chosen[place] then
         chosen[place] = true
         table.insert(words, string.format('{"item_id":"%s","quantity":1}', shop.items[place]))
      end
   end
   return '{"items":[' .. table.concat(words, ",") .. '],"shipping_address":' .. shop.address .. "}"
end
