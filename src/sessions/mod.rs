//! Signing in and staying so.
//!
//! A person proves who he is once and gets a *session*: one browser, one account, thirty days at most. The session hands out two tokens. The access
//! token is a signed statement good for ten minutes, sent with every request; the refresh token lives in a cookie scripts cannot read, is good for
//! one use, and buys the next pair. Rules this room guards:
//!
//! - Every refusal to sign in looks and costs the same, whether the e-mail, the password or the user is at fault.
//! - At most ten wrong guesses in fifteen minutes, for an e-mail and for a network address, however many replicas serve them.
//! - A refresh token that comes a second time ends its session: one of the two who hold it stole it.
//! - A valid signature is not enough. Each request asks the session's row too (two seconds of cache at most), so whoever is disabled is out at once.

mod access_token;
mod admit;
mod attempts;
mod begin;
mod cookie;
mod end;
mod http;
mod origin;
pub mod password;
mod rotate;
pub mod rules;
mod settings;
mod sign_in;
mod signing_keys;
mod standing;
mod verified;

pub use access_token::{AccessToken, AccessTokens, Bearer};
pub use admit::Sessions;
pub use begin::{Begun, Ground, begin_session};
pub use end::{EndSession, end_session, end_sessions_of};
pub use rotate::RotateSession;
pub use settings::Settings;
pub use sign_in::{AccountName, SignIn, SignedIn};
pub use signing_keys::RotateSigningKey;

/// What came of knocking. A refusal is an answer and not an error, because what it leaves behind (a counted failure, an ended session) is committed.
#[derive(Debug)]
pub enum Entry<T> {
    Granted(T),
    Refused,
}
