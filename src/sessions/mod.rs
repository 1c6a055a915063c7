//! Signing in and staying so.
//!
//! A person proves who they are once and gets a *session*: one browser, one account, thirty days at most. The session hands out two tokens. The access
//! token is a signed statement good for ten minutes, sent with every request; the refresh token lives in a cookie scripts cannot read, is good for
//! one use, and buys the next pair. Rules this module keeps:
//!
//! - Every refusal to sign in looks and costs the same, whether the e-mail, the password or the user is at fault.
//! - At most ten wrong guesses in fifteen minutes for an e-mail, however many replicas serve them, and a hundred e-mails for a network. Who shows what strangers
//!   have not is counted apart from them ([`device`], [`attempts`]).
//! - A refresh token that comes a second time ends its session: one of the two who hold it stole it.
//! - A valid signature is not enough. Each request asks the session's row too (two seconds of cache at most), so whoever is disabled is out at once.
//! - A session rests on a [`Ground`]: the identity itself, good for all accounts of the person, or an account's identity provider, good for that account.
//! - A new password ends every session that rested on the old one. A link to set one is good once, for an hour, and until a newer one is sent.
//! - What is dangerous asks for a proof of the last ten minutes. Renewing a session proves nothing; giving the password again does, or a code by mail where a provider vouched
//!   for the person.

pub mod address;
mod admit;
pub mod attempts;
mod begin;
mod code;
pub mod device;
mod end;
pub mod password;
mod places;
pub mod read;
mod revoke;
mod rotate;
mod rules;
mod settings;
mod sign_in;
mod switch;
mod tokens;

pub use admit::Sessions;
pub use begin::{Begun, Ground, begin_session};
pub use code::{CODE_LIFETIME, ConfirmByCode, NoCode, SendCode, code_claim};
pub use end::{
    EndSession, begun_by, end_session, end_sessions_begun_by, end_sessions_of, end_sessions_where,
};
pub use password::Unproven;
pub use password::change::ChangePassword;
pub use password::confirm::ConfirmSession;
pub use password::forgot::{CountAsking, RESET_LIFETIME, SendReset};
pub use password::guess::Guess;
pub use password::reset::ResetPassword;
pub use places::AccountName;
pub use read::Session;
pub use revoke::{RevokeSessions, Whose};
pub use rotate::RotateSession;
pub use settings::SessionSettings;
pub use sign_in::{SignIn, SignedIn};
pub use switch::{SwitchAccount, Switched};
pub use tokens::access_token::{AccessToken, AccessTokens, Bearer};
pub use tokens::signing_keys::RotateSigningKey;

/// How an attempt ended. A refusal is an answer and not an error, because what it leaves behind (a counted failure, an ended session) is committed.
#[derive(Debug)]
pub enum Entry<T> {
    Granted(T),
    Refused,
}
