//! What is measured: which script sends what, to which host, and what must be so before it begins.

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub served_by: ServedBy,
    /// A file of `bench/` and its settings.
    pub script: &'static str,
    pub settings: &'static [(&'static str, &'static str)],
    pub before: Before,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServedBy {
    EmptyComponent,
    Shop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Nothing,
    /// Redis is emptied all the while, more often than an item comes up again.
    KeepRedisEmpty,
    /// Each client has five lines in the cart.
    FillCarts,
}

impl Scenario {
    /// What its script is told by this name.
    pub fn setting(&self, name: &str) -> Option<&'static str> {
        let mut settings = self.settings.iter();
        settings
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }
}

/// The yardstick of all others.
pub const EMPTY: Scenario = Scenario {
    name: "empty component",
    served_by: ServedBy::EmptyComponent,
    script: "page.lua",
    settings: &[("PATHS", "/")],
    before: Before::Nothing,
};

pub const SCENARIOS: [Scenario; 10] = [
    shop("livez", "page.lua", &[("PATHS", "/livez")]),
    shop("item, hit", "items.lua", &[("ITEMS", "100")]),
    Scenario {
        before: Before::KeepRedisEmpty,
        ..shop("item, miss", "items.lua", &[("ITEMS", "2000")])
    },
    shop("item list", "page.lua", &[("PATHS", "/api/items?limit=20")]),
    shop(
        "search",
        "page.lua",
        &[(
            "PATHS",
            "/api/items?limit=20&q=miel /api/items?limit=20&q=huile+olive \
             /api/items?limit=20&q=lavande /api/items?limit=20&q=savon \
             /api/items?limit=20&q=provence",
        )],
    ),
    Scenario {
        before: Before::FillCarts,
        ..shop("cart, 5 lines", "cart.lua", &[])
    },
    shop(
        "order, 1 line, one item",
        "order.lua",
        &[("LINES", "1"), ("ITEMS", "1")],
    ),
    shop(
        "order, 1 line, many items",
        "order.lua",
        &[("LINES", "1"), ("ITEMS", "2000")],
    ),
    shop(
        "order, 20 lines, same items",
        "order.lua",
        &[("LINES", "20"), ("ITEMS", "20")],
    ),
    shop(
        "order, 20 lines, many items",
        "order.lua",
        &[("LINES", "20"), ("ITEMS", "2000")],
    ),
];

const fn shop(
    name: &'static str,
    script: &'static str,
    settings: &'static [(&'static str, &'static str)],
) -> Scenario {
    Scenario {
        name,
        served_by: ServedBy::Shop,
        script,
        settings,
        before: Before::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench");
        for scenario in SCENARIOS.iter().chain([&EMPTY]) {
            assert!(
                folder.join(scenario.script).is_file(),
                "{}",
                scenario.script
            );
        }
    }

    #[test]
    fn no_scenario_wants_more_items_than_the_shop_gets() {
        let settings = SCENARIOS.iter().flat_map(|scenario| scenario.settings);
        for (_, items) in settings.filter(|(name, _)| *name == "ITEMS") {
            assert!(items.parse::<usize>().unwrap() <= super::super::goods::ITEMS);
        }
    }
}
