//! What a client asks for when it sends a browser here (OpenID Connect Core, section 3.1.2.1), and what is wrong with it.

use serde::{Deserialize, Serialize};

use super::CLIENT_ID;

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Request {
    pub response_type: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub scope: String,
    pub state: String,
    pub nonce: String,
    pub code_challenge: String,
    pub code_challenge_method: String,
}

impl Request {
    /// Why nobody is signed in for this request. It is said here and not sent back: an address that was not registered is told nothing.
    pub fn check(&self, return_address: Option<&str>) -> Result<(), &'static str> {
        if self.client_id != CLIENT_ID {
            return Err("This provider does not know the client.");
        }
        if return_address != Some(self.redirect_uri.as_str()) {
            return Err("The client did not register this return address.");
        }
        if self.response_type != "code" || !self.scope.split(' ').any(|scope| scope == "openid") {
            return Err("Only the code flow of OpenID Connect is spoken here.");
        }
        if self.code_challenge_method != "S256" || self.code_challenge.is_empty() {
            return Err("The client must prove itself by PKCE with S256.");
        }
        if self.state.is_empty() || self.nonce.is_empty() {
            return Err("State and nonce are missing.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CLIENT_ID, Request};

    const BACK: &str = "http://127.0.0.1:1/sso/callback/idp_1";

    fn request() -> Request {
        Request {
            response_type: "code".into(),
            client_id: CLIENT_ID.into(),
            redirect_uri: BACK.into(),
            scope: "openid email".into(),
            state: "s".into(),
            nonce: "n".into(),
            code_challenge: "c".into(),
            code_challenge_method: "S256".into(),
        }
    }

    #[test]
    fn only_the_registered_client_with_everything_it_needs_is_served() {
        assert!(request().check(Some(BACK)).is_ok());
        assert!(request().check(None).is_err());
        assert!(request().check(Some("http://127.0.0.1:1/")).is_err());
        let spoilt: [fn(&mut Request); 7] = [
            |request| request.response_type = "token".into(),
            |request| request.client_id = "another".into(),
            |request| request.redirect_uri.push('/'),
            |request| request.scope = "email".into(),
            |request| request.state.clear(),
            |request| request.nonce.clear(),
            |request| request.code_challenge_method = "plain".into(),
        ];
        for spoil in spoilt {
            let mut request = request();
            spoil(&mut request);
            assert!(request.check(Some(BACK)).is_err(), "{request:?}");
        }
    }
}
