//! A whole Muster for a test: its own database, its own folder, its own port, and clients to visit it with.

mod databases;
pub mod directories;
mod dns;
pub mod hostile;
mod house;
pub mod node;
mod pages;
mod patience;
pub mod rows;
pub mod search;
pub mod seats;
mod seeds;
pub mod shape;
mod socket;
pub mod statements;
mod store;
mod wire;

pub use databases::{Database, discard, empty, fresh, postgres_server};
pub use dns::Dns;
pub use house::{Client, House, sha256};
pub use pages::{blocks, refusals, variables};
pub use patience::patiently;
pub use seeds::{PASSWORD, Team, accept, add_product, sell, team, team_in};
pub use socket::Socket;
pub use store::Store;
pub use wire::{Way, Wire};
