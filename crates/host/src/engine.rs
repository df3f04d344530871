//! The engine: how WebAssembly is compiled and where instances live.
//!
//! Instances come from a pool with the limits of Spin, so that what fits there fits here; on a
//! machine that cannot reserve terabytes of addresses, from nowhere in particular, and slower. No
//! fuel and no epochs: Spin has no request deadline by default either, and both cost every loop.

use anyhow::{Result, anyhow};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Instances that can be alive at once; one more is an error, answered with 500.
const INSTANCES: u32 = 1_000;
const MIB: usize = 1 << 20;

/// Builds the one engine of the process.
pub fn build() -> Result<Engine> {
    let pool = InstanceAllocationStrategy::Pooling(describe_pool());
    Engine::new(&configure(pool))
        .or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "instances without a pool");
            Engine::new(&configure(InstanceAllocationStrategy::OnDemand))
        })
        .map_err(|error| anyhow!("cannot start the WebAssembly engine: {error:#}"))
}

fn configure(strategy: InstanceAllocationStrategy) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .allocation_strategy(strategy);
    config
}

fn describe_pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_memories(INSTANCES)
        .total_tables(2 * INSTANCES)
        .total_stacks(INSTANCES)
        .total_core_instances(4 * INSTANCES)
        .table_elements(100_000)
        .max_component_instance_size(10 * MIB)
        .max_core_instance_size(10 * MIB)
        .max_core_instances_per_component(200)
        .max_tables_per_component(64)
        .max_memories_per_component(32)
        .max_tables_per_module(2)
        .max_memories_per_module(2)
        .max_memory_size(4 << 30)
        // What stays resident is cleared by writing zeroes, the rest by a call to the kernel.
        .linear_memory_keep_resident(2 * MIB)
        .table_keep_resident(MIB / 2);
    pool
}
