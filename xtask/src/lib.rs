//! The commands of this repository, and what tests and bench take from them: private servers,
//! the build of the components, migrations and the host process. It knows no service's rules;
//! it speaks to the shop through HTTP, and to its schemas only to create and promote.

pub mod admin;
pub mod bench;
pub mod command;
pub mod compile;
pub mod console;
pub mod demo;
pub mod disk;
pub mod faults;
pub mod graphql;
pub mod interruption;
pub mod listen;
pub mod logins;
pub mod metadata;
pub mod migrate;
pub mod openapi;
pub mod private;
pub mod running;
pub mod serve;
pub mod servers;
pub mod settings;
pub mod setup;
pub mod spin;
pub mod test;
pub mod ticker;
pub mod tidy;
pub mod up;
pub mod workspace;
