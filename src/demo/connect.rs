//! Single sign-on for the demo's account, set up as an administrator would: over the public API, with a test that passes before anything is switched on.
//!
//! Only the domain is taken on the operator's word, because nothing offline can prove one.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::provider::{CLIENT_ID, DemoProvider, PEOPLE};
use crate::access::Actor;
use crate::admin::VouchForDomain;
use crate::app::App;
use crate::client::Api;
use crate::error::{Error, Result};

/// Whoever is provisioned gets a seat of this product.
const PRODUCT: &str = "DRAW";

/// The domain whose people sign in by the demo's provider.
pub fn domain_of(slug: &str) -> String {
    format!("{slug}.example")
}

/// Sets up what is not set up yet. Answers where somebody who is not in the account yet signs in: a path.
pub async fn connect(app: &App, api: &Api, own: &str, slug: &str, provider: &DemoProvider) -> Result<String> {
    let name = domain_of(slug);
    let vouch = VouchForDomain {
        account: slug.to_owned(),
        name: name.clone(),
    };
    app.run(&Actor::Operator, vouch).await?;
    let account = ask(api, ACCOUNT, json!({})).await?["account"].take();
    let is_of_this = |known: &&Value| known["issuer"] == provider.issuer && known["status"] == "ENABLED";
    match list(&account["identityProviders"]).find(is_of_this) {
        Some(known) => provider.register(text(&known["redirectUri"])?),
        None => configure(api, own, &account, &name, provider).await?,
    }
    let newcomer = PEOPLE[0].email(&name);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", &newcomer)
        .append_pair("return_to", "/graphiql")
        .finish();
    Ok(format!("/sso/start?{query}"))
}

const ACCOUNT: &str = "{ account {
    domains { id name }
    identityProviders { id issuer status redirectUri }
    subscriptions(first: 100) { nodes { id product { code } } }
} }";

/// Makes the provider known, in place of one of an earlier run that is at its address no more.
async fn configure(
    api: &Api,
    own: &str,
    account: &Value,
    domain: &str,
    provider: &DemoProvider,
) -> Result<()> {
    for former in list(&account["identityProviders"]) {
        let input = json!({"identityProviderId": former["id"], "isEnabled": false});
        change(
            api,
            "setSsoEnabled",
            "SetSsoEnabledInput",
            "identityProvider { id }",
            input,
        )
        .await?;
        let input = json!({"identityProviderId": former["id"]});
        change(
            api,
            "deleteIdentityProvider",
            "DeleteIdentityProviderInput",
            "deletedIdentityProviderId",
            input,
        )
        .await?;
    }
    let domains = list(&account["domains"]).filter(|known| known["name"] == domain);
    let mut subscriptions = list(&account["subscriptions"]["nodes"]);
    let subscription = subscriptions.rfind(|known| known["product"]["code"] == PRODUCT);
    let input = json!({
        "name": "Demo sign-in",
        "issuer": provider.issuer,
        "clientId": CLIENT_ID,
        "clientSecret": provider.client_secret().expose_secret(),
        "domainIds": domains.map(|known| known["id"].clone()).collect::<Vec<_>>(),
        "jit": {
            "isEnabled": true,
            "defaultSubscriptionIds": subscription.map(|known| known["id"].clone()).into_iter().collect::<Vec<_>>(),
        },
    });
    let wanted = "identityProvider { id redirectUri }";
    let made = change(
        api,
        "createIdentityProvider",
        "CreateIdentityProviderInput",
        wanted,
        input,
    )
    .await?;
    let made = &made["identityProvider"];
    provider.register(text(&made["redirectUri"])?);
    let input = json!({"identityProviderId": made["id"]});
    let test = change(api, "startSsoTest", "StartSsoTestInput", "testUrl", input).await?;
    pass_test(own, &text(&test["testUrl"])?).await?;
    let input = json!({"identityProviderId": made["id"], "isEnabled": true});
    change(
        api,
        "setSsoEnabled",
        "SetSsoEnabledInput",
        "identityProvider { id }",
        input,
    )
    .await?;
    Ok(())
}

/// Goes the way of a browser: to Muster, from there to the provider, and with somebody chosen back again.
async fn pass_test(own: &str, test_url: &str) -> Result<()> {
    let browser = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(Error::internal)?;
    let sent = browser
        .get(here(own, test_url)?)
        .send()
        .await
        .map_err(Error::internal)?;
    let cookies = sent.headers().get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let chosen = DemoProvider::choosing(&next(&sent)?, 0)?;
    let chosen = browser.get(chosen).send().await.map_err(Error::internal)?;
    let back = browser.get(here(own, &next(&chosen)?)?).header(COOKIE, cookies);
    let page = back.send().await.map_err(Error::internal)?;
    match page.status().is_success() {
        true => Ok(()),
        false => Err(Error::internal(
            "the demo's identity provider did not pass its test",
        )),
    }
}

fn next(answer: &reqwest::Response) -> Result<String> {
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    location
        .map(str::to_owned)
        .ok_or_else(|| Error::internal("a browser would not have been sent on"))
}

/// The same address at the server of this process, whatever it is called outside.
fn here(own: &str, url: &str) -> Result<Url> {
    let outside: Url = url.parse().map_err(Error::internal)?;
    let mut url: Url = own.parse().map_err(Error::internal)?;
    url.set_path(outside.path());
    url.set_query(outside.query());
    Ok(url)
}

/// A mutation; refused, it ends the demo.
pub async fn change(api: &Api, name: &str, input_type: &str, wanted: &str, input: Value) -> Result<Value> {
    let document = format!(
        "mutation($input: {input_type}!) {{ {name}(input: $input) {{ {wanted} userErrors {{ message }} }} }}"
    );
    let payload = ask(api, &document, json!({"input": input})).await?[name].take();
    let refused = list(&payload["userErrors"]).next();
    match refused.map(|refused| text(&refused["message"])).transpose()? {
        Some(message) => Err(Error::internal(format!("{name}: {message}"))),
        None => Ok(payload),
    }
}

/// What a document answers.
pub async fn ask(api: &Api, document: &str, variables: Value) -> Result<Value> {
    api.query(document, variables).await.map_err(Error::internal)
}

fn list(value: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| Error::internal("the API left out what was asked for"))
}
