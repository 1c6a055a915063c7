//! Changing one's own address: asked for in a session that is recent, proven by a link that goes to the new address, and told at the old one.
//!
//! Whoever asks is answered alike whoever has the address: whether it is anybody's is told to whoever brings the link, since the mail reached them. What changes is the
//! address by which the person signs in, and the one the account has for them; other accounts keep theirs until it is changed there.

mod ask;
mod confirm;
mod moved;
pub mod read;
mod rules;

pub use ask::{AskForAddress, Asked};
pub use confirm::ConfirmAddress;
pub use moved::move_address;

use chrono::Duration;
use uuid::Uuid;

use crate::platform::secrets::Claim;

/// How long a link is good.
pub const LINK_LIFETIME: Duration = Duration::days(1);

/// What the link of a change is made of.
pub const fn change_claim(account_id: Uuid, user_id: Uuid, generation: i32) -> Claim {
    Claim {
        account_id,
        id: user_id,
        generation,
    }
}
