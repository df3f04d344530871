//! Redis through Spin: one connection an instance, typed keys, scripts
