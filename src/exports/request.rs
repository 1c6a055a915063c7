//! What is asked of an export beside its kind, as it is kept; and what makes no sense. Pure.

use entity::export::{ColumnSet, Delimiter, Format, Kind};
use serde::{Deserialize, Serialize};

use crate::access::Action;
use crate::error::{Code, Refusal, Result};
use crate::read::terms;
use crate::users::filter::{Filter, TimeRange};
use crate::users::search::Search;

/// Which rows, which columns, and how they are written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Request {
    /// Beside those a list has by itself, each once.
    pub columns: Vec<ColumnSet>,
    /// Whose rows; null: everybody's.
    pub users: Option<Filter>,
    /// When what is listed happened; null: ever.
    pub period: Option<TimeRange>,
    /// Null: a comma.
    pub delimiter: Option<Delimiter>,
    /// Whether the file begins with a byte order mark. Null: a CSV file does, because spreadsheets take it for something else than UTF-8 otherwise.
    pub has_mark: Option<bool>,
}

impl Request {
    /// Refuses what makes no sense, or is beyond the bounds of what may be looked for.
    pub fn check(&mut self, kind: Kind, format: Format) -> Result<()> {
        terms::alternatives(&self.columns)?;
        self.columns.sort_unstable();
        self.columns.dedup();
        let invalid = |field: &str, text: &str| {
            Err(Refusal::new(Code::Invalid, text)
                .at(&format!("input.{field}"))
                .into())
        };
        let has = |set| self.columns.contains(&set);
        if kind != Kind::Users && !self.columns.is_empty() {
            return invalid("columnSets", "Only a list of users has columns to choose.");
        }
        if has(ColumnSet::SubscriptionRows) && self.columns.len() > 1 {
            let text = "A line for each seat names its product already. Leave the other columns out, or ask for a second export.";
            return invalid("columnSets", text);
        }
        if kind == Kind::AuditEvents && self.users.is_some() {
            return invalid("userFilter", "The audit log is narrowed by its period alone.");
        }
        if kind != Kind::AuditEvents && self.period.is_some() {
            return invalid(
                "period",
                "People and seats are listed as they are now: only the audit log has a period.",
            );
        }
        if format != Format::Csv && self.delimiter.is_some() {
            return invalid("delimiter", "Only CSV files have a delimiter.");
        }
        if format != Format::Csv && self.has_mark.is_some() {
            return invalid("hasByteOrderMark", "Only CSV files have a byte order mark.");
        }
        if let Some(search) = self.users.as_ref().and_then(|users| users.search.as_deref()) {
            Search::new(search)?;
        }
        if let Some(period) = self.period {
            let [from, to] = [period.from, period.to].map(|time| time.map(terms::time).transpose());
            let (from, to) = (from?, to?);
            if from.zip(to).is_some_and(|(from, to)| from >= to) {
                return invalid("period", "The period ends before it begins.");
            }
        }
        Ok(())
    }

    /// What whoever asks must be allowed to see.
    pub fn needs(&self, kind: Kind) -> Vec<Action> {
        let mut needs = vec![Action::ReadReports];
        needs.push(match kind {
            Kind::AuditEvents => Action::ReadAudit,
            _ => Action::ReadUsers,
        });
        let by_seats = self.users.as_ref().is_some_and(Filter::asks_for_seats);
        if kind == Kind::Assignments || !self.columns.is_empty() || by_seats {
            needs.push(Action::ReadProducts);
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::error::Error;

    fn refused_at(mut request: Request, kind: Kind, format: Format) -> Option<String> {
        match request.check(kind, format) {
            Ok(()) => None,
            Err(Error::Refused(refusals)) => refusals[0].field.as_ref().map(|path| path.join(".")),
            Err(error) => Some(error.code().to_owned()),
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_where_it_stands() {
        let columns = |columns: &[ColumnSet]| Request {
            columns: columns.to_vec(),
            ..Request::default()
        };
        let all = [ColumnSet::Products, ColumnSet::Subscriptions];
        assert_eq!(refused_at(columns(&all), Kind::Users, Format::Csv), None);
        let fields = [
            refused_at(columns(&all), Kind::Assignments, Format::Csv),
            refused_at(
                columns(&[ColumnSet::Products, ColumnSet::SubscriptionRows]),
                Kind::Users,
                Format::Csv,
            ),
        ];
        assert_eq!(
            fields,
            [
                Some("input.columnSets".to_owned()),
                Some("input.columnSets".to_owned())
            ]
        );
        let twice = columns(&[ColumnSet::SubscriptionRows, ColumnSet::SubscriptionRows]);
        assert_eq!(
            refused_at(twice, Kind::Users, Format::Csv),
            None,
            "named twice is named once"
        );

        let filtered = Request {
            users: Some(Filter::default()),
            ..Request::default()
        };
        assert_eq!(refused_at(filtered.clone(), Kind::Users, Format::Csv), None);
        assert_eq!(
            refused_at(filtered, Kind::AuditEvents, Format::Csv).as_deref(),
            Some("input.userFilter")
        );

        let written = Request {
            delimiter: Some(Delimiter::Tab),
            ..Request::default()
        };
        assert_eq!(refused_at(written.clone(), Kind::Users, Format::Csv), None);
        assert_eq!(
            refused_at(written, Kind::Users, Format::Ndjson).as_deref(),
            Some("input.delimiter")
        );
        let marked = Request {
            has_mark: Some(false),
            ..Request::default()
        };
        assert_eq!(
            refused_at(marked, Kind::Users, Format::Ndjson).as_deref(),
            Some("input.hasByteOrderMark")
        );
    }

    #[test]
    fn a_period_has_a_length_and_belongs_to_the_audit_log() {
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        let within = |from, to| Request {
            period: Some(TimeRange { from, to }),
            ..Request::default()
        };
        let day = Duration::days(1);
        assert_eq!(
            refused_at(within(Some(now), Some(now + day)), Kind::AuditEvents, Format::Csv),
            None
        );
        assert_eq!(
            refused_at(within(None, None), Kind::AuditEvents, Format::Csv),
            None
        );
        for to in [now, now - day] {
            let refused = refused_at(within(Some(now), Some(to)), Kind::AuditEvents, Format::Csv);
            assert_eq!(refused.as_deref(), Some("input.period"));
        }
        let refused = refused_at(within(Some(now), None), Kind::Users, Format::Csv);
        assert_eq!(refused.as_deref(), Some("input.period"));
        let late = within(Some(now + Duration::days(4_000_000)), None);
        assert_eq!(
            refused_at(late, Kind::AuditEvents, Format::Csv).as_deref(),
            Some("BAD_USER_INPUT")
        );
    }

    #[test]
    fn whoever_asks_for_seats_must_see_seats() {
        let plain = Request::default();
        assert_eq!(
            plain.needs(Kind::AuditEvents),
            [Action::ReadReports, Action::ReadAudit]
        );
        assert_eq!(plain.needs(Kind::Users), [Action::ReadReports, Action::ReadUsers]);
        assert!(plain.needs(Kind::Assignments).contains(&Action::ReadProducts));
        let with_products = Request {
            columns: vec![ColumnSet::Products],
            ..Request::default()
        };
        assert!(with_products.needs(Kind::Users).contains(&Action::ReadProducts));
    }
}
