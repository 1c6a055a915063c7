//! What may be asked for and said. Pure.

use entity::access_request::{Model, Status};

use crate::error::{Code, Refusal};
use crate::limits;

/// What somebody says about a request; blank is nothing.
pub fn words(given: Option<&str>, field: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = given.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > limits::ACCESS_REQUEST_NOTE {
        let message = format!("At most {} characters.", limits::ACCESS_REQUEST_NOTE);
        return Err(Refusal::new(Code::TooLong, message).at(field));
    }
    Ok(Some(text.to_owned()))
}

/// What deciding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Decide,
    /// It was decided so before.
    AsBefore,
}

/// Whether a request can be decided so.
pub fn step(request: Option<&Model>, as_what: Status) -> Result<Step, Refusal> {
    let request = request.ok_or_else(|| Refusal::new(Code::NotFound, "There is no such request."))?;
    match request.status {
        Status::Open => Ok(Step::Decide),
        status if status == as_what => Ok(Step::AsBefore),
        Status::Approved => Err(decided("approved")),
        Status::Declined => Err(decided("declined")),
    }
}

fn decided(how: &str) -> Refusal {
    Refusal::new(Code::AlreadyDecided, format!("The request was {how} already."))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::access_request::{Model, Status};
    use uuid::Uuid;

    use super::{Step, step, words};
    use crate::error::Code;

    fn request(status: Status) -> Model {
        Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            user_id: Uuid::nil(),
            product_id: Uuid::nil(),
            status,
            note: None,
            answer: None,
            created_at: DateTime::UNIX_EPOCH,
            decided_at: None,
            decided_by: None,
        }
    }

    #[test]
    fn what_is_open_is_decided_and_what_is_decided_stays_so() {
        let of = |status, as_what| step(Some(&request(status)), as_what).map_err(|refusal| refusal.code);
        assert_eq!(of(Status::Open, Status::Approved), Ok(Step::Decide));
        assert_eq!(of(Status::Open, Status::Declined), Ok(Step::Decide));
        assert_eq!(of(Status::Approved, Status::Approved), Ok(Step::AsBefore));
        assert_eq!(of(Status::Declined, Status::Declined), Ok(Step::AsBefore));
        assert_eq!(of(Status::Declined, Status::Approved), Err(Code::AlreadyDecided));
        assert_eq!(of(Status::Approved, Status::Declined), Err(Code::AlreadyDecided));
        assert_eq!(step(None, Status::Approved).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn words_are_trimmed_and_bounded() {
        assert_eq!(words(Some("  \n"), "input.note"), Ok(None));
        assert_eq!(words(Some(" please\n"), "input.note"), Ok(Some("please".into())));
        let at_most = "ä".repeat(500);
        assert_eq!(words(Some(&at_most), "input.note"), Ok(Some(at_most.clone())));
        assert_eq!(
            words(Some(&(at_most + "a")), "input.note").unwrap_err().code,
            Code::TooLong
        );
    }
}
