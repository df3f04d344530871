//! MySQL through Spin: pool, transactions, typed rows, error codes
