//! End to end, through HTTP only, against real MariaDB and Redis
