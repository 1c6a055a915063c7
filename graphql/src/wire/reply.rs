//! Answers as HTTP responses, and refusals of what is not answered by GraphQL at all.

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS},
};

use super::{
    answer::Answer,
    envelope::Unreadable,
    fault::Fault,
    media::Media,
    yielding::{PIECE, pieces},
};
use crate::admission::Ticket;

/// Gives an answer its status, which depends on its form.
pub fn respond(answer: &Answer, media: Media) -> Response {
    respond_by(answer, media, None)
}

/// The same, by a ticket that is held until the client has taken the answer.
pub fn respond_by(answer: &Answer, media: Media, ticket: Option<Ticket>) -> Response {
    let status = match (answer.status(), media) {
        // Clients of before take any other status for a broken connection.
        (StatusCode::BAD_REQUEST, Media::Json) => StatusCode::OK,
        (status, _) => status,
    };
    render(status, media, answer, ticket)
}

fn render(status: StatusCode, media: Media, answer: &Answer, ticket: Option<Ticket>) -> Response {
    let text = Bytes::from(answer.write());
    let length = text.len();
    if let Some(ticket) = &ticket {
        ticket.written(length);
    }
    let body = match length <= PIECE {
        true => Body::from(text),
        false => Body::from_stream(pieces(text, ticket)),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(CONTENT_TYPE, media.content_type());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(seconds) = answer.retry_after() {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// A request that is not answered by GraphQL at all, in the shape of a GraphQL answer all the same.
pub struct Refusal {
    status: StatusCode,
    error: ServerError,
    media: Media,
}

impl Refusal {
    pub fn new(status: StatusCode, message: &str) -> Self {
        Self {
            status,
            error: Fault::BadUserInput.error(message, None),
            media: Media::Json,
        }
    }

    /// With the status that its fault has.
    pub fn of(error: ServerError) -> Self {
        Self {
            status: Fault::of(&error).unwrap_or(Fault::Internal).status(),
            error,
            media: Media::Json,
        }
    }

    pub fn too_large(message: String) -> Self {
        let error = Fault::CostLimitExceeded.error(message, None);
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error,
            media: Media::Json,
        }
    }

    pub fn foreign_page() -> Self {
        Self::of(Fault::Forbidden.error("Pages of this origin may not speak for their visitors.", None))
    }

    pub fn in_form(self, media: Media) -> Self {
        Self { media, ..self }
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::VariablesTooLarge => Self::too_large(unreadable.message()),
            Unreadable::NotJson | Unreadable::NotARequest(_) | Unreadable::NulInVariables => {
                Self::new(StatusCode::BAD_REQUEST, &unreadable.message())
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        render(self.status, self.media, &Answer::refusal(self.error), None)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;
    use futures::TryStreamExt;

    use super::*;
    use crate::admission::{Admission, Party};

    #[tokio::test]
    async fn a_long_answer_holds_its_room_until_it_is_taken_and_a_short_one_none() {
        let admission = Admission::default();
        let admit = async |text: String| {
            let ticket = admission.ticket(Party(1));
            ticket.admit(50_000).await.unwrap();
            respond_by(
                &Answer::refusal(Fault::BadUserInput.error(text, None)),
                Media::Json,
                Some(ticket),
            )
        };
        let short = admit("short".to_owned()).await;
        let long = admit("x".repeat(3 << 20)).await;
        let next = admission.ticket(Party(1));
        let admitted = tokio::time::timeout(std::time::Duration::from_millis(50), next.admit(50_000));
        assert!(admitted.await.is_err(), "nobody has taken the long one");
        drop((short, long));
        next.admit(50_000).await.unwrap();
    }

    #[tokio::test]
    async fn a_long_answer_is_sent_in_pieces_and_says_its_length() {
        let long = "x".repeat(3 * PIECE);
        for (message, pieces) in [("short", 1), (&*long, 4)] {
            let error = Fault::BadUserInput.error(message.to_owned(), Some(Pos::default()));
            let answer = Answer::refusal(error);
            let response = respond(&answer, Media::Json);
            let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
            let sent: Vec<Bytes> = response
                .into_body()
                .into_data_stream()
                .try_collect()
                .await
                .unwrap();
            assert_eq!(sent.len(), pieces);
            let text = sent.concat();
            assert_eq!(text, answer.write().into_bytes());
            assert_eq!(text.len().to_string(), length);
        }
    }
}
