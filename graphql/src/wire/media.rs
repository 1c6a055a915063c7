//! Which media type a request has and which one its answer gets (the GraphQL over HTTP draft of August 2026).

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE},
};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the operation was executed.
    GraphqlResponse,
    /// `application/json`, for clients of before: whatever was a well-formed request is answered with 200.
    Json,
}

impl Media {
    const BOTH: [Self; 2] = [Self::GraphqlResponse, Self::Json];

    const fn essence(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }

    pub const fn content_type(self) -> HeaderValue {
        match self {
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }

    /// The form the client likes best; `None` when it accepts neither.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let ranges: Vec<Range> = accept_ranges(headers).collect();
        // The last of equals wins: Json for a wildcard, and the list is in this order for that reason.
        Self::BOTH
            .into_iter()
            .filter_map(|media| {
                let range = ranges
                    .iter()
                    .filter(|range| range.covers(media))
                    .max_by_key(|range| range.precision)?;
                (range.weight > 0).then_some((range.weight, range.precision, media))
            })
            .max_by_key(|(weight, precision, media)| {
                (
                    *weight,
                    *precision,
                    *precision == Precision::Exact && *media == Self::GraphqlResponse,
                )
            })
            .map(|(_, _, media)| media)
    }
}

/// Whether the body is said to be JSON in UTF-8. Anything else a browser may send without asking first, so it is refused.
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(content_type) = content_type.to_str() else {
        return false;
    };
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    essence.trim().eq_ignore_ascii_case("application/json")
        && parameters.split(';').all(is_utf8_or_no_charset)
}

/// Whether a person with a browser is asking for a page.
pub fn wants_html(headers: &HeaderMap) -> bool {
    accept_ranges(headers).any(|range| range.essence == "text/html" && range.weight > 0)
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Anything,
    Subtype,
    Exact,
}

/// One item of an `Accept` header.
struct Range {
    essence: String,
    precision: Precision,
    /// The `q` in thousandths.
    weight: u16,
}

impl Range {
    fn covers(&self, media: Media) -> bool {
        match self.precision {
            Precision::Anything => true,
            Precision::Subtype => self.essence == "application/*",
            Precision::Exact => self.essence == media.essence(),
        }
    }
}

fn accept_ranges(headers: &HeaderMap) -> impl Iterator<Item = Range> + '_ {
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(range)
}

fn range(text: &str) -> Option<Range> {
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let essence = essence.trim().to_ascii_lowercase();
    if essence.is_empty() || !parameters.split(';').all(is_utf8_or_no_charset) {
        return None;
    }
    let precision = match essence.as_str() {
        "*/*" => Precision::Anything,
        other if other.ends_with("/*") => Precision::Subtype,
        _ => Precision::Exact,
    };
    let weight = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("q="))
        .map_or(1_000, weight);
    Some(Range {
        essence,
        precision,
        weight,
    })
}

/// `0.85` is 850. What is not a weight counts as none.
fn weight(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let thousandths = format!("{fraction:0<3}");
    match (
        whole,
        thousandths.get(..3).and_then(|digits| digits.parse::<u16>().ok()),
    ) {
        ("1", _) => 1_000,
        ("0", Some(thousandths)) => thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn headers(name: http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[rstest]
    #[case("application/graphql-response+json", Some(Media::GraphqlResponse))]
    #[case("application/json", Some(Media::Json))]
    #[case("application/json; charset=utf-8", Some(Media::Json))]
    #[case("*/*", Some(Media::Json))]
    #[case("application/*", Some(Media::Json))]
    #[case(
        "application/graphql-response+json, application/json;q=0.9",
        Some(Media::GraphqlResponse)
    )]
    #[case(
        "application/json, application/graphql-response+json",
        Some(Media::GraphqlResponse)
    )]
    #[case(
        "application/graphql-response+json;q=0.5, application/json",
        Some(Media::Json)
    )]
    #[case("application/graphql-response+json, */*", Some(Media::GraphqlResponse))]
    #[case("application/json;q=0, */*", Some(Media::GraphqlResponse))]
    #[case("text/html, */*;q=0.1", Some(Media::Json))]
    #[case("text/html", None)]
    #[case("application/json;q=0", None)]
    #[case("application/json; charset=latin1", None)]
    #[case("", None)]
    fn the_best_liked_form_is_chosen(#[case] accept: &str, #[case] expected: Option<Media>) {
        assert_eq!(Media::accepted(&headers(ACCEPT, accept)), expected);
    }

    #[test]
    fn without_a_wish_the_answer_is_json() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
    }

    #[rstest]
    #[case("application/json", true)]
    #[case("Application/JSON; Charset=\"UTF-8\"", true)]
    #[case("application/json; charset=utf-16", false)]
    #[case("application/graphql", false)]
    #[case("text/plain", false)]
    #[case("application/x-www-form-urlencoded", false)]
    #[case("multipart/form-data; boundary=x", false)]
    #[case("application/jsonx", false)]
    fn only_json_in_utf_8_is_read(#[case] content_type: &str, #[case] expected: bool) {
        assert_eq!(is_json(&headers(CONTENT_TYPE, content_type)), expected);
    }
}
