//! Who sends a request: read off its headers, judged by the sessions.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::origin;
use crate::access::{Actor, Origin};
use crate::error::{Error, Result};
use crate::sessions::Sessions;

impl Sessions {
    /// Where a request came from. `peer` is the other end of its connection.
    pub fn origin(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Origin {
        origin::origin(headers, peer, self.settings().behind_proxy)
    }

    /// Who sends a request. Without an `Authorization` header: nobody.
    pub async fn admit(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Actor> {
        let origin = self.origin(headers, peer);
        let mut sent = headers.get_all(AUTHORIZATION).into_iter();
        match (sent.next(), sent.next()) {
            (None, _) => Ok(Actor::Anonymous(origin)),
            (Some(one), None) => {
                let text = one.to_str().map_err(|_| Error::Unauthenticated)?;
                self.admit_bearer(text, origin).await
            }
            (Some(_), Some(_)) => Err(Error::Unauthenticated),
        }
    }
}
