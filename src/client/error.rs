//! Why the client gives up, in words for the person at the terminal.

use std::path::PathBuf;

use serde::Deserialize;

/// Something the person can mend: the server changed nothing.
#[derive(Clone, Debug, Deserialize)]
pub struct UserError {
    pub message: String,
    pub code: String,
}

/// Why the server did not execute an operation at all.
#[derive(Clone, Debug, Deserialize)]
pub struct TopLevelError {
    pub message: String,
    #[serde(default)]
    pub extensions: Extensions,
}

/// What stands beside the message of a [`TopLevelError`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Extensions {
    pub code: String,
    /// To be named when the operator is asked.
    pub request_id: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{} is larger than 5 MiB. Split it into several files.", .0.display())]
    FileTooLarge(PathBuf),
    #[error("\"{0}\" is not the address of a server. It looks like https://muster.example.com.")]
    Address(String),
    #[error("There is no access token. Set MUSTER_TOKEN, or give --token.")]
    NoToken,
    #[error("The access token holds characters that a token cannot have. Was it copied whole?")]
    Token,
    #[error("{server} cannot be reached: {}", root_cause(source))]
    Unreachable { server: String, source: reqwest::Error },
    #[error("{server} answered {status}. {explanation}")]
    Status {
        server: String,
        status: reqwest::StatusCode,
        explanation: String,
    },
    #[error("{}", refusals(.0))]
    Refused(Vec<UserError>),
    #[error("{}", failures(.0))]
    Failed(Vec<TopLevelError>),
    #[error("The file cannot be used: {0}.")]
    UsageFile(String),
    /// Some chunks of a file were sent, and one was not.
    #[error(
        "{source} The rows before were recorded: {done} of them. Send the file again; none is added twice."
    )]
    Halfway { done: usize, source: Box<ClientError> },
    #[error("There is no {what} \"{word}\". There are: {there}.")]
    Unknown {
        what: &'static str,
        word: String,
        there: String,
    },
    #[error("The server's answer was not understood: {0}.")]
    Answer(String),
    /// The connection for progress; there will be another one.
    #[error("The connection was lost: {0}.")]
    Connection(String),
    #[error("{source} The {what} {id} itself goes on at the server.")]
    OutOfSight {
        /// An import or an export.
        what: &'static str,
        id: String,
        source: Box<ClientError>,
    },
    #[error("The result cannot be written: {0}")]
    Output(std::io::Error),
}

impl ClientError {
    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => !source.is_builder(),
            Self::Status { status, .. } => status.is_server_error() || status.as_u16() == 429,
            Self::Failed(errors) => errors.iter().all(|error| {
                matches!(
                    error.extensions.code.as_str(),
                    "BUSY" | "UNAVAILABLE" | "RATE_LIMITED"
                )
            }),
            Self::Connection(_) => true,
            _ => false,
        }
    }

    /// What the process ends with: 3 where there is no access token or none that is good, otherwise 1.
    pub fn exit_code(&self) -> u8 {
        let is_about_token = match self {
            Self::NoToken | Self::Token => true,
            Self::Failed(errors) => errors.iter().any(|error| {
                matches!(
                    error.extensions.code.as_str(),
                    "UNAUTHENTICATED" | "ACCESS_TOKEN_EXPIRED" | "SESSION_EXPIRED" | "RECENT_AUTH_REQUIRED"
                )
            }),
            Self::OutOfSight { source, .. } | Self::Halfway { source, .. } => return source.exit_code(),
            _ => false,
        };
        if is_about_token { 3 } else { 1 }
    }

    /// A call that got no answer. The address is left out of the cause: that of a presigned link is a secret.
    pub(super) fn unreachable(url: &url::Url, source: reqwest::Error) -> Self {
        Self::Unreachable {
            server: url.origin().ascii_serialization(),
            source: source.without_url(),
        }
    }

    /// An answer that says no, and nothing we know how to read.
    pub(super) fn status(
        url: &url::Url,
        status: reqwest::StatusCode,
        explanation: impl Into<String>,
    ) -> Self {
        Self::Status {
            server: url.origin().ascii_serialization(),
            status,
            explanation: explanation.into(),
        }
    }
}

/// Turns the `userErrors` of a payload into an error, if there are any.
pub(super) fn refuse(errors: Vec<UserError>) -> Result<(), ClientError> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ClientError::Refused(errors))
    }
}

/// The innermost cause: "connection refused" says more than the layers that pass it on.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn refusals(errors: &[UserError]) -> String {
    let sentences: Vec<String> = errors
        .iter()
        .map(|error| format!("{} ({})", error.message, error.code))
        .collect();
    sentences.join("\n")
}

fn failures(errors: &[TopLevelError]) -> String {
    let sentences: Vec<String> = errors
        .iter()
        .map(|error| {
            let Extensions { code, request_id } = &error.extensions;
            match request_id {
                Some(id) => format!("{} ({code}, request {id})", error.message),
                None => format!("{} ({code})", error.message),
            }
        })
        .collect();
    sentences.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: &str) -> ClientError {
        ClientError::Failed(vec![TopLevelError {
            message: "Too bad.".into(),
            extensions: Extensions {
                code: code.into(),
                request_id: Some("req_1".into()),
            },
        }])
    }

    #[test]
    fn errors_name_their_code_and_the_request() {
        assert_eq!(
            failed("INTERNAL").to_string(),
            "Too bad. (INTERNAL, request req_1)"
        );
        let refused = refuse(vec![UserError {
            message: "The file is empty.".into(),
            code: "FILE_EMPTY".into(),
        }]);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "The file is empty. (FILE_EMPTY)"
        );
        assert!(refuse(Vec::new()).is_ok());
    }

    #[test]
    fn only_troubles_that_pass_are_waited_for() {
        assert!(failed("UNAVAILABLE").is_passing());
        assert!(failed("RATE_LIMITED").is_passing());
        assert!(ClientError::Connection("closed".into()).is_passing());
        assert!(!failed("UNAUTHENTICATED").is_passing());
        assert!(!failed("INTERNAL").is_passing());
        assert!(!ClientError::Refused(Vec::new()).is_passing());
        assert!(!ClientError::Token.is_passing());
    }

    #[test]
    fn scripts_learn_by_the_exit_code_that_they_need_another_token() {
        let lost = ClientError::OutOfSight {
            what: "import",
            id: "imp_1".into(),
            source: Box::new(failed("ACCESS_TOKEN_EXPIRED")),
        };
        for error in [
            ClientError::NoToken,
            ClientError::Token,
            failed("UNAUTHENTICATED"),
            failed("RECENT_AUTH_REQUIRED"),
            lost,
        ] {
            assert_eq!(error.exit_code(), 3, "{error}");
        }
        assert_eq!(failed("FORBIDDEN").exit_code(), 1);
        assert_eq!(ClientError::Refused(Vec::new()).exit_code(), 1);
    }
}
