//! The endpoints about passwords: forgotten, set by a link, changed, and given once more to confirm who one is.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;

use super::fault::Fault;
use super::{Caller, cookie, peer, sent, unstored, with_cookie};
use crate::access::{Actor, Member};
use crate::error::Error;
use crate::sessions::{
    ChangePassword, ConfirmByCode, ConfirmSession, CountAsking, Entry, NoCode, ResetPassword, SendCode,
    SendReset, Sessions, Unproven,
};

#[derive(Deserialize)]
struct Forgotten {
    email: String,
}

#[derive(Deserialize)]
struct Reset {
    token: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    password: String,
    new_password: String,
}

#[derive(Deserialize)]
struct Confirmation {
    password: Option<String>,
    /// The one that came by mail.
    code: Option<String>,
}

#[derive(Deserialize)]
struct Nothing {}

/// Answers the same, and as soon, whosever address it is: whether there is anything to send is found out afterwards.
pub(super) async fn forgot(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, false)?;
    let Forgotten { email } = sent(request).await?;
    let (app, actor) = (sessions.app().clone(), caller.actor);
    let asking = CountAsking { email: email.clone() };
    app.run(&actor, asking).await?;
    tokio::spawn(async move {
        if let Err(error) = app.run(&actor, SendReset { email }).await {
            tracing::error!(?error, "a password mail could not be written");
        }
    });
    Ok(unstored(StatusCode::ACCEPTED.into_response()))
}

pub(super) async fn reset(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, false)?;
    let Reset { token, password } = sent(request).await?;
    let command = ResetPassword::new(token.into(), password.into());
    match sessions.app().run(&caller.actor, command).await? {
        Entry::Granted(device) => {
            let cookie = cookie::set_device(&device, sessions.settings())?;
            Ok(with_cookie(done(), cookie))
        }
        Entry::Refused => Err(Fault::DEAD_LINK),
    }
}

pub(super) async fn change(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let (member, request) = signed_in(&sessions, request).await?;
    let Change {
        password,
        new_password,
    } = sent(request).await?;
    let command = ChangePassword::new(password.into(), new_password.into());
    proven(sessions.app().run(&Actor::Member(member), command).await?)
}

/// What is dangerous may be done for the next ten minutes.
pub(super) async fn confirm(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let (member, request) = signed_in(&sessions, request).await?;
    let actor = Actor::Member(member.clone());
    let app = sessions.app();
    let answer = match sent(request).await? {
        Confirmation {
            password: Some(password),
            code: None,
        } => proven(app.run(&actor, ConfirmSession::new(password.into())).await?),
        Confirmation {
            password: None,
            code: Some(code),
        } => proven_by_mail(
            app.run(&actor, ConfirmByCode { code }).await?,
            StatusCode::NO_CONTENT,
        ),
        _ => return Err(Fault::BAD_BODY),
    };
    // The wake does the same on every replica; here the very next request must find it done.
    sessions.forget(&member);
    answer
}

/// For whoever came by a provider that cannot ask anew.
pub(super) async fn send_code(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let (member, request) = signed_in(&sessions, request).await?;
    let Nothing {} = sent(request).await?;
    let actor = Actor::Member(member);
    proven_by_mail(sessions.app().run(&actor, SendCode).await?, StatusCode::ACCEPTED)
}

fn proven_by_mail(outcome: Result<(), NoCode>, done: StatusCode) -> Result<Response, Fault> {
    match outcome {
        Ok(()) => Ok(unstored(done.into_response())),
        Err(NoCode::Wrong) => Err(Fault::WRONG_CODE),
        Err(NoCode::ByPassword) => Err(Fault::BY_PASSWORD),
    }
}

/// The person whose access token the request carries. It is no cookie, so no page of another origin can make a browser send it.
async fn signed_in(sessions: &Sessions, request: Request) -> Result<(Member, Request), Fault> {
    Caller::of(sessions, &request)?.require_origin(sessions, false)?;
    let (headers, peer) = (request.headers().clone(), peer(&request));
    match sessions.admit(&headers, peer).await? {
        Actor::Member(member) => Ok((member, request)),
        Actor::Anonymous(_) => Err(Error::Unauthenticated.into()),
        _ => Err(Error::Forbidden.into()),
    }
}

fn proven(outcome: Result<(), Unproven>) -> Result<Response, Fault> {
    match outcome {
        Ok(()) => Ok(done()),
        Err(Unproven::WrongPassword) => Err(Fault::WRONG_PASSWORD),
        Err(Unproven::NotByPassword) => Err(Fault::NOT_BY_PASSWORD),
    }
}

fn done() -> Response {
    unstored(StatusCode::NO_CONTENT.into_response())
}
